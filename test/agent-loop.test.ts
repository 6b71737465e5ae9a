/** The loop: what it is told and offered, when it ends, what a claim needs, and that nothing grows that need not. */
import { beforeAll, describe, expect, test } from 'vitest';
import { charge, most, NOTHING_SPENT } from '../src/agent/budget.ts';
import { digest, page } from '../src/agent/digest.ts';
import { linesOf } from '../src/agent/lines.ts';
import { stall } from '../src/agent/progress.ts';
import { activitiesOf } from '../src/app/model-activities.ts';
import { tellsHarm } from '../src/claims/harm.ts';
import type { AgentLimits } from '../src/core/agent.ts';
import type { ModelRequest, ReplyStop } from '../src/core/model.ts';
import type { Evidence } from '../src/core/types.ts';
import { type Play, SCRIPTED_PRICE, scripted } from '../src/models/scripted.ts';
import { createRedactor } from '../src/safety/redact.ts';
import { type Bench, bench } from './_bench.ts';
import { answersIn, briefIn, conclusionOf, isRefutation, NOT_REFUTED, SOLVED, solver } from './_policies.ts';

const NAME = 'yarrow-gull';
let b: Bench;
beforeAll(async () => {
  b = await bench(NAME);
});
const settling = SOLVED[NAME]!;
const wordsIn = (r: ModelRequest): string =>
  r.messages.flatMap((m) => m.parts.flatMap((p) => (p.type === 'text' ? [p.text] : []))).join('\n');

/** Keeps what the model was sent. */
function watched(policy: (r: ModelRequest, turn: number) => Play): {
  model: ReturnType<typeof scripted>;
  sent: ModelRequest[];
} {
  const sent: ModelRequest[] = [];
  const model = scripted((r, turn) => {
    sent.push(structuredClone(r));
    return policy(r, turn);
  });
  return { model, sent };
}

describe('what the model gets', () => {
  test('only tools that bear on the question, and which ones is journalled with each turn', async () => {
    const { model, sent } = watched(solver(NAME));
    const { events } = await b.look(model);
    expect(sent[0]!.tools.length).toBeLessThanOrEqual(6);
    expect(sent[0]!.tools.map((t) => t.name)).toContain('logs_search');
    const [started] = events.filter((e) => e.type === 'turn.started');
    expect(started).toMatchObject({ offered: sent[0]!.tools.map((t) => t.name), closing: false });
    // What came from outside travels as JSON between marks that it cannot hold, and never in the system prompt.
    const text = wordsIn(sent[0]!);
    const mark = /^<(data-[0-9a-f]{16})>\n/.exec(text)?.[1];
    expect(text.endsWith(`</${mark}>`)).toBe(true);
    expect(sent[0]!.system).not.toContain('payments');
  });

  test('each answer once: the same question again points at it, and costs nothing', async () => {
    const { model, sent } = watched((r, turn) =>
      isRefutation(r)
        ? { answer: NOT_REFUTED }
        : turn < 3
          ? { calls: [settling.ask, settling.ask] }
          : solver(NAME)(r, turn),
    );
    const { looked } = await b.look(model);
    expect(looked.verdict.agent?.calls).toBe(1);
    const results = sent[2]!.messages.flatMap((m) => m.parts.flatMap((p) => (p.type === 'result' ? [p.text] : [])));
    expect(results.map((t) => t.includes('configuration reloaded'))).toEqual([true, false, false, false]);
    // The transcript only grows: what was sent is sent again unchanged, so a cache holds it.
    for (const [i, r] of sent.slice(1, 3).entries())
      expect(r.messages.slice(0, sent[i]!.messages.length - 1)).toEqual(sent[i]!.messages.slice(0, -1));
  });

  test('lines of an answer that was reduced, and of one that the workflow asked', async () => {
    const read = { name: 'read_lines', input: { evidence: 'E5.1', from: 2, to: 3 } };
    const { model, sent } = watched((r, turn) =>
      turn === 1
        ? { calls: [read, { name: 'read_lines', input: { evidence: 'E99.1', from: 1, to: 2 } }] }
        : solver(NAME)(r, turn),
    );
    await b.look(model);
    const [good, bad] = sent[1]!.messages.at(-1)!.parts;
    expect(good).toMatchObject({ type: 'result' });
    const told = JSON.parse((good as { text: string }).text) as { evidence: string; lines: string[] };
    expect([told.evidence, told.lines.map((l) => l.slice(0, 3))]).toEqual(['E5.1', ['L2 ', 'L3 ']]);
    expect(bad).toMatchObject({ failed: true });
  });
});

