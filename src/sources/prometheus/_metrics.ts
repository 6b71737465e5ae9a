/** `metrics.range` of a Prometheus: golden signals of a service, of a node, or one expression as a rule has it. */
import type { Questions } from '../../core/capabilities.ts';
import type { Series } from '../../core/telemetry.ts';
import { count, cut, plural } from '../../core/text.ts';
import { timeSpan, toMs } from '../../core/time.ts';
import type { Answer } from '../../core/types.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import { fitSeries } from '../_fit.ts';
import { asking } from '../_refused.ts';
import { sampleOf } from '../_series-text.ts';
import type { Client } from './_client.ts';
import { type Evaluated, evaluate } from './_evaluate.ts';
import { type Plan, planNode, planService } from './_golden.ts';
import { askQuery } from './_query.ts';
import { type Server, withClient } from './_server.ts';

type Question = Questions['metrics.range'];

export function metricsTool(name: string, server: Server): Tool {
  const about =
    'Golden signals of a service (requests, its instances and versions, calls, resources), of a node, or one PromQL expression; a comparison such as `> 0.05` is taken off and kept as the label `threshold`.';
  return tool(name, 'metrics.range', about, (question, ctx) => {
    const now = server.env.now();
    const from = toMs(question.from);
    const to = Math.min(toMs(question.to), now);
    const { service, node, query } = question;
    const what = query ?? (service === undefined ? `node ${node}` : `service ${service}`);
    const span = timeSpan(question);
    if (query === undefined && service === undefined && node === undefined) {
      const problem = 'A Prometheus holds too much to be asked for all of it: name a service, a node or a query.';
      const refused = answer.problem('failed', { summary: 'nothing was named', searched: server.http.base, problem });
      return Promise.resolve(refused);
    }
    if (!(from < to)) {
      const rest = { summary: 'the window is empty', searched: `${what}, ${span}`, trust: 'clean' as const };
      return Promise.resolve(answer.empty<'metrics.range'>({ series: [] }, rest));
    }
    return asking(`${what}, ${span} at ${server.http.base}`, () =>
      withClient(server, ctx, async (client) => {
        const { grid, signals, found } = await ask(server, client, question, from, to);
        const last = to >= now ? to : to - 1;
        const series = found.series.map(until(last));
        return toAnswer(server, question, what, { grid, signals }, { ...found, series });
      }),
    );
  });
}

type Asked = Pick<Plan, 'grid' | 'signals'> & { found: Evaluated };

async function ask(server: Server, client: Client, question: Question, from: number, to: number): Promise<Asked> {
  const { service, node, query, kinds } = question;
  if (query !== undefined) return askQuery(client, { query, from, to, ...(service !== undefined && { service }) });
  const plan =
    service === undefined
      ? await planNode(client, node as string, from, to)
      : await planService(server, client, service, from, to);
  const signals = plan.signals.filter((s) => kinds === undefined || !s.kind || kinds.includes(s.kind));
  return { grid: plan.grid, signals, found: await evaluate(client, signals, plan.grid) };
}

const until =
  (last: number) =>
  (s: Series): Series => {
    const n = s.times.findLastIndex((t) => t <= last) + 1;
    return n === s.times.length ? s : { ...s, times: s.times.slice(0, n), values: s.values.slice(0, n) };
  };

function toAnswer(
  server: Server,
  question: Question,
  what: string,
  { grid, signals }: Pick<Plan, 'grid' | 'signals'>,
  { series: all, failed }: Evaluated,
): Answer<'metrics.range'> {
  const { series, truncated } = fitSeries(all.filter((s) => s.times.length > 0));
  const expressions = signals.map((s) => s.expression);
  const searched = cut(`${what}, ${timeSpan(question)}, step ${grid.step}s: ${expressions.join(' ; ')}`, 1500);
  const link = expressions[0] === undefined ? {} : { link: graph(server.http.base, expressions[0], question) };
  const rest = { searched, trust: 'clean' as const, ...link };
  const problem =
    failed.length === 0
      ? {}
      : { problem: `${failed.length} of ${signals.length} expressions failed: ${failed[0]?.why}` };
  if (series.length === 0) {
    const mend = ' (the config can name its labels or queries under "services")';
    const summary = signals.length === 0 ? `nothing known of ${what}${mend}` : 'no sample in this window';
    const none = answer.empty<'metrics.range'>({ series: [] }, { ...rest, summary });
    return failed.length === 0 ? none : { ...none, ...problem, status: 'failed' };
  }
  const samples = series.reduce((n, s) => n + s.times.length, 0);
  const complete = answer.ok<'metrics.range'>(
    { series },
    {
      ...rest,
      summary: `${plural(series.length, 'series', 'series')}, ${count(samples)} samples`,
      sample: sampleOf(series),
      ...(truncated && { truncated }),
    },
  );
  return failed.length === 0 ? complete : { ...complete, ...problem, status: 'partial' };
}

/** Where a person sees the same in Prometheus' own page. */
function graph(base: string, expression: string, { from, to }: Question): string {
  const seconds = Math.max(1, Math.round((toMs(to) - toMs(from)) / 1000));
  const query = new URLSearchParams([
    ['g0.expr', expression],
    ['g0.tab', '0'],
    ['g0.range_input', `${seconds}s`],
    ['g0.end_input', to.slice(0, 19).replace('T', ' ')],
  ]);
  return `${base}/graph?${query.toString()}`;
}
