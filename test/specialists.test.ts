/** Several specialists: each its own question, one budget that nobody overdraws, one verdict by code, and what they disagree on is told. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { seeded } from '../fixtures/lab/world/random.ts';
import { NOTHING_SPENT } from '../src/agent/budget.ts';
import { SharedPurse } from '../src/agent/shared.ts';
import type { Desk } from '../src/app/desk.ts';
import { type AgentLimits, DEFAULT_AGENT_LIMITS } from '../src/core/agent.ts';
import { columnsOf } from '../src/core/columns.ts';
import type { Event } from '../src/core/events.ts';
import { type Model, NO_USAGE, type Reply } from '../src/core/model.ts';
import { emptyState, type State } from '../src/core/run-state.ts';
import { reduce } from '../src/core/state.ts';
import { type Policy, scripted } from '../src/models/scripted.ts';
import { report as json } from '../src/reports/json.ts';
import { report as markdown } from '../src/reports/markdown.ts';
import { report as text } from '../src/reports/text.ts';
import { boardRows } from '../src/ui/board.ts';
import { attack } from './_adversaries.ts';
import { type Bench, bench } from './_bench.ts';
import { answersIn, briefIn, SOLVED } from './_policies.ts';
import { ROOT } from './_program.ts';
import { teamSolver, UNDECIDED, whoseIs } from './_team.ts';

const NAME = 'yarrow-gull';
const ALL = ['metrics', 'logs', 'traces', 'change'];
const LIMITS = { turns: 16 };
let b: Bench;
beforeAll(async () => {
  b = await bench(NAME);
});

/** Counts a quarter of the bytes, as the scripted model does itself. */
const counting = (policy: Policy): Model => ({
  ...scripted(policy),
  count: (r) => Promise.resolve(Math.ceil(Buffer.byteLength(JSON.stringify(r)) / 4)),
});
const load = () => Promise.resolve(null);

describe('open incidents', () => {
  test.each(Object.keys(SOLVED))('%s is settled by the specialist whose question it is', async (name) => {
    const at = name === NAME ? b : await bench(name);
    const truth = JSON.parse(readFileSync(join(ROOT, 'fixtures/incidents', name, 'truth.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    const { looked, events } = await at.look(counting(teamSolver(name)), LIMITS, at.open, true);
    const { verdict } = looked;
    expect(verdict).toMatchObject({ outcome: 'cause', confirmed: true, category: truth.category });
    expect([truth.entity].flat()).toContain(verdict.entity?.name);
    expect(verdict.agent?.specialists?.map((s) => [s.name, s.stop])).toEqual(ALL.map((s) => [s, 'concluded']));
    expect(verdict.agent?.disagreement).toBeUndefined();
    // Each asks its own kind of evidence, at once, under keys of its own, and becomes evidence of its own step.
    const turns = events.filter((e) => e.type === 'turn.started');
    expect(turns.slice(0, 4).map((e) => e.key)).toEqual(ALL.map((s) => `A.${s}.T1`));
    expect(new Set(turns.slice(0, 4).flatMap((e) => e.offered)).size).toBe(
      turns.slice(0, 4).flatMap((e) => e.offered).length - 3,
    );
    const asked = events.filter((e) => e.type === 'call.started' && /^E/.test(e.key) && e.step === 'agent');
    expect(asked.map((e) => ('key' in e ? e.key : '')).sort()).toEqual(
      ALL.map((_, i) => `E${at.open.step + i}.1`).sort(),
    );
  });
});

describe('one budget', () => {
  test('its parts are never more than what is left, whatever is spent of them', async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const limits: AgentLimits = {
        ...DEFAULT_AGENT_LIMITS,
        turns: Math.floor(random() * 30),
        calls: Math.floor(random() * 30),
        tokens: Math.floor(random() * 200_000),
        dollars: random(),
      };
      const shared = new SharedPurse(limits, 1000, () => Promise.resolve());
      const members = Array.from({ length: 1 + Math.floor(random() * 5) }, () => shared.join());
      const work = members.map(async ({ purse, ready, leave }) => {
        while (random() > 0.1) {
          await ready();
          const left = (what: 'turns' | 'calls' | 'tokens' | 'dollars'): number =>
            purse.limits[what] - purse.spent[what];
          purse.spent = {
            turns: purse.spent.turns + Math.min(1, left('turns')),
            calls: purse.spent.calls + Math.floor(random() * (left('calls') + 1)),
            tokens: purse.spent.tokens + Math.floor(random() * (left('tokens') + 1)),
            dollars: purse.spent.dollars + random() * left('dollars'),
            timeMs: purse.spent.timeMs + 10,
          };
        }
        leave();
      });
      await Promise.all(work);
      const spent = shared.spent();
      for (const what of ['turns', 'calls', 'tokens'] as const) expect(spent[what]).toBeLessThanOrEqual(limits[what]);
      expect(spent.dollars).toBeLessThanOrEqual(limits.dollars + 1e-9);
    }
    expect(new SharedPurse(DEFAULT_AGENT_LIMITS, 1, () => Promise.resolve()).spent()).toEqual(NOTHING_SPENT);
  });

  test('models that mean harm do not overdraw it together, and every run ends with a typed stop and a report', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { broken, adversary } = await attack(b, seed, undefined, true);
      expect([seed, adversary, broken]).toEqual([seed, adversary, []]);
    }
  }, 120_000);

  test('one that is too small for all asks those whose evidence bears on the question, and says who was not asked', async () => {
    const { looked } = await b.look(scripted(teamSolver(NAME)), LIMITS, b.open, true);
    const specialists = looked.verdict.agent!.specialists!;
    expect(specialists.filter((s) => s.found === 'was not asked').length).toBeGreaterThan(0);
    expect(specialists.find((s) => s.name === 'logs')!.stop).toBe('concluded');
    expect(looked.verdict.outcome).toBe('cause');
  });
});

