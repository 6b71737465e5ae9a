/** Golden signals of one service or node on a Prometheus that nobody has seen before. */
import type { SeriesKind } from '../../core/telemetry.ts';
import type { ServiceConfig } from '../../tools/tool.ts';
import type { Client } from './_client.ts';
import { plain } from './_conventions.ts';
import { discover, type Known, type Metric } from './_discover.ts';
import { type Grid, gridFor, sampling } from './_evaluate.ts';
import { literal, type Matcher, selector } from './_promql.ts';
import { callSignals, failing, servedSignals } from './_requests.ts';
import { nodeSignals, resourceSignals } from './_resources.ts';
import type { Server } from './_server.ts';
import type { Signal, Spans } from './_signal.ts';

export interface Plan {
  grid: Grid;
  signals: Signal[];
  known: Known;
}

/** The signals of a service: those that the config writes down, then what discovery finds for the other kinds. */
export async function planService(
  server: Server,
  client: Client,
  service: string,
  from: number,
  to: number,
): Promise<Plan> {
  const config: ServiceConfig = server.env.services[service] ?? {};
  const { serviceLabel } = server;
  const asked = { service, config, from, to, ...(serviceLabel !== undefined && { serviceLabel }) };
  const known = await discover(client, asked, await server.types(client));
  const all = [...known.metrics, ...known.calls];
  const steady = all.find((m) => m.type !== 'gauge') ?? all[0];
  const { interval, from: begun } = steady ? await sampling(client, steady, from, to) : { interval: 15, from };
  const rough = signalsOf(known, config, gridFor(begun, to, interval));
  // The number of series says how many points of each fit, and so the step, which the rates have to span.
  const grid = gridFor(
    begun,
    to,
    interval,
    rough.reduce((n, s) => n + s.expect, 0),
  );
  return { grid, known, signals: signalsOf(known, config, grid) };
}

function signalsOf(known: Known, config: ServiceConfig, spans: Spans): Signal[] {
  const written = configured(known.service, config);
  const kinds = new Set(written.map((s) => s.kind));
  const requests = [...servedSignals(known, spans), ...callSignals(known, spans)];
  const taken = new Set(known.metrics.filter((m) => isUsed(m, requests)).map((m) => m.name));
  const found = [...requests, ...resourceSignals(known, spans, taken)];
  // A query that somebody wrote down counts more than what we guess; calls are none of the service's own signals.
  return [...written, ...found.filter((s) => !kinds.has(s.kind) || s.fixed.service === undefined)];
}

const isUsed = (m: Metric, signals: readonly Signal[]): boolean =>
  signals.some((s) => s.expression.includes(`"${m.name}"`) || s.expression.includes(`"${m.name}_`));

/** `services.<name>.queries` of the config, by kind of signal. */
function configured(service: string, config: ServiceConfig): Signal[] {
  const units: Partial<Record<string, string>> = { latency: 's', traffic: '1/s', availability: '%' };
  return Object.entries(config.queries ?? {}).map(([kind, expression]) => ({
    name: `request_${kind}`,
    kind: kind as SeriesKind,
    ...(units[kind] !== undefined && { unit: units[kind] }),
    expression: `(${expression})`,
    fixed: { service },
    rename: { pod: 'instance' },
    expect: 1,
  }));
}

/** The signals of a node: of the exporter that runs on it. */
export async function planNode(client: Client, node: string, from: number, to: number): Promise<Omit<Plan, 'known'>> {
  const own = (label: string, value: string): Matcher[] => [
    { label: '__name__', op: '=~', value: 'node_.+' },
    { label, op: '=~', value },
  ];
  const here = `${literal(node)}(?::\\d+)?`;
  const named: Matcher[] = [
    { label: '__name__', op: '=', value: 'node_uname_info' },
    { label: 'nodename', op: '=', value: node },
  ];
  const ways = [own('node', here), own('instance', here), own('kubernetes_node', here)];
  const series = await client.series(
    [...ways, named].map((m) => selector(m)),
    from,
    to,
  );
  const uname = series.find((l) => l.nodename === node)?.instance;
  const way =
    [...ways, ...(uname === undefined ? [] : [own('instance', literal(uname))])].find((w) =>
      series.some((l) => new RegExp(`^(?:${w[1]?.value})$`).test(l[w[1]?.label ?? ''] ?? '')),
    ) ?? [];
  const matchers = way.slice(1);
  const names = new Set(matchers.length === 0 ? [] : await client.labelValues('__name__', [selector(way)], from, to));
  const probe: Metric = { name: 'node_load1', type: 'gauge', own: matchers, labels: new Map() };
  const seen = names.has('node_load1') ? await sampling(client, probe, from, to) : { interval: 15, from };
  const grid = gridFor(seen.from, to, seen.interval);
  return { grid, signals: nodeSignals(node, matchers, names, grid) };
}

/** How a service was found, for `doctor` and for the answer: which metric gives which signal, by which label. */
export function howFound({ known, signals }: Pick<Plan, 'known' | 'signals'>): string[] {
  const used = known.metrics.filter((m) => isUsed(m, signals));
  const by = (m: Metric): string => selector(m.own);
  const rates = signals.filter((s) => s.name === 'request_rate');
  const requests = used.filter((m) => isUsed(m, rates));
  const lines = requests.map((m) => {
    const bad = failing(m);
    const ends = bad ? `errors by ${bad.label}${bad.op}"${bad.value}"` : 'no label tells failures';
    return `${plain(m.name)} (${m.type}) ${by(m)}, ${ends}`;
  });
  const calls = known.calls.map((c) => `${c.side === 'caller' ? 'calls to' : 'calls from'} ${c.peer} in ${c.name}`);
  const rest = used.filter((m) => !requests.includes(m)).map((m) => m.name);
  return [
    ...lines,
    ...calls,
    ...(rest.length > 0
      ? [`also ${rest.slice(0, 8).join(', ')}${rest.length > 8 ? ` and ${rest.length - 8} more` : ''}`]
      : []),
  ];
}
