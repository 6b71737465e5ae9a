/** What becomes of an alert: storms, duplicates, relations, budgets. Pure: no clock, no disk. */
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, toIso } from '../src/core/time.ts';
import type { Alert } from '../src/core/types.ts';
import { mayPay } from '../src/serve/budget.ts';
import { decide, keyOf } from '../src/serve/decide.ts';
import type { Decision, InboxBody } from '../src/serve/events.ts';
import { Ledger } from '../src/serve/ledger.ts';
import { DEFAULT_RULES, type Hook, type Rules } from '../src/serve/rules.ts';

const T0 = Date.UTC(2026, 2, 1, 12);
const HOOK: Hook = { name: 'am', type: 'alertmanager' };
const BASE: Rules = { ...DEFAULT_RULES, dollarsPerRun: 0.8, hooks: [HOOK], calls: [['gateway', 'orders']] };

const alert = (more: Partial<Alert> = {}): Alert => ({
  title: 'it hurts',
  service: 'orders',
  env: 'prod',
  severity: 'warning',
  status: 'firing',
  startsAt: toIso(T0),
  labels: {},
  annotations: {},
  links: [],
  source: 'alertmanager',
  fingerprint: 'f1',
  ...more,
});

/** A desk at which alerts arrive at a time in ms after the beginning. */
function desk(more: Partial<Rules> = {}) {
  const rules = { ...BASE, ...more };
  const ledger = new Ledger({ forgetMs: 6 * HOUR, cases: 100 });
  let runs = 0;
  const take = (a: Alert, after = 0, hook = HOOK): Decision => {
    const now = T0 + after;
    const decision = decide(ledger, rules, hook, a, now, () => `run${++runs}`);
    ledger.fold({ type: 'alert.taken', hook: hook.name, key: keyOf(hook.name, a), alert: a, decision }, now);
    return decision;
  };
  const tell = (body: InboxBody, after = 0): void => ledger.fold(body, T0 + after);
  const open = (run: string, after = 0): void => tell({ type: 'run.opened', run, attempt: 1, model: true }, after);
  const end = (run: string, after = 0, dollars = 0): void =>
    tell({ type: 'run.ended', run, exit: 0, outcome: 'cause', ms: 1, calls: 20, tokens: 0, dollars }, after);
  return { rules, ledger, take, tell, open, end };
}

describe('an alert', () => {
  test('that wakes somebody is looked at at once; another one waits whether it still fires', () => {
    const { take } = desk();
    expect(take(alert({ severity: 'critical' }))).toMatchObject({ do: 'start', dueAt: T0, urgent: true });
    expect(take(alert({ service: 'mail', fingerprint: 'f2' }))).toMatchObject({
      do: 'start',
      dueAt: T0 + 20_000,
      urgent: false,
    });
  });

  test('told 10,000 times is one investigation, whatever its state', () => {
    const { take, open, end } = desk();
    const first = take(alert()) as { run: string };
    const told = new Set<string>();
    for (let i = 1; i < 10_000; i++) {
      if (i === 3000) open(first.run, 30_000);
      if (i === 6000) end(first.run, 60_000);
      told.add(take(alert(), i * 100).do);
    }
    expect([...told]).toEqual(['repeat']);
  });

  test('that fires again joins its open investigation, rests after it, and is looked at anew later', () => {
    const { take, open, end } = desk();
    const { run } = take(alert()) as { run: string };
    open(run);
    expect(take(alert({ status: 'resolved' }), 1000)).toMatchObject({ do: 'attach', as: 'resolved', run });
    expect(take(alert({ status: 'resolved' }), 1500)).toMatchObject({ do: 'repeat', run });
    const again = (at: number): Alert => alert({ startsAt: toIso(T0 + at) });
    expect(take(again(2000), 2000)).toMatchObject({ do: 'attach', as: 'refired', run });
    end(run, 5000);
    expect(take(again(10 * MINUTE), 10 * MINUTE)).toMatchObject({ do: 'attach', as: 'refired', run });
    expect(take(again(31 * MINUTE), 31 * MINUTE)).toMatchObject({ do: 'start', run: 'run2' });
  });

  test('that resolves and is not known is ignored, with the reason', () => {
    expect(desk().take(alert({ status: 'resolved' }))).toMatchObject({
      do: 'ignore',
      why: expect.stringMatching(/nothing of it is open/),
    });
  });

  test('of another hook cannot speak for this one', () => {
    const { take } = desk();
    take(alert({ service: 'a' }));
    expect(take(alert({ status: 'resolved', service: 'a' }), 0, { name: 'other', type: 'github' })).toMatchObject({
      do: 'ignore',
    });
  });
});

