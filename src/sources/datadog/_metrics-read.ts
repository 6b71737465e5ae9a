/** Metrics of many services in few requests: all that the topology names are asked for together, once a run. */
import type { Series } from '../../core/telemetry.ts';
import { HOUR, range } from '../../core/time.ts';
import type { ToolContext } from '../../tools/tool.ts';
import { Refused } from '../_refused.ts';
import { type Account, readPages } from './_account.ts';
import { metricScope } from './_language.ts';
import { type Grid, toSeries } from './_series.ts';
import { hostSignals, type Signal, serviceSignals } from './_signals.ts';
import { readTopology } from './_topology.ts';

/** Services of one batch: a scope that names more is refused by some proxies for its length. */
const BATCH_MAX = 40;
/** Queries of one request. Datadog names no limit; where it refuses so many, halves are asked. */
const QUERIES_MAX = 110;
const HALVINGS = 2;
/** Characters of one request, below what the allow table takes: each query names all services. And those around a query. */
const CHARACTERS_MAX = 60_000;
const QUERY_AROUND = 100;
const LISTED_PAGES = 2;

export interface ReadMetrics {
  series: Series[];
  queries: string[];
  /** Metrics that carry the services' tag and were not asked for. */
  left: number;
  /** Queries that Datadog refused, and why. */
  refused: { query: string; why: string }[];
}

/** The series of a service, its calls among them; those of its neighbours come along and are kept for their own question. */
export async function ofService(account: Account, service: string, grid: Grid, ctx: ToolContext): Promise<ReadMetrics> {
  const all = await batchOf(account, service, 'service', grid, ctx);
  const isOf = ({ labels }: Series): boolean => [labels.service, labels.caller, labels.callee].includes(service);
  return { ...all, series: all.series.filter(isOf) };
}

/** What the Agent measures of a host. */
export async function ofHost(account: Account, host: string, grid: Grid, ctx: ToolContext): Promise<ReadMetrics> {
  const all = await batchOf(account, host, 'node', grid, ctx);
  return { ...all, series: all.series.filter(({ labels }) => labels.service === undefined && labels.node === host) };
}

/** The batch of an entity: the topology's services in order, so that it does not depend on who is asked first; all hosts with the first. */
async function batchOf(
  account: Account,
  name: string,
  level: 'service' | 'node',
  grid: Grid,
  ctx: ToolContext,
): Promise<ReadMetrics> {
  const { services } = await readTopology(account, range(grid.from, grid.to), ctx).catch((e: unknown) => {
    if (!(e instanceof Refused)) throw e;
    return { services: [] };
  });
  const known = (of: 'service' | 'node'): string[] => services.filter((s) => s.level === of).map((s) => s.name);
  const at = known(level).indexOf(name);
  const first = level === 'node' ? 0 : Math.floor(at / BATCH_MAX) * BATCH_MAX;
  const batch =
    at < 0
      ? { services: level === 'service' ? [name] : [], hosts: level === 'node' ? [name] : [] }
      : { services: known('service').slice(first, first + BATCH_MAX), hosts: first === 0 ? known('node') : [] };
  const key = `metrics ${grid.from} ${grid.to} ${batch.services.join(',')} ${batch.hosts.join(',')}`;
  return account.once(key, ctx, (shared) => readBatch(account, batch, grid, shared));
}

async function readBatch(
  account: Account,
  { services, hosts }: { services: string[]; hosts: string[] },
  grid: Grid,
  ctx: ToolContext,
): Promise<ReadMetrics> {
  const scope = metricScope(account, { service: services.flatMap((s) => account.names(s)) });
  const { signals, left } = services.length === 0 ? { signals: [], left: 0 } : await listed(account, scope, grid, ctx);
  const all = [...signals, ...(hosts.length === 0 ? [] : hostSignals(metricScope(account, { host: hosts })))];
  const read = await Promise.all(requestsOf(all).map((part) => readSignals(account, part, grid, ctx, HALVINGS)));
  return {
    series: read.flatMap((r) => r.series),
    refused: read.flatMap((r) => r.refused),
    queries: all.map((s) => s.query),
    left,
  };
}

/** The signals of services, by the metrics that carry their tag. */
async function listed(
  account: Account,
  scope: string,
  grid: Grid,
  ctx: ToolContext,
): Promise<ReturnType<typeof serviceSignals>> {
  const { items } = await readPages(LISTED_PAGES, ctx, (cursor) =>
    account.client.call(
      'v2.listTagConfigurations',
      // Datadog counts back from its own now, which is not before that of the investigation.
      { tags: scope, windowMs: Math.max(HOUR, account.now() - grid.from), ...(cursor !== undefined && { cursor }) },
      ctx,
    ),
  );
  return serviceSignals(
    items.map((m) => m.name),
    scope,
  );
}

/** The signals in as few requests as they fit into, in their order. */
function requestsOf(signals: Signal[]): Signal[][] {
  const requests: Signal[][] = [];
  let room = 0;
  for (const signal of signals) {
    const length = signal.query.length + QUERY_AROUND;
    const last = requests.at(-1);
    if (last === undefined || length > room || last.length === QUERIES_MAX) {
      requests.push([signal]);
      room = CHARACTERS_MAX - length;
    } else {
      last.push(signal);
      room -= length;
    }
  }
  return requests;
}

/** One request; what is refused as a whole is asked in halves, so that one query does not take the others along. */
async function readSignals(
  account: Account,
  signals: Signal[],
  grid: Grid,
  ctx: ToolContext,
  halvings: number,
): Promise<Pick<ReadMetrics, 'series' | 'refused'>> {
  try {
    const found = await account.client.call(
      'v2.queryTimeseriesData',
      {
        ...grid,
        queries: signals.map(({ query }, i) => ({ source: 'metrics', name: `q${i}`, query })),
        formulas: signals.map((_, i) => `q${i}`),
      },
      ctx,
    );
    return { series: toSeries(account, found, signals, grid), refused: [] };
  } catch (e) {
    if (!(e instanceof Refused) || (e.refusal.code !== 400 && e.refusal.code !== 413)) throw e;
    const why = e.refusal.what;
    if (signals.length === 1 || halvings === 0)
      return { series: [], refused: signals.map(({ query }) => ({ query, why })) };
    const half = Math.ceil(signals.length / 2);
    const [a, b] = await Promise.all(
      [signals.slice(0, half), signals.slice(half)].map((part) => readSignals(account, part, grid, ctx, halvings - 1)),
    );
    return { series: [...a!.series, ...b!.series], refused: [...a!.refused, ...b!.refused] };
  }
}
