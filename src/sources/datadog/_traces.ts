/** `traces.summary` and `traces.search`. */
import { summariseSpans } from '../../analysis/spans.ts';
import type { LogRecord, Span } from '../../core/telemetry.ts';
import { count, plural } from '../../core/text.ts';
import { timeSpan, toIso, toMs } from '../../core/time.ts';
import type { Answer } from '../../core/types.ts';
import { answer, type Tool, type ToolContext, tool } from '../../tools/tool.ts';
import { fitItems } from '../_fit.ts';
import { operationLines, spanLines } from '../_record-text.ts';
import { asking, Refused } from '../_refused.ts';
import type { Account } from './_account.ts';
import { facet, searchOf } from './_language.ts';
import { readLines } from './_lines.ts';
import { linkOf, linkTo } from './_link.ts';
import { idKey, toSpan } from './_records.ts';
import { readSpans, SPANS_PAGE } from './_spans.ts';

export const traceTools = (account: Account): Tool[] => [summaryTool(account), searchTool(account)];

function summaryTool(account: Account): Tool {
  const about =
    'Operations, calls between services and flow inside an operation, before and after, from the spans that Datadog indexes; of a service: the traces through it.';
  return tool(account.name, 'traces.summary', about, (question, ctx) => {
    const { service, baseline, from, to } = question;
    const begin = [from, ...baseline.map((b) => b.from)].sort()[0]!;
    const query = searchOf(account, service);
    const searched = `spans ${query}, ${timeSpan({ from: begin, to })}`;
    return asking(searched, async () => {
      const [read, logs] = await Promise.all([
        readSpans(account, begin, from, to, ctx),
        logsOf(account, begin, to, ctx),
      ]);
      const spans = through(read.spans, service === undefined ? undefined : account.names(service));
      const joined = join(logs, spans);
      const now = account.now();
      const summary = summariseSpans(spans, {
        from,
        to: toMs(to) >= now ? toIso(now + 1) : to,
        baseline,
        ...(joined && { logs: joined }),
        coverage: { spans: read.covered.map((c) => ({ from: c.from, to: toMs(c.to) >= now ? toIso(now + 1) : c.to })) },
      });
      const without = logs === undefined ? ' (without their logs, which were not all read)' : '';
      const rest = { searched, trust: 'clean' as const, link: linkTo(account, 'traces', question, query) };
      if (spans.length === 0)
        return answer.empty<'traces.summary'>(summary, { ...rest, summary: 'no span is indexed' });
      const { before, after } = summary.spans;
      const told: Answer<'traces.summary'> = answer.ok<'traces.summary'>(summary, {
        ...rest,
        summary: `${plural(after, 'span')} in the window, ${count(before)} before, ${plural(summary.operations.length, 'operation')}${without}`,
        sample: operationLines(summary),
        ...(read.more && {
          truncated: {
            kept: spans.length,
            of: spans.length + 1,
            what: 'spans (the nearest to the onset; there are more)',
          },
        }),
      });
      return read.incomplete === undefined ? told : { ...told, status: 'partial', problem: read.incomplete };
    });
  });
}

/** The log lines of the time, where all of them were read: a line that is missing would look like a step not taken. */
async function logsOf(account: Account, from: string, to: string, ctx: ToolContext): Promise<LogRecord[] | undefined> {
  try {
    const lines = await readLines(account, { from, to }, ctx);
    return lines.complete ? lines.records : undefined;
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    return undefined;
  }
}

/** The records of these spans' traces, under the names that the spans have for traces and spans. */
function join(logs: readonly LogRecord[] | undefined, spans: readonly Span[]): LogRecord[] | undefined {
  if (logs === undefined || logs.length === 0) return undefined;
  const traces = new Map(spans.map((s) => [idKey(s.traceId), s.traceId]));
  const ids = new Map(spans.map((s) => [idKey(s.spanId), s.spanId]));
  return logs.flatMap((r) => {
    const traceId = r.traceId === undefined ? undefined : traces.get(idKey(r.traceId));
    if (traceId === undefined) return [];
    const { spanId: own, ...rest } = r;
    const spanId = own === undefined ? undefined : ids.get(idKey(own));
    return [{ ...rest, traceId, ...(spanId !== undefined && { spanId }) }];
  });
}

function through(spans: Span[], names: readonly string[] | undefined): Span[] {
  if (names === undefined) return spans;
  const traces = new Set(spans.filter((s) => names.includes(s.service)).map((s) => s.traceId));
  return spans.filter((s) => traces.has(s.traceId));
}

function searchTool(account: Account): Tool {
  const about =
    'Indexed spans, oldest first, by service, trace id, least duration and failure; a trace id alone gives the whole trace.';
  return tool(account.name, 'traces.search', about, (question, ctx) => {
    const { service, traceId, errorsOnly, minMs, limit } = question;
    const whole = traceId !== undefined && service === undefined && !errorsOnly && minMs === undefined;
    const query = searchOf(
      account,
      service,
      traceId === undefined ? undefined : facet('trace_id', [traceId]),
      errorsOnly ? 'status:error' : undefined,
      minMs === undefined ? undefined : `@duration:>=${Math.round(minMs * 1e6)}`,
    );
    const searched = whole ? `trace ${traceId}` : `spans ${query}, ${timeSpan(question)}, oldest first`;
    return asking(searched, async () => {
      const page = whole
        ? await wholeTrace(account, traceId, ctx)
        : await account.client
            .call(
              'v2.listSpans',
              {
                from: toMs(question.from),
                to: toMs(question.to),
                query,
                sort: 'timestamp',
                limit: Math.min(limit, SPANS_PAGE),
              },
              ctx,
            )
            .then((p) => ({ spans: p.items, truncated: p.next !== undefined || p.incomplete !== undefined }));
      const found = page.spans.map((s) => toSpan(account, s)).sort((a, b) => a.start - b.start);
      const spans = fitItems(found.slice(0, limit), 'first');
      const link = whole ? linkOf(account, '/apm/trace', traceId) : linkTo(account, 'traces', question, query);
      const rest = { searched, trust: 'outsider-writable' as const, link };
      if (found.length === 0) return answer.empty<'traces.search'>({ spans }, { ...rest, summary: 'no span matches' });
      const more = page.truncated || spans.length < found.length;
      return answer.ok<'traces.search'>(
        { spans },
        {
          ...rest,
          summary: `${plural(spans.length, 'span')}, ${spans.filter((s) => s.status === 'error').length} failed`,
          sample: spanLines(spans),
          ...(more && {
            truncated: {
              kept: spans.length,
              of: Math.max(found.length, spans.length + 1),
              what: 'spans (there are more)',
            },
          }),
        },
      );
    });
  });
}

async function wholeTrace(account: Account, traceId: string, ctx: ToolContext) {
  try {
    return await account.client.call('v2.getTraceByID', { traceId }, ctx);
  } catch (e) {
    if (e instanceof Refused && e.refusal.code === 404) return { spans: [], truncated: false };
    throw e;
  }
}