describe('the gates', () => {
  test('addresses and mails reach the model as names, come back in its quotes, and never in its prose', async () => {
    const line = 'configuration reloaded by 203.0.113.77 (jon@shop.example)';
    const own = { ...b.open, alert: { ...b.open.alert, annotations: { summary: `seen ${line}` } } };
    const { model, sent } = watched(() => ({
      answer: {
        outcome: 'inconclusive',
        entity: null,
        category: null,
        change: null,
        claims: [],
        note: `it was ${'⟨ip:1⟩'}`,
      },
    }));
    const { looked } = await b.look(model, {}, own);
    const words = wordsIn(sent[0]!);
    expect(words).toContain('⟨ip:1⟩ (⟨mail:1⟩)');
    expect(words).not.toMatch(/203\.0\.113\.77|jon@shop/);
    expect(looked.verdict.agent?.note).toBe('it was ⟨ip:1⟩');
  });

  test('what outsiders wrote reaches the model as shape first, and word for word only when it reads the lines', async () => {
    const { model, sent } = watched((r, turn) => {
      if (turn === 1) return { calls: [settling.ask] };
      if (turn === 2)
        return { calls: [{ name: 'read_lines', input: { evidence: answersIn(r)[0]!.evidence, from: 1, to: 1 } }] };
      return solver(NAME)(r, turn);
    });
    await b.look(model);
    const results = sent[2]!.messages.flatMap((m) => m.parts.flatMap((p) => (p.type === 'result' ? [p.text] : [])));
    for (const text of results) expect(text).toContain('"attacker_writable":true');
    expect(results[1]).toContain('configuration reloaded');
  });
});

describe('a large answer', () => {
  const lines = Array.from(
    { length: 5000 },
    (_, i) =>
      `2026-11-20T08:${String(i % 60).padStart(2, '0')}:00.000Z orders ERROR: order ${i} failed for "customer ${i * 7}"`,
  );

  test('is told as kinds, their times, head and tail, and says what it leaves out', () => {
    const short = digest(lines, 6000);
    expect(short.lines.join('\n').length).toBeLessThanOrEqual(6000);
    expect(short.lines[0]).toBe('-- 5,000 lines of 1 kinds:');
    expect(short.lines.some((l) => l.startsWith('-- in time, 12 equal parts'))).toBe(true);
    const gap = short.lines.find((l) => l.includes('are not shown'))!;
    const [, from, to, left] = /L(\d+)-L(\d+) are not shown \(([\d,]+) of 5,000 lines\): read_lines/.exec(gap)!;
    expect(Number(to) - Number(from) + 1).toBe(Number(left!.replace(',', '')));
    expect(short.shown + Number(left!.replace(',', ''))).toBe(5000);
    expect(short.lines).toContain(`L1 ${lines[0]}`);
    expect(short.lines.at(-1)).toBe(`L5000 ${lines[4999]}`);
  });

  test('can be read to its end, page by page', () => {
    const seen: string[] = [];
    for (let from = 1; from <= 5000; ) {
      const part = page(lines, from, 5000, 50_000);
      seen.push(...part.lines.filter((l) => !l.startsWith('--')).map((l) => l.replace(/^L\d+ /, '')));
      from += part.shown;
    }
    expect(seen).toEqual(lines);
  });

  test('hides nothing in one endless line, and shows what is invisible', () => {
    const body = `${'x'.repeat(5000)} the end \u202egnp.exe`;
    const e = {
      capability: 'logs.search',
      data: { records: [{ timestamp: 't', body }] },
      input: {},
    } as unknown as Evidence;
    const all = linesOf(e);
    expect(Math.max(...all.map((l) => l.length))).toBeLessThanOrEqual(2000);
    expect(all.join('')).toContain('the end <U+202E>gnp.exe');
  });
});

