/** What `/metrics` shows, in the text format of Prometheus 0.0.4, and the same numbers for OTLP. */
import type { Cost, Decision } from './events.ts';

type Labels = Record<string, string>;
type Kind = 'counter' | 'gauge' | 'histogram';

interface Family {
  name: string;
  help: string;
  kind: Kind;
  bounds: readonly number[];
  values: Map<string, Value>;
}

export interface Value {
  labels: Labels;
  value: number;
  /** Of a histogram: how many fell below each bound, and how many there were. */
  counts?: number[];
  count?: number;
}

/** Different label values of one family; beyond that they are `other`. */
const SERIES_MAX = 200;
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const RUN_SECONDS = [1, 2, 5, 10, 20, 40, 60, 120, 300, 600];

export class Metrics {
  readonly families = new Map<string, Family>();

  constructor() {
    this.#family('inquest_alerts_total', 'Alerts of verified deliveries by hook and what became of them.', 'counter');
    this.#family('inquest_deliveries_total', 'Requests to hooks by hook and HTTP status.', 'counter');
    this.#family('inquest_delivery_seconds', 'Time from the request to its answer.', 'histogram', SECONDS);
    this.#family('inquest_shed_total', 'Alerts that were not taken, by status.', 'counter');
    this.#family('inquest_runs_total', 'Investigations that ended, by outcome.', 'counter');
    this.#family('inquest_run_seconds', 'Duration of investigations.', 'histogram', RUN_SECONDS);
    this.#family('inquest_questions_total', 'Questions that investigations asked.', 'counter');
    this.#family('inquest_tokens_total', 'Tokens that models took.', 'counter');
    this.#family('inquest_dollars_total', 'Dollars that models cost.', 'counter');
    this.#family('inquest_runs_stuck_total', 'Runs that a distributed engine could not get on with.', 'counter');
    this.#family('inquest_runs_waiting', 'Investigations that wait.', 'gauge');
    this.#family('inquest_runs_running', 'Investigations on their way.', 'gauge');
  }

  alert(hook: string, decision: Decision): void {
    this.add('inquest_alerts_total', 1, { hook, decision: decision.do === 'attach' ? decision.as : decision.do });
    if (decision.do === 'shed') this.add('inquest_shed_total', 1, { status: String(decision.status) });
  }

  delivery(hook: string, status: number, seconds: number): void {
    this.add('inquest_deliveries_total', 1, { hook, status: String(status) });
    this.observe('inquest_delivery_seconds', seconds);
  }

  run({ outcome, ms, calls, tokens, dollars }: { outcome: string; ms: number } & Cost): void {
    this.add('inquest_runs_total', 1, { outcome });
    this.observe('inquest_run_seconds', ms / 1000);
    this.add('inquest_questions_total', calls);
    this.add('inquest_tokens_total', tokens);
    this.add('inquest_dollars_total', dollars);
  }

  add(name: string, by: number, labels: Labels = {}): void {
    this.#value(name, labels).value += by;
  }

  set(name: string, to: number): void {
    this.#value(name, {}).value = to;
  }

  observe(name: string, x: number): void {
    const { bounds } = this.families.get(name)!;
    const value = this.#value(name, {});
    value.counts ??= bounds.map(() => 0);
    value.counts = value.counts.map((n, i) => n + (x <= bounds[i]! ? 1 : 0));
    value.count = (value.count ?? 0) + 1;
    value.value += x;
  }

  /** The text format. */
  text(): string {
    const lines: string[] = [];
    for (const { name, help, kind, bounds, values } of this.families.values()) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`);
      for (const { labels, value, counts, count } of values.values()) {
        if (kind !== 'histogram') {
          lines.push(`${name}${braces(labels)} ${value}`);
          continue;
        }
        const below = counts ?? bounds.map(() => 0);
        for (const [i, bound] of bounds.entries()) {
          lines.push(`${name}_bucket${braces({ ...labels, le: String(bound) })} ${below[i]}`);
        }
        lines.push(`${name}_bucket${braces({ ...labels, le: '+Inf' })} ${count ?? 0}`);
        lines.push(`${name}_sum${braces(labels)} ${value}`, `${name}_count${braces(labels)} ${count ?? 0}`);
      }
    }
    return `${lines.join('\n')}\n`;
  }

  #family(name: string, help: string, kind: Kind, bounds: readonly number[] = []): void {
    this.families.set(name, { name, help, kind, bounds, values: new Map() });
    if (kind !== 'counter') this.#value(name, {});
  }

  #value(name: string, labels: Labels): Value {
    const { values } = this.families.get(name)!;
    const id = JSON.stringify(labels);
    const known = values.get(id);
    if (known) return known;
    const bounded = values.size < SERIES_MAX ? labels : mapValues(labels, () => 'other');
    const fresh: Value = values.get(JSON.stringify(bounded)) ?? { labels: bounded, value: 0 };
    values.set(JSON.stringify(bounded), fresh);
    return fresh;
  }
}

const mapValues = (labels: Labels, change: (v: string) => string): Labels =>
  Object.fromEntries(Object.entries(labels).map(([k, v]) => [k, change(v)]));

const braces = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(
    ([k, v]) => `${k}="${v.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`,
  );
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
};
