/** Steps: they ask inside the time of the investigation, in a fixed order, and judge only what was answered. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadPlugins } from '../src/app/plugins.ts';
import type { Answers, Capability, Questions } from '../src/core/capabilities.ts';
import type { Alert, Answer, Evidence, Finding, Status, Step, StepContext } from '../src/core/types.ts';
import { source } from '../src/sources/bundle.ts';
import type { Tool } from '../src/tools/tool.ts';

const ROOT = join(import.meta.dirname, '../src');
const CASE = join(import.meta.dirname, '../fixtures/incidents/kelp-raven');
const info = JSON.parse(readFileSync(join(CASE, 'bundle.json'), 'utf8')) as { now: string; window: { from: string } };
const steps = await loadPlugins<Step>(ROOT, 'steps', 'step', 'step');
const startsAt = new Date(Date.parse(info.now) - 120_000).toISOString();

const alert: Alert = {
  title: 'gateway is failing',
  service: 'gateway',
  status: 'firing',
  startsAt,
  labels: {},
  annotations: {},
  links: [],
  source: 'test',
  fingerprint: 'f',
};
const from = new Date(Date.parse(startsAt) - 60_000).toISOString();

interface Asked {
  capability: Capability;
  question: Questions[Capability];
  id: string;
}

/** A context over some way to answer; `asked` tells what was asked, in order. */
function context(
  answerTo: (capability: Capability, question: Questions[Capability]) => Promise<Answer[]>,
  can: (c: Capability) => boolean = () => true,
): { ctx: StepContext; asked: Asked[] } {
  const asked: Asked[] = [];
  const ctx: StepContext = {
    alert,
    window: { from, to: info.now, baseline: { from: info.window.from, to: from } },
    now: info.now,
    baselines: [],
    can,
    findings: [],
    ask: async <C extends Capability>(capability: C, question: Questions[C], why: string): Promise<Evidence<C>[]> => {
      const id = `E1.${asked.length + 1}`;
      asked.push({ capability, question, id });
      const answers = (await answerTo(capability, question)) as Answer<C>[];
      const rest = {
        id,
        step: 's',
        capability,
        tool: `t.${capability}`,
        input: question,
        why,
        fetchedAt: info.now,
        ms: 0,
      };
      return answers.map((a) => ({ ...a, ...rest }));
    },
  };
  return { ctx, asked };
}

/** Runs all steps in an order that respects `after`. */
async function runAll(ctx: StepContext): Promise<Map<string, Finding[]>> {
  const done = new Map<string, Finding[]>();
  const visit = async (name: string): Promise<void> => {
    if (done.has(name)) return;
    const step = steps.get(name)!;
    for (const a of step.after ?? []) await visit(a);
    const findings = (step.after ?? []).flatMap((a) => done.get(a) ?? []);
    done.set(name, step.needs.every((c) => ctx.can(c)) ? await step.run({ ...ctx, findings }) : []);
  };
  for (const name of steps.keys()) await visit(name);
  return done;
}

const failing = (status: Exclude<Status, 'ok' | 'empty'>) => (): Promise<Answer[]> =>
  Promise.resolve([{ status, summary: 'no', searched: 'x', trust: 'clean', problem: 'down' }]);