describe('no progress', () => {
  const look = (question: string, more: object = {}) => ({
    turn: 1,
    question,
    result: question,
    failed: false,
    fresh: false,
    ...more,
  });
  test.each<[string, object[], string | undefined]>([
    [
      'the same question',
      [look('a', { fresh: true }), look('a', { turn: 2 })],
      'the same question brings the same answer',
    ],
    [
      'two that alternate',
      [
        look('a', { fresh: true }),
        look('b', { fresh: true }),
        look('a', { result: 'x' }),
        look('b', { result: 'y', turn: 2 }),
      ],
      'two questions take turns',
    ],
    [
      'errors',
      [look('a', { failed: true }), look('b', { failed: true }), look('c', { failed: true, turn: 2 })],
      'the last 3 calls failed',
    ],
    ['nothing new', [look('a'), look('b', { turn: 2 }), look('c', { turn: 3 })], 'nothing new in 3 turns'],
    [
      'one hypothesis alone',
      [1, 2, 3, 4].map((turn) => look(`q${turn}`, { turn, fresh: true, tests: 'H1' })),
      '4 turns on H1 alone',
    ],
    [
      'several hypotheses',
      [1, 2, 3, 4].map((turn) => look(`q${turn}`, { turn, fresh: true, tests: `H${turn % 2}` })),
      undefined,
    ],
    ['something new', [look('a', { fresh: true }), look('b', { fresh: true, turn: 2 })], undefined],
  ])('%s', (_name, looks, why) => {
    const said = stall(looks as never, 0, (looks.at(-1) as { turn: number }).turn);
    if (why) expect(said).toContain(why);
    else expect(said).toBeUndefined();
  });

  test('first a nudge, then one new plan that names what was tried, then the hand-over to a human', async () => {
    const { model, sent } = watched(() => ({ calls: [settling.ask] }));
    const { looked, state } = await b.look(model, { turns: 12 });
    expect(looked.verdict.agent).toMatchObject({
      stop: 'no-progress',
      why: expect.stringContaining('the same question'),
    });
    const words = wordsIn(sent.at(-1)!);
    expect(words.match(/No progress: /g)).toHaveLength(1);
    expect(words).toContain('Already tried:\n- logs_search payments "configuration": 1 record (E11.1)');
    expect(sent.at(-1)!.tools.length).toBeGreaterThan(sent[0]!.tools.length);
    expect(looked.verdict.outcome).toBe('inconclusive');
    expect(state.verdict?.agent?.tried[0]).toContain('configuration');
  });
});

