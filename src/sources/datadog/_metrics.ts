/** `metrics.range`: golden signals of a service, what the Agent measures of a host, or a monitor's own query. */
import type { Questions } from '../../core/capabilities.ts';
import type { Series } from '../../core/telemetry.ts';
import { count, cut, plural } from '../../core/text.ts';
import { timeSpan, toMs } from '../../core/time.ts';
import { answer, type Tool, type ToolContext, tool } from '../../tools/tool.ts';
import { fitSeries } from '../_fit.ts';
import { asking } from '../_refused.ts';
import { sampleOf } from '../_series-text.ts';
import type { Account } from './_account.ts';
import { INSTANCE_TAGS, tagOf } from './_language.ts';
import { linkTo } from './_link.ts';
import { ofHost, ofService, type ReadMetrics } from './_metrics-read.ts';
import { type Grid, gridFor } from './_series.ts';
import type { MetricSeries } from './_shapes.ts';
import { baseUnit, kindOfName } from './_units.ts';

type Question = Questions['metrics.range'];

const about =
  'Golden signals of a service (requests, its instances and resources, calls, its other metrics), what the Agent measures of a host, or one metric query as a monitor has it.';

export function metricsTool(account: Account): Tool {
  return tool(account.name, 'metrics.range', about, (question, ctx) => {
    const from = toMs(question.from);
    const to = Math.min(toMs(question.to), account.now());
    const { service, node, query } = question;
    const what = query ?? (service === undefined ? `host ${node}` : `service ${service}`);
    const span = timeSpan(question);
    const refuse = (summary: string, problem: string) =>
      Promise.resolve(answer.problem('failed', { summary, searched: `${what}, ${span}`, problem }));
    if (query === undefined && service === undefined && node === undefined)
      return refuse(
        'nothing was named',
        'A Datadog account holds too much to be asked for all of it: name a service, a host or a query.',
      );
    if (query !== undefined && !isMetricQuery(query))
      return refuse(
        'no metric query',
        'This monitor watches logs, spans, checks or other events; ask for its service instead.',
      );
    if (!(from < to)) {
      const rest = { summary: 'the window is empty', searched: `${what}, ${span}`, trust: 'clean' as const };
      return Promise.resolve(answer.empty<'metrics.range'>({ series: [] }, rest));
    }
    const grid = gridFor(from, to);
    return asking(`${what}, ${span}`, async () => {
      const found = await ask(account, question, grid, ctx);
      const wanted = found.series.filter(
        (s) => question.kinds === undefined || !s.kind || question.kinds.includes(s.kind),
      );
      const { series, truncated } = fitSeries(wanted.map(rounded).sort(byKind));
      const rest = {
        searched: cut(`${what}, ${span}, every ${grid.intervalMs / 1000} s: ${found.queries.join(' ; ')}`, 1500),
        trust: 'clean' as const,
        link: linkTo(account, 'metrics', question, found.queries[0]),
      };
      const [first] = found.refused;
      const problem = first && `${found.refused.length} of ${found.queries.length} queries were refused: ${first.why}`;
      if (series.length === 0 && problem !== undefined)
        return answer.problem('failed', { summary: cut(problem, 120), searched: rest.searched, problem });
      if (series.length === 0)
        return answer.empty<'metrics.range'>({ series }, { ...rest, summary: `nothing known of ${what}` });
      const samples = wanted.reduce((n, s) => n + s.times.length, 0);
      const left =
        found.left === 0
          ? undefined
          : { kept: found.queries.length, of: found.queries.length + found.left, what: 'queries' };
      const less = truncated ?? left;
      const told = answer.ok<'metrics.range'>(
        { series },
        {
          ...rest,
          summary: `${plural(series.length, 'series', 'series')}, ${count(samples)} samples`,
          sample: sampleOf(series),
          ...(less && { truncated: less }),
        },
      );
      return problem === undefined ? told : { ...told, status: 'partial' as const, problem };
    });
  });
}