describe('related alerts', () => {
  test('of the same service, and of one that calls it, are one investigation', () => {
    const { take } = desk();
    const { run } = take(alert()) as { run: string };
    expect(take(alert({ fingerprint: 'f2' }), 1000)).toMatchObject({ do: 'attach', as: 'related', run });
    expect(take(alert({ fingerprint: 'f3', service: 'gateway' }), 2000)).toMatchObject({
      ...{ do: 'attach', run },
      why: 'gateway calls orders, and orders is being investigated',
    });
    expect(take(alert({ fingerprint: 'f4', service: 'mail' }), 3000)).toMatchObject({ do: 'start' });
    expect(take(alert({ fingerprint: 'f5', env: 'staging' }), 3000)).toMatchObject({ do: 'start' });
  });

  test('are found by the calls that finished investigations saw', () => {
    const { take, tell } = desk();
    const { run } = take(alert({ service: 'bank' })) as { run: string };
    tell({ type: 'topology.learned', calls: [['payments', 'bank']] });
    expect(take(alert({ service: 'payments', fingerprint: 'f2' }), 10)).toMatchObject({ do: 'attach', run });
  });

  test('join within the window only, and a verdict is not asked about what began after it', () => {
    const { take, open, end } = desk();
    const { run } = take(alert()) as { run: string };
    expect(take(alert({ fingerprint: 'f2' }), 6 * MINUTE)).toMatchObject({ do: 'start' });
    const other = desk();
    const { run: ended } = other.take(alert()) as { run: string };
    other.open(ended);
    other.end(ended, MINUTE);
    expect(other.take(alert({ fingerprint: 'f3' }), 90_000)).toMatchObject({ do: 'attach', run: ended });
    expect(other.take(alert({ fingerprint: 'f4', startsAt: toIso(T0 + 70_000) }), 91_000)).toMatchObject({
      do: 'start',
    });
    open(run);
    end(run);
  });

  test('that are urgent end the wait of an investigation', () => {
    const { take, ledger } = desk();
    const { run } = take(alert()) as { run: string };
    take(alert({ fingerprint: 'f2', severity: 'critical' }), 1000);
    expect(ledger.cases.get(run)).toMatchObject({ urgent: true, dueAt: T0 + 1000 });
  });
});

describe('what is too much', () => {
  test('waits no longer than the queue: the sender is to come back', () => {
    const { take } = desk({ queue: 3, perService: {}, perHour: {} });
    const told = Array.from({ length: 5 }, (_, i) => take(alert({ service: `s${i}`, fingerprint: `f${i}` })));
    expect(told.map((d) => d.do)).toEqual(['start', 'start', 'start', 'shed', 'shed']);
    expect(told[4]).toMatchObject({ status: 503, retryAfter: 30, why: '3 investigations wait already' });
  });

  test('for an hour, a hook or a service is refused until there is budget again', () => {
    const { take } = desk({ perHour: { runs: 2 }, perService: {} });
    take(alert({ service: 'a', fingerprint: 'a' }));
    take(alert({ service: 'b', fingerprint: 'b' }));
    expect(take(alert({ service: 'c', fingerprint: 'c' }), MINUTE)).toMatchObject({ do: 'shed', status: 429 });
    const hour = desk({ perHour: {}, perService: { runs: 1 } });
    const { run } = hour.take(alert({ service: 'a', fingerprint: 'a' })) as { run: string };
    hour.open(run);
    hour.end(run);
    const later = (at: number) => hour.take(alert({ service: 'a', fingerprint: 'x', startsAt: toIso(T0 + at) }), at);
    expect(later(10 * MINUTE)).toMatchObject({ do: 'shed', retryAfter: 50 * 60 });
    expect(later(61 * MINUTE)).toMatchObject({ do: 'start' });
    const mine = desk({ perHour: {}, perService: {} });
    const hook: Hook = { ...HOOK, perHour: { runs: 1 } };
    expect(mine.take(alert({ service: 'a', fingerprint: 'a' }), 0, hook)).toMatchObject({ do: 'start' });
    expect(mine.take(alert({ service: 'b', fingerprint: 'b' }), 0, hook)).toMatchObject({
      do: 'shed',
      why: expect.stringMatching(/hook am/),
    });
  });

  test('of money is never spent: what an investigation may cost is reserved before it begins', () => {
    const { take, open, end, ledger, rules } = desk({ perHour: { dollars: 2 }, perService: {} });
    const pay = (after = 0): boolean => mayPay(ledger, rules, HOOK, undefined, T0 + after);
    const run = (n: number) => (take(alert({ service: `s${n}`, fingerprint: `f${n}` })) as { run: string }).run;
    const [a, b] = [run(1), run(2)];
    expect(pay()).toBe(true);
    open(a);
    open(b);
    expect(pay()).toBe(false);
    end(a, 1000, 0.1);
    expect(pay(1000)).toBe(true);
    end(b, 1000, 1.2);
    expect(pay(1000)).toBe(false);
    expect(pay(61 * MINUTE)).toBe(true);
  });
});

test('the desk forgets what is over and quiet, keeps what is open, and stays within its bound', () => {
  const { take, open, end, ledger } = desk({ queue: 1000, perHour: {}, perService: {} });
  for (let i = 0; i < 300; i++) {
    const d = take(alert({ service: `s${i}`, fingerprint: `f${i}` }), i);
    if (d.do !== 'start') throw new Error(d.do);
    if (i % 3 === 0) continue;
    open(d.run, i);
    end(d.run, i);
  }
  ledger.prune(T0 + 1000);
  expect(ledger.cases.size).toBe(100);
  expect([...ledger.cases.values()].filter((c) => c.phase === 'waiting').length).toBe(100);
  ledger.prune(T0 + 7 * HOUR);
  expect([ledger.cases.size, ledger.byKey.size, ledger.spent.length]).toEqual([100, 100, 0]);
});

test('a desk that is carried over decides like the one that was', () => {
  const one = desk();
  const { run } = one.take(alert()) as { run: string };
  one.open(run, 10);
  const two = desk();
  two.tell({ type: 'inbox.carried', through: 0, state: JSON.parse(JSON.stringify(one.ledger.carried())) });
  const next = alert({ fingerprint: 'f2' });
  expect(two.take(next, 1000)).toEqual(one.take(next, 1000));
  expect(two.ledger.carried()).toEqual(one.ledger.carried());
});