/** The model of an incident, but for one specialist. */
function except(who: string, turn: Model['turn']): Model {
  const model = counting(teamSolver(NAME));
  return { ...model, turn: (r, onText, signal) => (whoseIs(r) === who ? turn : model.turn)(r, onText, signal) };
}
const bare = (stop: Reply['stop'], problem: string): Reply => ({
  stop,
  problem,
  parts: [],
  usage: NO_USAGE,
  model: 'scripted',
  ms: 5,
});

describe('one of them', () => {
  test('hangs: its time is over, the others settle the case', async () => {
    let hung = 0;
    const model = except('traces', (_r, _t, signal) => {
      hung++;
      return new Promise((done) => signal.addEventListener('abort', () => done(bare('aborted', 'late'))));
    });
    const { looked } = await b.look(model, { ...LIMITS, timeMs: 900 }, b.open, true);
    expect(hung).toBe(1);
    expect(looked.verdict).toMatchObject({ outcome: 'cause', entity: { name: 'payments' } });
    const traces = looked.verdict.agent!.specialists!.find((s) => s.name === 'traces');
    expect(traces).toMatchObject({ stop: 'time', found: 'accuses nobody', why: 'the budget of time is spent' });
    expect(looked.verdict.agent!.why).toContain('3 of 4 specialists concluded; traces: the budget of time is spent');
  });

  test('fails: the others settle the case, and the report says who is missing', async () => {
    const model = except('metrics', () => Promise.resolve(bare('denied', 'no such key')));
    const { looked, state } = await b.look(model, LIMITS, b.open, true);
    expect(looked.verdict).toMatchObject({ outcome: 'cause', entity: { name: 'payments' } });
    expect(looked.verdict.agent).toMatchObject({ stop: 'concluded' });
    expect(looked.verdict.agent!.specialists![0]).toMatchObject({ name: 'metrics', stop: 'model-unavailable' });
    expect(await text.render(state, load)).toContain('metrics: accuses nobody');
  });

  test('all fail: the case stays as the workflow left it', async () => {
    const { looked } = await b.look(
      scripted(() => ({ stop: 'denied' })),
      LIMITS,
      b.open,
      true,
    );
    expect(looked.verdict.agent!.stop).toBe('model-unavailable');
    expect(looked.verdict.headline).toBe(b.open.verdict.headline);
  });
});