describe('the budget', () => {
  const greedy = (): Play => ({
    calls: [
      { name: 'logs_search', input: { tests: 'H0', service: 'payments', limit: 5 + Math.floor(Math.random() * 400) } },
    ],
  });
  test.each<[string, object, string]>([
    ['turns', { turns: 3 }, 'turns'],
    ['dollars', { dollars: 0.13 }, 'dollars'],
    ['tokens', { tokens: 60_000 }, 'tokens'],
    ['calls', { calls: 2, turns: 20 }, 'calls'],
  ])(
    'of %s: at 80 %% it is told to conclude, without tools, and the rest is kept back for that',
    async (_name, limits, what) => {
      let limit = 0;
      const { model, sent } = watched((r) =>
        r.mayCall
          ? { calls: [{ name: 'logs_search', input: { tests: 'H0', service: 'payments', limit: ++limit } }] }
          : { answer: { outcome: 'inconclusive', entity: null, category: null, change: null, claims: [], note: '' } },
      );
      const { looked, events } = await b.look(model, limits);
      const last = sent.at(-1)!;
      expect(last.mayCall).toBe(false);
      expect(wordsIn(last)).toContain('Conclude now');
      const closing = events.findLast((e) => e.type === 'turn.started');
      expect(closing).toMatchObject({ closing: true, offered: [], aim: `conclude: ${what} nearly spent` });
      expect(looked.verdict.agent?.stop).toBe('concluded');
    },
  );

  test('spent without a conclusion ends with exit 12 and the workflow’s findings', async () => {
    const { looked } = await b.look(scripted(greedy), { turns: 2 });
    expect(looked).toMatchObject({ exit: 12, verdict: { outcome: 'inconclusive', agent: { stop: 'turns' } } });
  });

  test.each<[ReplyStop, number, number]>([
    ['answered', 1000, 7],
    ['aborted', 1000, 4096],
    ['timeout', 1000, 4096],
    ['cut-off', 1000, 4096],
    ['malformed', 1000, 4096],
    ['cut-off', 0, 4096 + 4000],
    ['rate-limited', 0, 0],
    ['overloaded', 1000, 4096],
  ])('pays for a reply that ended "%s" after %i tokens of prompt what it may have cost', (stop, input, more) => {
    const usage = { input, output: input > 0 ? 7 : 0, cacheRead: 0, cacheWrite: 0 };
    const reserved = most(4000, 4096, SCRIPTED_PRICE);
    const reply = { stop, parts: [], usage, model: '', ms: 0 };
    const { tokens, dollars } = charge(NOTHING_SPENT, reply, SCRIPTED_PRICE, reserved, 4096);
    expect(tokens).toBe(input + more);
    const output = more - (input > 0 || more === 0 ? 0 : 4000);
    expect(dollars).toBeGreaterThanOrEqual((output * SCRIPTED_PRICE.output + input * SCRIPTED_PRICE.input) / 1e6);
  });

  test('too small for a single turn buys none', async () => {
    const { model, sent } = watched(greedy);
    const { looked } = await b.look(model, { tokens: 1000 });
    expect([sent.length, looked.verdict.agent?.stop]).toEqual([0, 'tokens']);
  });

  test('of tokens: where bytes alone would forbid a turn, the provider is asked to count', async () => {
    const base = scripted(solver(NAME));
    let counted = 0;
    const count = (r: ModelRequest): Promise<number> => {
      counted++;
      return Promise.resolve(Math.ceil(JSON.stringify(r).length / 4));
    };
    const limits = { tokens: 40_000, replyTokens: 1024 };
    const [without, with_] = [await b.look(scripted(solver(NAME)), limits), await b.look({ ...base, count }, limits)];
    expect(without.looked.verdict.outcome).toBe('inconclusive');
    expect(with_.looked.verdict.outcome).toBe('cause');
    expect(counted).toBeGreaterThan(0);
    expect(with_.looked.verdict.agent!.tokens).toBeLessThanOrEqual(limits.tokens);
  });
});

test('a count of tokens that never comes ends at its deadline, and when a person breaks it off', async () => {
  const person = new AbortController();
  const hanging = { ...scripted(() => ({})), count: () => new Promise<number>(() => {}) };
  const redact = createRedactor([]);
  const requests = new Map([['r', { messages: [] } as unknown as ModelRequest]]);
  const countIn = async (now: () => number, calling?: () => AbortSignal): Promise<string> => {
    const desk = { requests, redact, now, ...(calling ? { calling } : {}) };
    const counting = activitiesOf([hanging], desk).find((a) => a.name === 'scripted.count')!;
    const run = { signal: new AbortController().signal, deadline: 1_000_000 };
    const counted = counting.run({ request: 'r', model: hanging.name }, run as never);
    person.abort();
    return (await counted).answer.status;
  };
  expect(
    await countIn(
      () => 0,
      () => person.signal,
    ),
  ).toBe('failed');
  expect(await countIn(() => 1_000_000)).toBe('failed');
});

