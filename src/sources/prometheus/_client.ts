/** The reads of Prometheus' HTTP API v1 that we use, typed; Thanos, Mimir and VictoriaMetrics speak the same. */
import type { ToolContext } from '../../tools/tool.ts';
import type { Http } from '../_http.ts';
import { Refused } from '../_refused.ts';

/** From here on a query is sent as a form, since proxies cut long URLs. */
const URL_MAX = 1800;

const OTHER = 'Does another service answer there? Check host, port and path of the URL.';

export type Labels = Record<string, string>;

/** One line of a range result; times in ms, NaN and infinities are null. */
export interface Line {
  labels: Labels;
  times: number[];
  values: (number | null)[];
}

export interface Rule {
  name: string;
  query: string;
  labels: Labels;
  annotations: Labels;
}

export interface ActiveAlert {
  labels: Labels;
  annotations: Labels;
  state: string;
  activeAt: string;
}

export interface Client {
  base: string;
  /** Times in ms, step in s. */
  range(query: string, from: number, to: number, step: number): Promise<Line[]>;
  /** Each line has one sample. */
  instant(query: string, at: number): Promise<Line[]>;
  series(match: readonly string[], from: number, to: number): Promise<Labels[]>;
  labelValues(label: string, match: readonly string[], from: number, to: number): Promise<string[]>;
  /** Types by metric name (`counter`, `gauge`, `histogram`, `summary`). */
  metadata(): Promise<ReadonlyMap<string, string>>;
  alertRules(): Promise<Rule[]>;
  activeAlerts(): Promise<ActiveAlert[]>;
  /** Requests sent so far. */
  sent(): number;
}

/** The client for one question: all its requests stop with its signal. Every method throws `Refused`. */
export function promClient(http: Http, ctx: ToolContext): Client {
  let sent = 0;
  async function data(method: 'GET' | 'POST', path: Path, query: [string, string][], label?: string): Promise<unknown> {
    sent++;
    const names = label === undefined ? {} : { names: { name: label } };
    const { json } = await http.read({ method, path }, { ...ctx, query, ...names });
    const { status, data: found, error } = (json ?? {}) as Record<string, unknown>;
    if (status === 'success') return found;
    const said = typeof error === 'string' ? error : 'JSON without "status": "success"';
    throw new Refused('failed', `${http.base}${path} does not answer as Prometheus does: ${said}`, false, OTHER);
  }
  const evaluate = async (
    path: '/api/v1/query' | '/api/v1/query_range',
    query: [string, string][],
  ): Promise<Line[]> => {
    const long = new URLSearchParams(query).toString().length > URL_MAX;
    const found = (await data(long ? 'POST' : 'GET', path, query)) as { result?: unknown } | undefined;
    return Array.isArray(found?.result) ? found.result.flatMap(toLine) : [];
  };
  const times = (from: number, to: number): [string, string][] => [
    ['start', seconds(from)],
    ['end', seconds(to)],
  ];
  const matches = (match: readonly string[]) => match.map((m): [string, string] => ['match[]', m]);

  return {
    base: http.base,
    range: (query, from, to, step) =>
      evaluate('/api/v1/query_range', [['query', query], ...times(from, to), ['step', String(step)]]),
    instant: (query, at) =>
      evaluate('/api/v1/query', [
        ['query', query],
        ['time', seconds(at)],
      ]),
    series: async (match, from, to) =>
      list(await data('GET', '/api/v1/series', [...matches(match), ...times(from, to)])),
    labelValues: async (label, match, from, to) =>
      list(await data('GET', '/api/v1/label/:name/values', [...matches(match), ...times(from, to)], label)).filter(
        (value) => typeof value === 'string',
      ),
    async metadata() {
      const found = ((await data('GET', '/api/v1/metadata', [])) ?? {}) as Record<string, { type?: string }[]>;
      return new Map(Object.entries(found).map(([name, entries]) => [name, entries[0]?.type ?? 'unknown']));
    },
    async alertRules() {
      const found = (await data('GET', '/api/v1/rules', [['type', 'alert']])) as { groups?: { rules?: unknown[] }[] };
      const rules = (found?.groups ?? []).flatMap((g) => g.rules ?? []) as (Partial<Rule> & { type?: string })[];
      return rules
        .filter((r) => r.type === 'alerting' && typeof r.name === 'string' && typeof r.query === 'string')
        .map((r) => ({
          name: r.name as string,
          query: r.query as string,
          labels: r.labels ?? {},
          annotations: r.annotations ?? {},
        }));
    },
    async activeAlerts() {
      const found = (await data('GET', '/api/v1/alerts', [])) as { alerts?: unknown };
      return list<ActiveAlert>(found?.alerts);
    },
    sent: () => sent,
  };
}

type Path =
  | '/api/v1/query'
  | '/api/v1/query_range'
  | '/api/v1/series'
  | '/api/v1/label/:name/values'
  | '/api/v1/metadata'
  | '/api/v1/rules'
  | '/api/v1/alerts';

const list = <T>(found: unknown): T[] => (Array.isArray(found) ? (found as T[]) : []);

/** Seconds with milliseconds, without an exponent. */
const seconds = (ms: number): string => (ms / 1000).toFixed(3);

type Sample = [number, string];

function toLine(result: unknown): Line[] {
  const { metric, values, value } = result as { metric?: Labels; values?: Sample[]; value?: Sample };
  const samples = values ?? (value ? [value] : []);
  if (!metric || samples.length === 0) return [];
  return [
    {
      labels: metric,
      times: samples.map(([t]) => Math.round(t * 1000)),
      values: samples.map(([, v]) => {
        const n = Number(v);
        return Number.isFinite(n) ? n : null;
      }),
    },
  ];
}