/** The change specialist accuses somebody else, with a measurement of it and an answer of its own. */
const rival: Policy = (request, turn) => {
  if (whoseIs(request) !== 'change' || request.messages.length === 1) return teamSolver(NAME)(request, turn);
  const fact = briefIn(request).facts.find((f) => f.trust === 'clean' && /^orders[ -]/.test(f.says))!;
  const [own] = request.messages.flatMap((m) => answersIn({ ...request, messages: [m] }));
  const claims = [
    { type: 'known', id: fact.id },
    { type: 'mentions', evidence: own!.evidence, quote: 'if (attempt >= attempts) throw error;' },
  ];
  return { answer: { ...UNDECIDED, outcome: 'cause', entity: 'orders', category: 'traffic', claims, note: 'orders!' } };
};

describe('two that disagree', () => {
  let state: State;
  let events: Event[];
  beforeAll(async () => {
    ({ state, events } = await b.look(counting(rival), LIMITS, b.open, true));
  });

  test('lower the confidence: measured against measured, the case stays open', async () => {
    const agreed = await b.look(counting(teamSolver(NAME)), LIMITS, b.open, true);
    const { verdict } = state;
    expect(verdict!.confidence).toBeLessThan(agreed.looked.verdict.confidence);
    expect(verdict).toMatchObject({ outcome: 'inconclusive', confirmed: false });
    const [first, second, ...more] = verdict!.agent!.disagreement!;
    expect([first, second, more]).toEqual([
      expect.stringMatching(/^logs: payments is configured wrongly: .* \(E/),
      expect.stringMatching(/^change: orders is where it comes from: .* \(E/),
      [],
    ]);
  });

  test('are both in the text, the Markdown and the JSON report', async () => {
    const plain = (await text.render(state, load)).replace(/\s+/g, ' ');
    expect(plain).toMatch(
      /Where they disagree .*logs: payments is configured wrongly.* change: orders is where it comes from/,
    );
    const page = await markdown.render(state, load);
    expect(page).toContain('**Where they disagree** (lowers the confidence)');
    expect(page).toMatch(/- change: .*orders/);
    const said = JSON.parse(await json.render(state, load)) as { agent: { disagreement: string[]; asked: unknown[] } };
    expect(said.agent.disagreement).toHaveLength(2);
    expect(said.agent.asked).toContainEqual(expect.objectContaining({ n: 1, by: 'change', state: 'done' }));
  });

  test('stand on the screen, one row each, within its columns', () => {
    const view = { now: 0, since: 0, color: false, ascii: false, motion: false, help: false, stopping: false };
    let at = emptyState();
    const boards = events.map((e) => {
      at = reduce(at, e);
      const small = boardRows(at, { ...view, columns: 60, rows: 14 } as never);
      expect([small.length <= 14, Math.max(...small.map(columnsOf)) <= 60]).toEqual([true, true]);
      return boardRows(at, { ...view, columns: 80, rows: 24 } as never);
    });
    expect(Math.max(...boards.flat().map(columnsOf))).toBeLessThanOrEqual(80);
    expect(Math.max(...boards.map((rows) => rows.length))).toBeLessThanOrEqual(24);
    const both = boards.filter((rows) => ALL.every((s) => rows.some((r) => r.startsWith(` ${s}`))));
    expect(both.length).toBeGreaterThan(0);
  });

  test('words count less than measurements: the case is settled with less confidence, and both are shown', async () => {
    const inWords: Policy = (r, turn) => {
      const play = rival(r, turn);
      const { claims } = (play.answer ?? {}) as { claims?: { type: string }[] };
      if (whoseIs(r) !== 'change' || !claims) return play;
      return { answer: { ...(play.answer as object), claims: claims.filter((c) => c.type === 'mentions') } };
    };
    const agreed = await b.look(counting(teamSolver(NAME)), LIMITS, b.open, true);
    const { verdict } = (await b.look(counting(inWords), LIMITS, b.open, true)).looked;
    expect(verdict).toMatchObject({ outcome: 'cause', entity: { name: 'payments' } });
    expect(verdict.confidence).toBeCloseTo(agreed.looked.verdict.confidence - 0.05);
    expect(verdict.agent!.disagreement).toHaveLength(2);
  });

  test('two against one: the two lead, but what the one has measured leaves the case open', async () => {
    const three: Policy = (r, turn) => {
      if (whoseIs(r) !== 'traces' || r.messages.length === 1) return rival(r, turn);
      const [own] = r.messages.flatMap((m) => answersIn({ ...r, messages: [m] }));
      const fact = briefIn(r).facts.find((f) => f.trust === 'clean' && SOLVED[NAME]!.fact.test(f.says))!;
      const seen = {
        type: 'failing',
        evidence: own!.evidence,
        service: 'bank',
        operation: 'POST bank',
        caller: 'payments',
      };
      const claims = [{ type: 'known', id: fact.id }, seen];
      return { answer: { ...UNDECIDED, outcome: 'cause', entity: 'payments', category: 'config-change', claims } };
    };
    const { verdict } = (await b.look(counting(three), LIMITS, b.open, true)).looked;
    expect(verdict).toMatchObject({ outcome: 'inconclusive', entity: { name: 'payments' } });
    expect(verdict.agent!.disagreement!.map((x) => x.split(':')[0])).toEqual(['logs, traces', 'change']);
  });

  test('who names no change agrees with who names one of the same', async () => {
    const name = 'umber-ibis';
    const at = await bench(name);
    const both: Policy = (r, turn) => {
      const play = teamSolver(name)(r, turn);
      if (whoseIs(r) !== 'logs' || r.messages.length === 1) return play;
      const fact = briefIn(r).facts.find((f) => f.trust === 'clean' && /^orders-1 /.test(f.says))!;
      const claims = [{ type: 'known', id: fact.id }];
      return { answer: { ...UNDECIDED, outcome: 'cause', entity: 'orders', category: 'resource-exhaustion', claims } };
    };
    const { looked } = await at.look(counting(both), LIMITS, at.open, true);
    expect(looked.verdict).toMatchObject({ outcome: 'cause', change: SOLVED[name]!.change });
    expect(looked.verdict.agent!.disagreement).toBeUndefined();
    // They differ in the kind of cause: that costs a little.
    const agreed = await at.look(counting(teamSolver(name)), LIMITS, at.open, true);
    expect(looked.verdict.confidence).toBeLessThan(agreed.looked.verdict.confidence);
  });
});

test('a hint is for all of them, once, and an interruption ends all calls', async () => {
  const advised: string[] = [];
  const model = counting((r, turn) => {
    const words = r.messages.flatMap((m) => m.parts.flatMap((p) => (p.type === 'text' ? [p.text] : []))).join(' ');
    if (words.split('look at the pool').length === 2) advised.push(whoseIs(r));
    return teamSolver(NAME)(r, turn);
  });
  let hung = 0;
  let at: Desk | undefined;
  const hanging: Model = {
    ...model,
    turn(r, onText, signal) {
      if (hung >= 4) return model.turn(r, onText, signal);
      if (++hung === 4) setImmediate(() => at!.interrupt());
      return new Promise((done) => signal.addEventListener('abort', () => done(bare('aborted', 'interrupted'))));
    },
  };
  const { looked, events } = await b.look(
    hanging,
    { ...LIMITS, tokens: 1_000_000, dollars: 9 },
    b.open,
    true,
    (desk) => {
      at = desk;
      desk.hint('look at the pool');
    },
  );
  expect(hung).toBe(4);
  expect(new Set(advised)).toEqual(new Set(ALL));
  expect(events.filter((e) => e.type === 'hint.used')).toHaveLength(1);
  expect(looked.verdict.outcome).toBe('cause');
});

test('whoever answers first, the run and its report are the same', async () => {
  const said = new Set<string>();
  for (let seed = 1; seed <= 6; seed++) {
    const random = seeded(seed);
    const model = counting(rival);
    const slow: Model = {
      ...model,
      async turn(r, onText, signal) {
        for (let i = Math.floor(random() * 20); i > 0; i--) await new Promise((done) => setImmediate(done));
        return model.turn(r, onText, signal);
      },
    };
    const { state, looked } = await b.look(slow, LIMITS, b.open, true);
    const { evidence, turns, meters } = state;
    said.add(JSON.stringify([looked, turns, meters, evidence.map((e) => e.id).sort()]));
  }
  expect(said.size).toBe(1);
});