describe('the conclusion', () => {
  /** Asks the settling question, then says something else. */
  const saying = (
    change: (whole: Record<string, unknown>, evidence: string, r: ModelRequest) => unknown,
    refute: unknown = NOT_REFUTED,
  ) => {
    let evidence = '';
    return watched((r) => {
      if (isRefutation(r)) return { answer: refute };
      if (r.messages.length === 1) return { calls: [settling.ask] };
      evidence ||= answersIn(r)[0]?.evidence ?? '';
      return { answer: change(conclusionOf(settling, briefIn(r), evidence), evidence, r) };
    });
  };

  test('with a claim that fails goes back once, and then loses it and some confidence', async () => {
    const { model, sent } = saying((whole, evidence) => ({
      ...whole,
      claims: [
        ...(whole.claims as object[]),
        { type: 'mentions', evidence, quote: 'configuration reloaded by jon.barre' },
      ],
    }));
    const { looked } = await b.look(model);
    expect(wordsIn(sent[2]!)).toContain(
      'claims[2] (mentions): E11.1 does not hold "configuration reloaded by jon.barre"',
    );
    const whole = (await b.look(scripted(solver(NAME)))).looked.verdict;
    expect(looked.verdict.confidence).toBeLessThan(whole.confidence);
    expect(looked.verdict.claims.filter((c) => !c.ok).map((c) => c.sentence)).toEqual([
      'dropped: E11.1 does not hold "configuration reloaded by jon.barre"',
    ]);
    expect(looked.verdict.outcome).toBe('cause');
  });

  test('that rests only on text which an outsider can write is never confirmed', async () => {
    const { model } = saying((whole) => ({
      ...whole,
      claims: (whole.claims as { type: string }[]).filter((c) => c.type === 'mentions'),
    }));
    const { looked } = await b.look(model);
    expect(looked.verdict).toMatchObject({ outcome: 'inconclusive', confirmed: false });
    expect(looked.verdict.confidence).toBeLessThanOrEqual(0.7);
    expect(looked.verdict.headline).toMatch(/^unconfirmed, rests on text that an outsider can write: /);
  });

  test('without any answer of its own says nothing new: the gate stays shut', async () => {
    const { model } = watched((r) => ({
      answer: {
        ...conclusionOf(settling, briefIn(r), 'E5.1'),
        claims: briefIn(r)
          .facts.slice(0, 4)
          .map((f) => ({ type: 'known', id: f.id })),
      },
    }));
    expect((await b.look(model)).looked.verdict).toMatchObject({ outcome: 'inconclusive' });
  });

  test('accuses only who and what the sources know, and a change only of whose it is', async () => {
    for (const wrong of [
      { entity: 'libfoo' },
      { change: 'deploy/payments/9.9.9' },
      { entity: 'orders', change: 'deploy/payments/1.19.5' },
    ]) {
      const { model, sent } = saying((whole) => ({ ...whole, ...wrong }));
      const { looked } = await b.look(model);
      expect(looked.verdict.outcome).toBe('inconclusive');
      expect(wordsIn(sent[2]!)).toMatch(/entity: |change: /);
    }
  });

  test('is spoken by code: the words of the model stand in their box only', async () => {
    const { model } = saying((whole) => ({ ...whole, note: 'the moon did it, see http://attacker.example' }));
    const { looked } = await b.look(model);
    const { agent, ...rest } = looked.verdict;
    expect(agent?.note).toContain('the moon did it');
    expect(JSON.stringify(rest)).not.toContain('moon');
  });

  test('rests on an answer about the accused or its neighbours, and on something that got clearly worse', async () => {
    // gateway does not call the bank: what is asked of the one says nothing of the other.
    const { model, sent } = watched((r) => {
      if (isRefutation(r)) return { answer: NOT_REFUTED };
      if (r.messages.length === 1)
        return { calls: [{ name: 'logs_search', input: { tests: 'H0', service: 'gateway', limit: 5 } }] };
      const [own] = answersIn(r);
      const quote = own?.lines[0]?.split(': ')[1]?.slice(0, 12) ?? 'nothing new';
      return {
        answer: { ...conclusionOf({ ...settling, entity: 'bank', quote }, briefIn(r), own?.evidence ?? 'E11.1') },
      };
    });
    expect((await b.look(model)).looked.verdict.outcome).toBe('inconclusive');
    expect(wordsIn(sent[2]!)).toContain('about the accused or its neighbours');
    const values = (a: number, c: number): (number | null)[] => [a, a, c, c];
    const series = [
      { labels: { __name__: 'errors_per_second', service: 'a' }, times: [0, 1, 2, 3], values: values(1, 1.2) },
      { labels: { __name__: 'errors_per_second', service: 'b' }, times: [0, 1, 2, 3], values: values(1, 2) },
      { labels: { __name__: 'errors_per_second', service: 'c' }, times: [0, 1, 2, 3], values: values(2, 1) },
      { labels: { __name__: 'availability', service: 'd' }, times: [0, 1, 2, 3], values: values(100, 95) },
    ];
    const at = (ms: number): string => new Date(ms).toISOString();
    const worse = series.map((s) => {
      const claim = {
        type: 'changed' as const,
        series: { evidence: 'E1.1', labels: s.labels },
        statistic: 'median' as const,
        from: { from: at(0), to: at(2) },
        to: { from: at(2), to: at(4) },
        direction: 'up' as const,
      };
      return tellsHarm(claim, () => ({ capability: 'metrics.range', data: { series } }) as unknown as Evidence);
    });
    expect(worse).toEqual([false, true, false, true]);
  });

  test('may cite lines of an answer: the quote must stand in them', async () => {
    const cited = async (lines: string): Promise<boolean[]> => {
      const { model } = saying((whole, evidence) => ({
        ...whole,
        claims: [
          { type: 'mentions', evidence: `${evidence}#${lines}`, quote: settling.quote },
          ...(whole.claims as object[]).slice(0, 1),
        ],
      }));
      return (await b.look(model)).looked.verdict.claims.filter((c) => c.claim.type === 'mentions').map((c) => c.ok);
    };
    expect([await cited('L1'), await cited('L1-4'), await cited('L2'), await cited('L7-9')]).toEqual([
      [true],
      [true],
      [false],
      [false],
    ]);
  });

  test('of an absence needs an answer that is complete and empty', async () => {
    const { model } = saying((whole, evidence) => ({
      ...whole,
      claims: [...(whole.claims as object[]), { type: 'absent', evidence }],
    }));
    const dropped = (await b.look(model)).looked.verdict.claims.filter((c) => !c.ok);
    expect(dropped.map((c) => c.sentence)).toEqual(['dropped: E11.1 is ok, which proves no absence']);
  });

  test.each<[string, unknown, (before: number, after: number) => boolean]>([
    ['says nothing against it', NOT_REFUTED, (a, c) => a === c],
    ['has only words against it', { refuted: true, claims: [], note: 'no' }, (a, c) => c < a && c >= 0.7],
    [
      'has a claim against it that does not hold',
      { refuted: true, claims: [{ type: 'known', id: 'C999' }], note: 'no' },
      (a, c) => c < a && c >= 0.7,
    ],
    [
      'has a claim against it that holds',
      { refuted: true, claims: [{ type: 'known', id: 'C1' }], note: 'no' },
      (_a, c) => c <= 0.7,
    ],
    ['is no JSON', 'nonsense', (a, c) => a === c],
  ])('and a second pass that %s never raises the confidence', async (_name, refutation, holds) => {
    const before = (await b.look(scripted(solver(NAME)))).looked.verdict.confidence;
    const { model } = saying((whole) => whole, refutation);
    const { verdict } = (await b.look(model)).looked;
    expect([before, verdict.confidence, holds(before, verdict.confidence)]).toEqual([before, verdict.confidence, true]);
    expect(verdict.outcome).toBe(verdict.confidence >= 0.7 ? 'cause' : 'inconclusive');
  });

  test.each<[string, Partial<AgentLimits>, Play, string]>([
    ['the budget forbids', { turns: 2 }, { answer: NOT_REFUTED }, 'the budget of turns is spent'],
    ['the model refuses', {}, { stop: 'refused' }, 'refused: scripted: refused'],
    ['brings no JSON', {}, { answer: 'nonsense' }, 'the answer is no JSON of the given shape'],
  ])('whose second pass %s says so in the verdict', async (_name, limits, play, why) => {
    const { model } = watched((r, turn) => (isRefutation(r) ? play : solver(NAME)(r, turn)));
    const { verdict } = (await b.look(model, limits)).looked;
    expect([verdict.outcome, verdict.agent?.unrefuted]).toEqual(['cause', why]);
    expect(verdict.notChecked).toContainEqual({ what: 'whether anything refutes the conclusion', why });
    const whole = (await b.look(scripted(solver(NAME)))).looked.verdict;
    expect([whole.agent?.unrefuted, whole.notChecked.map((x) => x.what)]).toEqual([
      undefined,
      expect.not.arrayContaining(['whether anything refutes the conclusion']),
    ]);
  });
});