function ask(account: Account, question: Question, grid: Grid, ctx: ToolContext): Promise<ReadMetrics> {
  const { service, node, query } = question;
  if (query !== undefined) return ofQuery(account, query, service, grid, ctx);
  return service === undefined ? ofHost(account, node as string, grid, ctx) : ofService(account, service, grid, ctx);
}

/** `avg(last_5m):` in front of a monitor's query says how it is judged, not what is measured. */
const EVALUATED = /^\s*\w+\((?:last|current|next)_\w+(?:,[^)]*)?\):/;
const COMPARED = /\s*(?:>=|<=|>|<)\s*-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\s*$/;

const isMetricQuery = (query: string): boolean =>
  /(?:avg|sum|min|max|count|p\d\d(?:\.\d+)?):[a-zA-Z][\w.]*\s*\{/.test(query);

/** A monitor's own query, as Datadog evaluates it. */
async function ofQuery(
  account: Account,
  query: string,
  service: string | undefined,
  grid: Grid,
  ctx: ToolContext,
): Promise<ReadMetrics> {
  const expression = query.replace(EVALUATED, '').replace(COMPARED, '').trim();
  const read = (shared: ToolContext): Promise<{ series: MetricSeries[] }> =>
    account.client.call('v1.queryMetrics', { from: grid.from, to: grid.to, query: expression }, shared);
  const { series } = await account.once(`query ${grid.from} ${grid.to} ${expression}`, ctx, read);
  const [scoped] = [...expression.matchAll(/[{,\s(!]service:([\w\-./:]+)/g)].map((m) => m[1]);
  const mine = service ?? (scoped && !expression.includes('!service:') ? account.ours(scoped) : undefined);
  return {
    series: series.flatMap((s) => ownSeries(account, s, expression, mine, grid)),
    queries: [expression],
    left: 0,
    refused: [],
  };
}

function ownSeries(
  account: Account,
  s: MetricSeries,
  expression: string,
  service: string | undefined,
  grid: Grid,
): Series[] {
  const tags = [...s.tags, ...s.scope.split(',')];
  const named = tagOf(tags, 'service');
  const instance = tagOf(s.tags, ...INSTANCE_TAGS);
  const of = named === undefined ? service : account.ours(named);
  const statistic = /^\s*(p\d\d):/.exec(expression)?.[1];
  const base = baseUnit(s.unit, s.perUnit);
  const ratio = /\/[^}]*\{/.test(expression.replace(/\{[^}]*\}/g, '{}'));
  const kind = kindOfName(s.metric);
  const samples = s.times.flatMap((t, i) => {
    const v = s.values[i];
    return v === null || v === undefined
      ? []
      : [{ t: Math.min(t + s.intervalMs, grid.to), v: ratio ? v : v * base.factor }];
  });
  if (samples.length === 0) return [];
  return [
    {
      labels: {
        __name__: s.metric,
        ...(of !== undefined && { service: of }),
        ...(instance !== undefined && { instance }),
        ...(statistic !== undefined && { statistic }),
      },
      ...(kind && { kind }),
      ...(!ratio && base.unit !== undefined && { unit: base.unit }),
      times: samples.map((x) => x.t),
      values: samples.map((x) => x.v),
    },
  ];
}

/** Six digits tell as much as sixteen, in a third of the journal. */
const rounded = (s: Series): Series => ({
  ...s,
  values: s.values.map((v) => (v === null ? null : Number(v.toPrecision(6)))),
});

/** What people feel first: where an answer has to be cut, the rest goes. */
const ORDER = ['errors', 'latency', 'availability', 'traffic'];
const place = (s: Series): number => {
  const at = ORDER.indexOf(s.kind ?? '');
  return at < 0 ? ORDER.length : at;
};
const byKind = (a: Series, b: Series): number => place(a) - place(b);
