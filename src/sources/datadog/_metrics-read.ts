/** Metrics of many services in few requests: all that the topology names are asked for together, once a run. */
import type { Series } from '../../core/telemetry.ts';
import type { ToolContext } from '../../tools/tool.ts';
import { Refused } from '../_refused.ts';
import { type Account, readPages } from './_account.ts';
import { metricScope } from './_language.ts';
import { type Grid, toSeries } from './_series.ts';
import { hostSignals, type Signal, serviceSignals } from './_signals.ts';
import { readTopology } from './_topology.ts';

/** Services of one batch: a scope that names more is refused by some proxies for its length. */
const BATCH_MAX = 40;
/** Queries of one request. */
const QUERIES_MAX = 45;
const LISTED_PAGES = 2;
const HOUR = 3_600_000;

export interface ReadMetrics {
  series: Series[];
  queries: string[];
  /** Metrics that carry the services' tag and were not asked for. */
  left: number;
}

/** The series of a service, its calls among them; those of its neighbours come along and are kept for their own question. */
export async function ofService(account: Account, service: string, grid: Grid, ctx: ToolContext): Promise<ReadMetrics> {
  const batch = await batchOf(account, service, grid, ctx);
  const all = await account.once(`metrics ${grid.from} ${grid.to} ${batch.join(',')}`, () =>
    readBatch(account, batch, grid, ctx),
  );
  const isOf = ({ labels }: Series): boolean => [labels.service, labels.caller, labels.callee].includes(service);
  return { ...all, series: all.series.filter(isOf) };
}

/** The batch that a service belongs to: the topology's services in order, so that it does not depend on who is asked first. */
async function batchOf(account: Account, service: string, grid: Grid, ctx: ToolContext): Promise<string[]> {
  const range = { from: new Date(grid.from).toISOString(), to: new Date(grid.to).toISOString() };
  const { services } = await readTopology(account, range, ctx).catch((e: unknown) => {
    if (!(e instanceof Refused)) throw e;
    return { services: [] };
  });
  const known = services.filter((s) => s.level === 'service').map((s) => s.name);
  const at = known.indexOf(service);
  if (at < 0) return [service];
  const first = Math.floor(at / BATCH_MAX) * BATCH_MAX;
  return known.slice(first, first + BATCH_MAX);
}

async function readBatch(account: Account, services: string[], grid: Grid, ctx: ToolContext): Promise<ReadMetrics> {
  const names = services.flatMap((s) => account.names(s));
  const scope = metricScope(account, { service: names });
  const listed = await readPages(LISTED_PAGES, ctx, (cursor) =>
    account.client.call(
      'v2.listTagConfigurations',
      // Datadog counts back from its own now, which is not before that of the investigation.
      { tags: scope, windowMs: Math.max(HOUR, account.now() - grid.from), ...(cursor !== undefined && { cursor }) },
      ctx,
    ),
  );
  const { signals, left } = serviceSignals(
    listed.items.map((m) => m.name),
    scope,
  );
  return { series: await readSignals(account, signals, grid, ctx), queries: signals.map((s) => s.query), left };
}

/** The Agent's series of a host. */
export async function ofHost(account: Account, host: string, grid: Grid, ctx: ToolContext): Promise<ReadMetrics> {
  const signals = hostSignals(metricScope(account, { host: [host] }));
  const series = await readSignals(account, signals, grid, ctx);
  return { series, queries: signals.map((s) => s.query), left: 0 };
}

async function readSignals(account: Account, signals: Signal[], grid: Grid, ctx: ToolContext): Promise<Series[]> {
  const parts = Array.from({ length: Math.ceil(signals.length / QUERIES_MAX) }, (_, i) =>
    signals.slice(i * QUERIES_MAX, (i + 1) * QUERIES_MAX),
  );
  const answers = await Promise.all(
    parts.map((part) =>
      account.client.call(
        'v2.queryTimeseriesData',
        {
          ...grid,
          queries: part.map(({ query }, i) => ({ source: 'metrics', name: `q${i}`, query })),
          formulas: part.map((_, i) => `q${i}`),
        },
        ctx,
      ),
    ),
  );
  return answers.flatMap((a, i) => toSeries(account, a, parts[i]!, grid));
}