describe('on a recorded incident', async () => {
  const opened = await source.open(
    'bundle',
    { dir: CASE },
    { cwd: CASE, fetch: () => Promise.reject(new Error('no network')), now: () => Date.parse(info.now), services: {} },
  );
  const tool = (c: Capability): Tool | undefined => opened.tools.find((t) => t.capability === c);
  const answered = async (c: Capability, q: Questions[Capability]): Promise<Answer[]> => [
    await tool(c)!.run(q as never, { signal: new AbortController().signal }),
  ];
  const { ctx, asked } = context(answered, (c) => tool(c) !== undefined);
  const found = await runAll(ctx);

  test('no question reaches beyond now, and each has its own absolute window', () => {
    expect(asked.length).toBeGreaterThan(10);
    for (const { question } of asked) {
      expect(Date.parse(question.to)).toBeLessThanOrEqual(Date.parse(info.now));
      expect(Date.parse(question.from)).toBeLessThan(Date.parse(question.to));
    }
  });

  test('every finding cites only what was asked, and holds only JSON', () => {
    const ids = new Set(asked.map((a) => a.id));
    for (const f of [...found.values()].flat()) {
      for (const id of f.cites) expect(ids).toContain(id);
      expect(JSON.parse(JSON.stringify(f))).toEqual(f);
      expect(f.severity).toBeGreaterThanOrEqual(0);
      expect(f.severity).toBeLessThanOrEqual(1);
    }
  });

  test('asking again asks the same in the same order and finds the same', async () => {
    const again = context(answered, (c) => tool(c) !== undefined);
    expect(await runAll(again.ctx)).toEqual(found);
    expect(again.asked).toEqual(asked);
  });

  test('something is found by metrics, logs, traces and changes alike', () => {
    const kinds = new Set([...found.values()].flat().map((f) => f.kind));
    for (const kind of ['topology', 'change-point', 'new-log-pattern', 'change-near-onset'])
      expect(kinds).toContain(kind);
  });
});

describe('a source that could not be asked', () => {
  for (const status of ['partial', 'denied', 'rate-limited', 'timeout', 'failed'] as const) {
    test(`${status}: nothing is found, and nothing is called normal`, async () => {
      const { ctx } = context(failing(status));
      expect([...(await runAll(ctx)).values()].flat()).toEqual([]);
    });
  }
});

test('complete and empty answers are called normal', async () => {
  const empty: { [C in Capability]?: Answers[C] } = {
    'changes.list': { changes: [] },
    'events.list': { events: [] },
    'logs.patterns': { patterns: [], records: { before: 0, after: 0 } },
  };
  const { ctx } = context((c) => {
    const data = empty[c];
    return Promise.resolve([
      { status: 'empty', summary: 'nothing', searched: 'x', trust: 'clean', ...(data ? { data } : {}) } as Answer,
    ]);
  });
  const found = await runAll(ctx);
  expect(found.get('changes')!.map((f) => f.kind)).toEqual(['normal']);
  expect(found.get('events')!.map((f) => f.kind)).toEqual(['normal']);
  // No record at all is no proof that the logs are quiet.
  expect(found.get('log-patterns')).toEqual([]);
});

test('a roll-out that ended after the onset acted from when it began, and so did what it carried', async () => {
  const at = (seconds: number): string => new Date(Date.parse(startsAt) + seconds * 1000).toISOString();
  const deploy = (id: string, more: object) => ({ id, kind: 'deploy', service: 'orders', title: id, ...more });
  const changes = [
    deploy('slow', { time: at(50), startedAt: at(-40), ref: 'c1' }),
    deploy('late', { time: at(50), startedAt: at(40) }),
    deploy('done', { time: at(-30), startedAt: at(-90) }),
    { id: 'c1', kind: 'commit', time: at(-9000), title: 'c1' },
  ];
  const { ctx } = context((c) => {
    const data = c === 'changes.list' ? { changes } : undefined;
    return Promise.resolve([
      { status: 'ok', summary: '', searched: '', trust: 'clean', ...(data && { data }) } as Answer,
    ]);
  });
  const found = await steps.get('changes')!.run(ctx);
  const told = Object.fromEntries(found.map((f) => [f.data.id, [f.data.effective, f.data.late]]));
  expect(told).toEqual({
    slow: [at(-40), false],
    late: [at(40), true],
    done: [at(-30), false],
    c1: [at(-40), false],
  });
});

