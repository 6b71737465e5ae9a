/**
 * What a caller that is not code may ask: only of entities, rules, traces and times that the code itself has seen in
 * this investigation. What outsiders wrote can widen nothing: names are taken from typed fields, never from text.
 */
import { byText } from '../core/canonical.ts';
import type { Capability } from '../core/capabilities.ts';
import { HOUR, toMs } from '../core/time.ts';
import type { Alert, Evidence, Window } from '../core/types.ts';
import { entitiesOf, isName, listIn, TOLD } from './entities.ts';
import { type Field, fieldsOf, KINDS, LEVELS, LIMIT_MAX, WORDS_MAX } from './question-schema.ts';

export interface Scope {
  /** Takes in the entities of an answer that the code has asked for. */
  learn(evidence: Pick<Evidence, 'capability' | 'data'>): void;
  /** Why this question may not be put, in words for whoever asked; undefined where it may. */
  refusal(capability: Capability, question: unknown): string | undefined;
  /** The names that may be asked for, sorted by kind: for a brief. */
  seen(): Record<'services' | 'nodes' | 'queries' | 'traces', string[]>;
}

/** Of what was changed, what wakes up late counts too: a release of two days ago whose sale begins today. */
const DAY = 24 * HOUR;
const CHANGES_BACK = 14 * DAY;

/** How far back may be asked, ms since the epoch: a day before the alert, or the baseline. */
export function earliestOf(
  capability: Capability | undefined,
  window: Pick<Window, 'baseline'>,
  alertAt: string,
): number {
  const back = capability === 'changes.list' ? CHANGES_BACK : DAY;
  return Math.min(toMs(window.baseline.from), toMs(alertAt) - back);
}

type Json = Record<string, unknown>;
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);

/** The scope of a run, from its alert and windows on. Times: from a day before the alert (or the baseline) to `now`. */
export function openScope(alert: Alert, window: Window, now: string): Scope {
  const services = new Set<string>(alert.service ? [alert.service] : []);
  const nodes = new Set<string>();
  const queries = new Set<string>(alert.query ? [alert.query] : []);
  const traces = new Set<string>();
  const objects = new Set<string>();
  const monitors = new Set([alert.title, alert.metric, alert.labels.alertname].filter((x) => x !== undefined));
  const earliest = earliestOf(undefined, window, alert.startsAt);
  const oldest = earliestOf('changes.list', window, alert.startsAt);
  const latest = toMs(now);

  function learn(answer: Pick<Evidence, 'capability' | 'data'>): void {
    const { data } = answer;
    const named = entitiesOf(answer);
    for (const name of named.services) services.add(name);
    for (const name of named.nodes) nodes.add(name);
    for (const x of [...TOLD, 'records'].flatMap((key) => listIn(data, key)))
      if (isTrace(x.traceId)) traces.add(x.traceId);
    for (const o of listIn(data, 'objects')) if (isName(o.kind)) objects.add(o.kind);
    if (answer.capability !== 'monitors.get') return;
    for (const m of listIn(data, 'monitors')) {
      if (isName(m.name)) monitors.add(m.name);
      if (typeof m.query === 'string') queries.add(m.query);
    }
  }

  const between = (v: unknown, from: number): boolean => {
    const ms = typeof v === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(v) ? Date.parse(v) : Number.NaN;
    return ms >= from && ms <= latest;
  };
  const within = (v: unknown): boolean => between(v, oldest);
  const inOrder = (v: Json, from = earliest): boolean =>
    between(v.from, from) && between(v.to, from) && toMs(v.from as string) < toMs(v.to as string);

  const checks: Record<Field, (v: unknown) => boolean> = {
    time: within,
    ranges: (v) =>
      Array.isArray(v) && v.length <= 8 && v.every((r) => isObject(r) && only(r, ['from', 'to']) && inOrder(r)),
    service: (v) => services.has(v as string),
    node: (v) => nodes.has(v as string),
    query: (v) => queries.has(v as string),
    monitor: (v) => monitors.has(v as string),
    labels: (v) =>
      isObject(v) && Object.entries(v).every(([k, x]) => Object.hasOwn(alert.labels, k) && alert.labels[k] === x),
    trace: (v) => traces.has(v as string),
    title: (v) => v === alert.title,
    fingerprint: (v) => v === alert.fingerprint,
    words: (v) => typeof v === 'string' && v.length <= WORDS_MAX && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(v),
    level: (v) => LEVELS.includes(v as string),
    kinds: (v) => Array.isArray(v) && v.length <= KINDS.length && v.every((k) => KINDS.includes(k as string)),
    objects: (v) => objects.has(v as string),
    limit: (v) => Number.isInteger(v) && (v as number) >= 1 && (v as number) <= LIMIT_MAX,
    ms: (v) => typeof v === 'number' && v >= 0 && Number.isFinite(v),
    flag: (v) => typeof v === 'boolean',
  };

  function refusal(capability: Capability, question: unknown): string | undefined {
    if (!isObject(question)) return 'a question is an object';
    const fields = fieldsOf(capability);
    const names = fields.map((f) => f.name);
    if (!only(question, names)) return `${capability} knows only ${names.join(', ')}`;
    for (const { name, kind, needed } of fields) {
      const has = Object.hasOwn(question, name);
      if (!has && needed) return `"${name}" is missing`;
      if (has && !checks[kind](question[name])) return REASONS[kind]?.(name) ?? `"${name}" is not what it may be`;
    }
    if (inOrder(question, earliestOf(capability, window, alert.startsAt))) return undefined;
    return '"from" is not before "to", or lies outside of what is investigated';
  }

  const sorted = (set: Set<string>): string[] => [...set].sort(byText);
  return {
    learn,
    refusal,
    seen: () => ({
      services: sorted(services),
      nodes: sorted(nodes),
      queries: sorted(queries),
      traces: sorted(traces),
    }),
  };
}

const isTrace = (v: unknown): v is string => typeof v === 'string' && /^[0-9a-f-]{8,64}$/i.test(v);
const only = (v: Json, names: string[]): boolean => Reflect.ownKeys(v).every((k) => names.includes(String(k)));

const unseen = (name: string): string => `"${name}" names what nobody has seen in this investigation`;
const REASONS: Partial<Record<Field, (name: string) => string>> = {
  time: (name) => `"${name}" is no ISO time, or lies outside of what is investigated`,
  ranges: (name) => `"${name}" lies outside of what is investigated`,
  service: unseen,
  node: unseen,
  query: (name) => `"${name}" is none of the queries that alerts and monitors brought`,
  monitor: unseen,
  trace: unseen,
};
