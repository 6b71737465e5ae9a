/**
 * True and falsified claims from recorded evidence. What is true is computed here, by code that shares nothing with the
 * evaluator: it reads the JSON of the answers and knows how each falsification makes a claim false.
 */
import type { Claim } from '../src/core/claims.ts';
import type { Evidence } from '../src/core/types.ts';

type Random = () => number;
type Json = Record<string, unknown>;

/** A claim, and how it was falsified where it was. */
export interface Made {
  claim: Claim;
  how: string;
}

/** Makes true or false claims of one type from the evidence; an empty list where it holds nothing for them. */
export interface Maker {
  type: string;
  make(evidence: Evidence[], onset: string, now: string): { right: Made[]; wrong: Made[] };
}

const of = (all: Evidence[], capability: string): Evidence[] =>
  all.filter((e) => e.capability === capability && e.status === 'ok');
const list = (e: Evidence, key: string): Json[] => ((e.data as unknown as Json)[key] ?? []) as Json[];

interface Points {
  labels: Record<string, string>;
  times: number[];
  values: (number | null)[];
}

function middle(s: Points, from: number, to: number): number | undefined {
  const inside = s.times.flatMap((t, i) =>
    t >= from && t < to && typeof s.values[i] === 'number' ? [s.values[i] as number] : [],
  );
  if (inside.length === 0) return undefined;
  const sorted = Float64Array.from(inside).sort();
  const n = sorted.length;
  return n % 2 ? sorted[(n - 1) / 2] : (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2;
}

/** A text with one digit or letter exchanged. */
const altered = (s: string, at: number): string => {
  const c = s[at]!;
  const other = /\d/.test(c) ? String((Number(c) + 5) % 10) : c === 'q' ? 'z' : 'q';
  return s.slice(0, at) + other + s.slice(at + 1);
};

const changed: Maker = {
  type: 'changed',
  make(all, onset, now) {
    const [right, wrong]: [Made[], Made[]] = [[], []];
    const others = of(all, 'changes.list')[0]?.id ?? 'E99.9';
    for (const e of of(all, 'metrics.range')) {
      const series = list(e, 'series') as unknown as Points[];
      const start = (e.input as { from: string }).from;
      for (const s of series) {
        const key = (l: Record<string, string>): string => JSON.stringify(Object.entries(l).sort());
        if (series.filter((x) => key(x.labels) === key(s.labels)).length !== 1) continue;
        const [from, at, to] = [start, onset, now].map(Date.parse) as [number, number, number];
        const [before, after] = [middle(s, from, at), middle(s, at, to)];
        if (before === undefined || after === undefined) continue;
        // Differences that rounding to three digits could hide are nobody's claim.
        if (Math.abs(after - before) < 0.05 * Math.max(Math.abs(after), Math.abs(before)) || before === after) continue;
        const up = after > before;
        const claim = (direction: 'up' | 'down', more: Partial<Extract<Claim, { type: 'changed' }>> = {}): Claim => ({
          type: 'changed',
          series: { evidence: e.id, labels: s.labels },
          statistic: 'median',
          from: { from: start, to: onset },
          to: { from: onset, to: now },
          direction,
          ...more,
        });
        const own = up ? 'up' : 'down';
        right.push({ claim: claim(own), how: 'as it is' });
        wrong.push({ claim: claim(up ? 'down' : 'up'), how: 'rose and fell exchanged' });
        wrong.push({
          claim: claim(own, { from: { from: onset, to: now }, to: { from: start, to: onset } }),
          how: 'before and after exchanged',
        });
        const labels = { ...s.labels, service: `${s.labels.service ?? 'x'}-2` };
        wrong.push({ claim: claim(own, { series: { evidence: e.id, labels } }), how: 'another series' });
        wrong.push({ claim: claim(own, { series: { evidence: others, labels: s.labels } }), how: 'another evidence' });
        const later = { from: '2031-01-01T00:00:00.000Z', to: '2031-01-01T01:00:00.000Z' };
        wrong.push({ claim: claim(own, { to: later }), how: 'a window without samples' });
        wrong.push({ claim: claim(own, { from: { from: onset, to: start } }), how: 'a window that runs backwards' });
      }
    }
    return { right, wrong };
  },
};

const deployed: Maker = {
  type: 'deployed',
  make(all) {
    const [right, wrong]: [Made[], Made[]] = [[], []];
    const metrics = of(all, 'metrics.range')[0]?.id ?? 'E99.9';
    for (const e of of(all, 'changes.list'))
      for (const c of list(e, 'changes') as { id: string; time: string; service?: string }[]) {
        const claim = {
          type: 'deployed' as const,
          evidence: e.id,
          change: c.id,
          ...(c.service ? { service: c.service } : {}),
          time: c.time,
        };
        right.push({ claim, how: 'as it is' });
        wrong.push({
          claim: { ...claim, time: new Date(Date.parse(c.time) + 60_000).toISOString() },
          how: 'a minute later',
        });
        wrong.push({ claim: { ...claim, service: 'nobody' }, how: 'another service' });
        wrong.push({ claim: { ...claim, change: altered(c.id, c.id.length - 1) }, how: 'another version' });
        wrong.push({ claim: { ...claim, evidence: metrics }, how: 'another evidence' });
        wrong.push({ claim: { ...claim, evidence: 'E99.1' }, how: 'evidence that is not there' });
      }
    return { right, wrong };
  },
};

const count: Maker = {
  type: 'count',
  make(all) {
    const [right, wrong]: [Made[], Made[]] = [[], []];
    const add = (
      evidence: string,
      what: 'records' | 'patterns' | 'events' | 'spans',
      match: string,
      n: number,
      absent: string,
    ): void => {
      const claim = { type: 'count' as const, evidence, what, match, atLeast: n };
      right.push(
        { claim, how: 'as it is' },
        { claim: { ...claim, atLeast: Math.max(1, n >> 1) }, how: 'less than there are' },
      );
      wrong.push({ claim: { ...claim, atLeast: n + 1 }, how: 'one more than there are' });
      wrong.push({ claim: { ...claim, atLeast: n * 10 }, how: 'a digit more' });
      wrong.push({ claim: { ...claim, match: absent }, how: 'of something else' });
      wrong.push({
        claim: { ...claim, what: what === 'records' ? 'patterns' : 'records' },
        how: 'another kind of record',
      });
    };
    for (const e of of(all, 'logs.patterns')) {
      const patterns = list(e, 'patterns') as { template: string; after: number }[];
      for (const p of patterns) {
        const n = patterns.filter((x) => x.template === p.template).reduce((sum, x) => sum + x.after, 0);
        if (n > 0) add(e.id, 'patterns', p.template, n, `${p.template} of nobody`);
      }
    }
    for (const [capability, key, what, field] of [
      ['logs.search', 'records', 'records', 'body'],
      ['traces.search', 'spans', 'spans', 'name'],
      ['events.list', 'events', 'events', 'title'],
    ] as const)
      for (const e of of(all, capability)) {
        const texts = list(e, key).map((r) => String(r[field]));
        for (const text of new Set(texts))
          add(e.id, what, text, texts.filter((t) => t.indexOf(text) >= 0).length, `${text} of nobody`);
      }
    return { right, wrong };
  },
};

const mentions: Maker = {
  type: 'mentions',
  make(all) {
    const [right, wrong]: [Made[], Made[]] = [[], []];
    for (const e of all.filter(
      (x) => x.status === 'ok' && (x.capability.startsWith('logs') || x.capability === 'changes.list'),
    )) {
      const texts = new Set<string>();
      const visit = (v: unknown): void => {
        if (typeof v === 'string') texts.add(v);
        else if (v && typeof v === 'object') for (const x of Object.values(v)) visit(x);
      };
      visit(e.data);
      const all2 = [...texts].join('\u0000');
      for (const text of [...texts].filter((t) => t.length >= 12).slice(0, 60)) {
        const quote = text.slice(0, Math.min(text.length, 60));
        right.push({ claim: { type: 'mentions', evidence: e.id, quote }, how: 'as it is' });
        const digit = quote.search(/\d/);
        const false1 = altered(quote, digit >= 0 ? digit : quote.length >> 1);
        if (!all2.includes(false1))
          wrong.push({ claim: { type: 'mentions', evidence: e.id, quote: false1 }, how: 'a digit exchanged' });
        const false2 = `${quote.slice(6)} ${quote.slice(0, 6)}`;
        if (!all2.includes(false2))
          wrong.push({ claim: { type: 'mentions', evidence: e.id, quote: false2 }, how: 'words exchanged' });
        wrong.push({
          claim: { type: 'mentions', evidence: e.id, quote: quote.slice(0, 5) },
          how: 'too short to prove anything',
        });
        wrong.push({ claim: { type: 'mentions', evidence: 'E99.1', quote }, how: 'evidence that is not there' });
      }
    }
    return { right, wrong };
  },
};

const precedes: Maker = {
  type: 'precedes',
  make(all) {
    const [right, wrong]: [Made[], Made[]] = [[], []];
    const moments: { evidence: string; at: string; what: string }[] = [];
    for (const e of of(all, 'changes.list'))
      for (const c of list(e, 'changes') as { id: string; time: string; kind: string; service?: string }[])
        if (c.id.startsWith(c.kind) && c.service)
          moments.push({ evidence: e.id, at: c.time, what: `${c.id} of ${c.service}` });
    for (const e of of(all, 'logs.search'))
      for (const r of (list(e, 'records') as { timestamp: string; body: string; service: string }[]).slice(0, 12))
        if (r.body.length < 80 && !/\s\s|^\s|\s$/.test(r.body))
          moments.push({ evidence: e.id, at: r.timestamp, what: `${r.service} said "${r.body}"` });
    for (const a of moments)
      for (const b of moments) {
        if (Date.parse(a.at) >= Date.parse(b.at)) continue;
        right.push({ claim: { type: 'precedes', a, b }, how: 'as it is' });
        wrong.push({ claim: { type: 'precedes', a: b, b: a }, how: 'the other way round' });
        const off = new Date(Date.parse(a.at) - 1234).toISOString();
        if (!moments.some((m) => m.at === off))
          wrong.push({ claim: { type: 'precedes', a: { ...a, at: off }, b }, how: 'another time' });
        wrong.push({
          claim: { type: 'precedes', a: { ...a, what: altered(a.what, a.what.length - 2) }, b },
          how: 'other words',
        });
        wrong.push({
          claim: { type: 'precedes', a: { ...a, evidence: 'E99.1' }, b },
          how: 'evidence that is not there',
        });
      }
    return { right, wrong };
  },
};

const absent: Maker = {
  type: 'absent',
  make(all) {
    const what = 'log record';
    const right = all
      .filter((e) => e.status === 'empty')
      .map((e): Made => ({ claim: { type: 'absent', evidence: e.id, what }, how: 'as it is' }));
    const wrong = all
      .filter((e) => e.status !== 'empty')
      .map((e): Made => ({ claim: { type: 'absent', evidence: e.id, what }, how: `of an answer that is ${e.status}` }));
    return {
      right,
      wrong: [...wrong, { claim: { type: 'absent', evidence: 'E99.1', what }, how: 'evidence that is not there' }],
    };
  },
};

const observed: Maker = {
  type: 'observed',
  make(all) {
    const [right, wrong]: [Made[], Made[]] = [[], []];
    for (const e of of(all, 'state.list'))
      for (const { kind, items } of list(e, 'objects') as { kind: string; items: Json[] }[])
        for (const item of items) {
          const object = String((item.metadata as Json).name);
          for (const [field, value] of Object.entries(item.status as Record<string, string | number>)) {
            const claim = {
              type: 'observed' as const,
              evidence: e.id,
              kind,
              object,
              field: ['status', field],
              is: String(value),
            };
            right.push({ claim, how: 'as it is' });
            right.push({
              claim: { ...claim, field: ['status', `${field}Not`], is: null },
              how: 'a field that is not there',
            });
            wrong.push(
              { claim: { ...claim, is: `${value}0` }, how: 'another value' },
              { claim: { ...claim, is: null }, how: 'said not to be there' },
            );
            wrong.push(
              { claim: { ...claim, object: `${object}-2` }, how: 'another object' },
              { claim: { ...claim, kind: 'nodes' }, how: 'another kind' },
            );
          }
        }
    return { right, wrong };
  },
};

interface Side {
  count: number;
  medianMs: number;
  errors: number;
}
interface Op {
  service: string;
  name: string;
  caller?: string;
  before: Side;
  after: Side;
  perParent?: { before: number; after: number };
}

const spans: Maker = {
  type: 'spans',
  make(all) {
    const [right, wrong]: [Made[], Made[]] = [[], []];
    for (const e of of(all, 'traces.summary')) {
      const ops = [...(list(e, 'operations') as unknown as Op[]), ...(list(e, 'gaps') as unknown as Op[])];
      const twice = (o: Op): boolean =>
        ops.filter((x) => x.service === o.service && x.name === o.name && x.caller === o.caller).length > 1;
      for (const o of ops.filter((x) => !twice(x))) {
        const ref = {
          evidence: e.id,
          service: o.service,
          operation: o.name,
          ...(o.caller === undefined ? {} : { caller: o.caller }),
        };
        const say = (type: 'slower' | 'failing' | 'repeated', holds: boolean | undefined, how: string): void => {
          if (holds === undefined) return;
          (holds ? right : wrong).push({ claim: { type, ...ref }, how: holds ? 'as it is' : how });
          if (holds)
            wrong.push(
              { claim: { type, ...ref, operation: altered(o.name, 0) }, how: 'another operation' },
              { claim: { type, ...ref, service: `${o.service}2` }, how: 'another service' },
            );
        };
        const { before, after, perParent } = o;
        const ratio = before.medianMs > 0 ? after.medianMs / before.medianMs : 1;
        say(
          'slower',
          before.count === 0 ? undefined : ratio > 1.1 ? true : ratio < 0.95 ? false : undefined,
          'it became faster',
        );
        const rate = (s: Side): number => (s.count > 0 ? s.errors / s.count : 0);
        say(
          'failing',
          rate(after) > rate(before) + 0.01 ? true : rate(after) <= rate(before) ? false : undefined,
          'it fails no more often',
        );
        const calls = perParent && perParent.before > 0 ? perParent.after / perParent.before : 0;
        say('repeated', calls > 1.1 ? true : calls < 0.95 ? false : undefined, 'it is called no more often');
      }
      for (const f of list(e, 'flows') as {
        service: string;
        operation: string;
        a: string;
        b: string;
        before: { share: number };
        after: { share: number };
      }[]) {
        const claim = {
          type: 'rerouted' as const,
          evidence: e.id,
          service: f.service,
          operation: f.operation,
          a: f.a,
          b: f.b,
        };
        (f.after.share > f.before.share ? right : wrong).push({
          claim,
          how: f.after.share > f.before.share ? 'as it is' : 'it is no more common',
        });
        wrong.push({ claim: { ...claim, b: `${f.b} of nobody` }, how: 'another step' });
      }
    }
    return { right, wrong };
  },
};

export const MAKERS: Maker[] = [changed, precedes, count, mentions, deployed, absent, observed, spans];

/** So many of the list, chosen by the seed, each at most once while there are enough. */
export function sample<T>(all: T[], n: number, random: Random): T[] {
  const left = [...all];
  const out: T[] = [];
  while (out.length < n && left.length > 0) out.push(...left.splice(Math.floor(random() * left.length), 1));
  return out;
}
