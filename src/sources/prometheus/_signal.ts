/** A signal: one expression that yields series of one kind, and how their labels are called among us. */
import { byText } from '../../core/canonical.ts';
import type { SeriesKind } from '../../core/telemetry.ts';
import { INSTANCE_LABELS, VERSION_LABELS } from './_conventions.ts';
import type { Metric } from './_discover.ts';
import { label, type Matcher, selector } from './_promql.ts';

export interface Signal {
  /** `__name__` of its series. */
  name: string;
  kind?: SeriesKind;
  unit?: string;
  expression: string;
  /** Labels that every series of it gets. */
  fixed: Record<string, string>;
  /** Our name for a label of the result; other labels keep theirs. */
  rename: Record<string, string>;
  /** About how many series it yields. */
  expect: number;
}

/** Ranges of one plan, in PromQL: of a rate, and the distance of its samples. */
export interface Spans {
  window: string;
  interval: string;
}

/** More parts than this are no longer looked at one by one. */
const INSTANCES_MAX = 20;
const VERSIONS_MAX = 6;
const PARTS_MAX = 12;

/** A way to split a metric: all of it, by instance, by version. */
export interface Split {
  by: string[];
  rename: Record<string, string>;
  parts: number;
}

export const WHOLE: Split = { by: [], rename: {}, parts: 1 };

/** The splits that tell something: by instance and by version, where there are several of them but not too many. */
export function splits(metric: Metric): Split[] {
  return [
    WHOLE,
    ...splitBy(metric, metric.instance, 'instance', INSTANCES_MAX),
    ...splitBy(metric, metric.version, 'version', VERSIONS_MAX),
  ];
}

function splitBy(metric: Metric, label: string | undefined, ours: string, most: number): Split[] {
  const n = label === undefined ? 0 : (metric.labels.get(label)?.length ?? 0);
  return label !== undefined && n > 1 && n <= most ? [{ by: [label], rename: { [label]: ours }, parts: n }] : [];
}

/** By instance where there are several, else the whole: what a process uses is its own. */
export const byInstance = (metric: Metric): Split =>
  splitBy(metric, metric.instance, 'instance', INSTANCES_MAX)[0] ?? WHOLE;

/** `sum by (a, b) (…)`; without labels `sum (…)`. */
export const aggregate = (how: string, by: readonly string[], inner: string): string =>
  by.length > 0 ? `${how} by (${by.map(label).join(', ')}) (${inner})` : `${how} (${inner})`;

/** `rate` and its like of a metric's own series. */
export const over = (fn: string, name: string, matchers: readonly Matcher[], window: string): string =>
  `${fn}(${selector(matchers, name)}[${window}])`;

/** A rate may not be called as its counter is: readers would take it for one. */
export const rateName = (name: string): string => `${name.replace(/_(?:total|sum|count)$/, '')}_rate`;

/** Istio measures every call at both ends; the end that `side` names is taken where both are there. */
export function reportedBy(metric: Metric, side: 'source' | 'destination'): Matcher[] {
  const reporters = metric.labels.get('reporter');
  return reporters?.includes(side) ? [{ label: 'reporter', op: '=', value: side }] : [];
}

/** Labels with few values that tell parts of one thing apart, such as the state of a connection; how many parts. */
export function partsOf(metric: Metric): { by: string[]; parts: number } {
  const used = new Set<string>([...INSTANCE_LABELS, ...VERSION_LABELS, ...metric.own.map((m) => m.label)]);
  const telling = [...metric.labels].filter(
    ([name, values]) => !used.has(name) && values.length > 1 && values.length <= 6,
  );
  const fewest = telling.sort((a, b) => a[1].length - b[1].length || byText(a[0], b[0]));
  const by: string[] = [];
  let parts = 1;
  for (const [name, values] of fewest) {
    if (parts * values.length > PARTS_MAX) break;
    parts *= values.length;
    by.push(name);
  }
  return { by, parts };
}
