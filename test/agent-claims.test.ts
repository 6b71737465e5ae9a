/** A thousand falsified claims of every type from recorded runs are rejected, a thousand true ones accepted. */

import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { seeded } from '../fixtures/lab/world/random.ts';
import { openSource } from '../src/app/sources.ts';
import { checkClaim } from '../src/claims/check.ts';
import { canonical } from '../src/core/canonical.ts';
import type { Evidence } from '../src/core/types.ts';
import { type Bench, bench } from './_bench.ts';
import { MAKERS, type Made, sample } from './_mutator.ts';
import { ROOT } from './_program.ts';

const NAMES = ['umber-ibis', 'yarrow-gull', 'violet-seal', 'fjord-hare', 'willow-kite'];
interface Case {
  evidence: Map<string, Evidence>;
  right: Map<string, Made[]>;
  wrong: Map<string, Made[]>;
}
const cases: Case[] = [];

/** What an orchestrator says, in the shape in which it is journalled: the lab has none. */
const STATE = {
  objects: ['payments', 'orders', 'gateway'].map((name, i) => ({
    kind: 'pods',
    items: [0, 1, 2].map((n) => ({
      metadata: { name: `${name}-${n}` },
      status: { phase: n === 1 ? 'Pending' : 'Running', restartCount: i * 3 + n, reason: `Reason${n}` },
    })),
  })),
};

/** Evidence of an incident: the workflow's own, and searches as the agent puts them. Through JSON, as a journal gives it back. */
async function evidenceOf(b: Bench): Promise<Evidence[]> {
  const dir = join(ROOT, 'fixtures/incidents', b.name);
  const env = {
    cwd: dir,
    fetch: () => Promise.reject(new Error('no network')),
    now: () => Date.parse(b.open.now),
    services: {},
  };
  const source = await openSource(join(ROOT, 'src'), 'bundle', { type: 'bundle', config: { dir }, from: dir }, env);
  const { from } = b.open.window;
  const base = { from, to: b.open.now };
  const asks: [string, Record<string, unknown>][] = [
    ['logs.search', { ...base, service: 'orders', limit: 60 }],
    ['logs.search', { ...base, service: 'payments', level: 'WARN', limit: 60 }],
    ['traces.search', { ...base, service: 'orders', limit: 60 }],
    ...['nothing like this', 'nor this', 'quetzalcoatl'].map((text): [string, Record<string, unknown>] => [
      'logs.search',
      { ...base, text, limit: 5 },
    ]),
  ];
  const searched = await Promise.all(
    asks.map(async ([capability, input], i) => {
      const tool = source.tools.find((t) => t.capability === capability)!;
      const answer = await tool.run(input as never, { signal: new AbortController().signal });
      return {
        ...answer,
        id: `E11.${i + 1}`,
        step: 'agent',
        capability,
        tool: tool.name,
        input,
        why: '',
        fetchedAt: '',
        ms: 1,
      } as unknown as Evidence;
    }),
  );
  const state = {
    ...searched[0]!,
    id: 'E12.1',
    capability: 'state.list',
    tool: 'kube.state.list',
    trust: 'clean',
    data: STATE,
  } as unknown as Evidence;
  return JSON.parse(canonical([...b.open.evidence, ...searched, state])) as Evidence[];
}

beforeAll(async () => {
  for (const name of NAMES) {
    const b = await bench(name).catch(() => undefined);
    if (!b) continue;
    const all = await evidenceOf(b);
    const onset = b.open.verdict.onset?.at ?? b.open.alert.startsAt;
    const made = MAKERS.map((m) => [m.type, m.make(all, onset, b.open.now)] as const);
    cases.push({
      evidence: new Map(all.map((e) => [e.id, e])),
      right: new Map(made.map(([type, { right }]) => [type, right])),
      wrong: new Map(made.map(([type, { wrong }]) => [type, wrong])),
    });
  }
});

/** So many claims, all types alike as far as the evidence has them. */
function drawn(side: 'right' | 'wrong', n: number): { made: Made; c: Case }[] {
  const random = seeded(7);
  const all = MAKERS.flatMap((m) => cases.flatMap((c) => (c[side].get(m.type) ?? []).map((made) => ({ made, c }))));
  const types = [...new Set(all.map((x) => x.made.claim.type))];
  const perType = types.map((type) => all.filter((x) => x.made.claim.type === type));
  const fair = Math.ceil(n / types.length);
  const first = perType.map((all) => sample(all, fair, random));
  const rest = perType.flatMap((all, i) => all.filter((x) => !first[i]!.includes(x)));
  const some = first.flat();
  return [...some, ...sample(rest, n - some.length, random)];
}

const check = ({ made, c }: { made: Made; c: Case }) => checkClaim(made.claim, (id) => c.evidence.get(id));

test('a thousand falsified claims: all rejected', () => {
  const all = drawn('wrong', 1000);
  expect(all.length).toBeGreaterThanOrEqual(1000);
  const taken = all.filter((x) => check(x).ok).map((x) => x.made);
  expect(taken).toEqual([]);
  for (const type of [
    'changed',
    'precedes',
    'count',
    'mentions',
    'deployed',
    'absent',
    'observed',
    'slower',
    'failing',
    'repeated',
    'rerouted',
  ])
    expect([type, all.filter((x) => x.made.claim.type === type).length > 1]).toEqual([type, true]);
});

test('a thousand true claims: all accepted', () => {
  const all = drawn('right', 1000);
  expect(all.length).toBeGreaterThanOrEqual(1000);
  const refused = all.flatMap((x) => {
    const { ok, sentence } = check(x);
    return ok ? [] : [{ ...x.made, sentence }];
  });
  expect(refused).toEqual([]);
});