test('a message that came all the time and stopped is told, of a service that still logs', async () => {
  const pattern = (service: string, template: string, before: number, after: number) => ({
    ...{ service, template, level: 'INFO', before, after, perMinuteBefore: before / 60, perMinuteAfter: after / 5 },
    ...{ first: startsAt, last: startsAt, exemplar: template },
  });
  const run = async (patterns: unknown[], status = 'ok'): Promise<string[]> => {
    const data = { patterns, records: { before: 100, after: 100 } };
    const { ctx } = context(() =>
      Promise.resolve([{ status, summary: '', searched: 'x', trust: 'clean', data } as Answer]),
    );
    const found = await steps.get('log-patterns')!.run(ctx);
    return found.filter((f) => f.kind === 'vanished-log-pattern').map((f) => f.title);
  };
  const [alive, gone] = [pattern('shop', 'ping', 9000, 900), pattern('shop', 'paid', 60_000, 0)];
  expect(await run([alive, gone])).toEqual([
    expect.stringMatching(/^shop stopped to log, 1000 a minute before: paid$/),
  ]);
  expect(await run([alive, gone], 'partial')).toEqual([]);
  expect(await run([gone])).toEqual([]);
  expect(await run([alive, pattern('shop', 'rare', 3, 0)])).toEqual([]);
});

test('an alert without a service is looked at all the same', async () => {
  const { ctx } = context(failing('failed'));
  const { service: _, ...anonymous } = alert;
  await expect(runAll({ ...ctx, alert: anonymous })).resolves.toBeDefined();
});

test('an alert that fired and ended again and again is told to flap', async () => {
  const event = (ago: number, kind: string, alertname: string) => ({
    time: new Date(Date.parse(startsAt) - ago * 10_000).toISOString(),
    source: 'alertmanager',
    kind: `alert-${kind}`,
    service: 'gateway',
    title: `${alertname} ${kind}`,
    attributes: { alertname },
  });
  const run = (alertname: string): Promise<Finding[]> => {
    const events = [5, 4, 3].flatMap((m) => [event(m, 'firing', 'Odd'), event(m - 0.5, 'resolved', 'Odd')]);
    const { ctx } = context(() =>
      Promise.resolve([{ status: 'ok', summary: '', searched: 'x', trust: 'clean', data: { events } } as Answer]),
    );
    return steps.get('events')!.run({ ...ctx, alert: { ...alert, labels: { alertname } } });
  };
  const states = (found: Finding[]) => found.filter((f) => f.kind === 'alert-state').map((f) => f.title);
  expect(states(await run('Odd'))).toEqual(['Odd fired 3 times and ended each time']);
  expect(states(await run('Other'))).toEqual([]);
});

test('monitors and flaps go by their times, however these are written', async () => {
  const monitor = (time: string, state: string) => ({
    ...{ time, source: 'datadog', kind: 'monitor', title: 'Errors of gateway', attributes: { state } },
  });
  const run = async (events: object[]): Promise<unknown> => {
    const { ctx } = context(() =>
      Promise.resolve([{ status: 'ok', summary: '', searched: 'x', trust: 'clean', data: { events } } as Answer]),
    );
    return (await steps.get('events')!.run(ctx)).find((f) => f.data.type === 'monitors')?.data;
  };
  // As text "…00Z" comes after "…00.500Z", and a time of another zone anywhere.
  expect(
    await run([monitor('2026-03-02T10:31:00Z', 'Alert'), monitor('2026-03-02T10:31:00.500Z', 'OK')]),
  ).toMatchObject({
    alerting: 0,
    ok: 1,
  });
  expect(
    await run([monitor('2026-03-02T11:31:00+01:00', 'Alert'), monitor('2026-03-02T10:45:00Z', 'OK')]),
  ).toMatchObject({ alerting: 0, ok: 1 });
});

test('a refusal that holds for every kind of object is asked for once, not kind by kind', async () => {
  const kinds = async (answer: (kind: string | undefined) => object): Promise<number> => {
    const seen: unknown[] = [];
    const { ctx } = context((capability, input) => {
      if (capability === 'state.list') seen.push(input);
      const base = { summary: '', searched: 'x', trust: 'clean' };
      return Promise.resolve([{ ...base, ...answer((input as { kind?: string }).kind) } as Answer]);
    });
    await steps.get('state')!.run(ctx);
    return seen.length;
  };
  expect(await kinds(() => ({ status: 'failed', problem: 'no cluster' }))).toBe(2);
  const ok = { status: 'ok', data: { objects: [{ kind: 'pods', items: [] }] } };
  expect(await kinds((kind) => (kind ? ok : { status: 'failed', problem: 'too large' }))).toBeGreaterThan(10);
});
