/** `traces.summary` of a bundle: its spans, joined with its logs, reduced to what can be compared before and after. */
import { summariseSpans } from '../../analysis/spans.ts';
import type { TimeRange } from '../../core/capabilities.ts';
import type { LogRecord, Span } from '../../core/telemetry.ts';
import { count, plural } from '../../core/text.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import { operationLines } from '../_record-text.ts';
import type { BundleData } from './_data.ts';
import { coverageOf, readable, reading, recorded, upTo } from './_recorded.ts';
import { type Names, searchedIn } from './_service.ts';
import type { Stock } from './_stock.ts';
import { during } from './_timed.ts';

export function tracesSummaryTool(name: string, data: BundleData, all: Stock<Span>, names: Names): Tool {
  const about =
    'Operations, calls between services and flow inside an operation, before and after; of a service: the traces through it.';
  return tool(name, 'traces.summary', about, (question, ctx) => {
    ctx.signal.throwIfAborted();
    const { service, baseline } = question;
    const searched = searchedIn('traces.jsonl', data.info.name, question, {
      service,
      baseline: `of ${plural(baseline.length, 'window')}`,
    });
    return reading(searched, async () => {
      const asked = [question, ...baseline];
      const kept = await all.kept();
      const spans = throughService(kept ? during(kept, asked, data.now) : [], names, service);
      const { logs, joined, without } = await logsOf(data, spans, asked, ctx.signal);
      const covered = { spans: coverageOf(data.info, 'traces'), logs: coverageOf(data.info, 'logs') };
      const summary = summariseSpans(spans, {
        ...upTo(question, data.now),
        baseline,
        logs,
        joined,
        coverage: { ...(covered.spans && { spans: covered.spans }), ...(covered.logs && { logs: covered.logs }) },
      });
      // Durations, counts and the order of events come from the instruments; no words of a record are in it.
      const rest = { searched, trust: 'clean' as const };
      if (spans.length === 0) {
        const none = answer.empty<'traces.summary'>(summary, { ...rest, summary: `no span${without}` });
        return recorded(data, 'traces', asked, none);
      }
      const { before, after } = summary.spans;
      const complete = answer.ok<'traces.summary'>(summary, {
        ...rest,
        summary: `${plural(after, 'span')} in the window, ${count(before)} before, ${plural(summary.operations.length, 'operation')}${without}`,
        sample: operationLines(summary),
      });
      return recorded(data, 'traces', asked, complete);
    });
  });
}

/** Records that are joined at most; of more traces a share is taken that their ids decide. */
const JOINED_MAX = 100_000;

interface Joined {
  logs: LogRecord[];
  /** The traces whose records these are. */
  joined: (traceId: string) => boolean;
  /** What to say of the records that were not joined. */
  without: string;
}

/** Log records of these spans' traces; of a file whose end is missing none: what it lost would look like a step that no trace takes. */
async function logsOf(
  data: BundleData,
  spans: readonly Span[],
  asked: readonly TimeRange[],
  signal: AbortSignal,
): Promise<Joined> {
  const all = (): boolean => true;
  if (!data.logs) return { logs: [], joined: all, without: '' };
  const read = await readable(data.logs.size);
  if (read.problem !== undefined || data.trouble('logs')?.cutOff) {
    return { logs: [], joined: all, without: ' (without logs, whose file is broken)' };
  }
  const traces = new Map(spans.map((s) => [s.traceId, s.traceId]));
  let parts = 1;
  const joined = (traceId: string): boolean => parts === 1 || lot(traceId) % parts === 0;
  let logs: LogRecord[] = [];
  for await (const records of data.logs.during(asked)) {
    signal.throwIfAborted();
    for (const r of records) {
      const traceId = r.traceId === undefined ? undefined : traces.get(r.traceId);
      if (traceId !== undefined && joined(traceId)) logs.push(part(r, traceId));
    }
    while (logs.length > JOINED_MAX) {
      parts *= 2;
      logs = logs.filter((r) => joined(r.traceId as string));
    }
  }
  return { logs, joined, without: parts === 1 ? '' : ` (logs of 1 trace in ${parts} joined)` };
}

/** What a join needs of a record. */
function part({ attributes: _, ...record }: LogRecord, traceId: string): LogRecord {
  return { ...record, traceId };
}

/** A number that a trace id draws (FNV-1a). */
function lot(traceId: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < traceId.length; i++) h = Math.imul(h ^ traceId.charCodeAt(i), 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}

function throughService(spans: Span[], names: Names, service: string | undefined): Span[] {
  if (service === undefined) return spans;
  const wanted = names(service);
  const traces = new Set(spans.filter((s) => wanted.has(s.service)).map((s) => s.traceId));
  return spans.filter((s) => traces.has(s.traceId));
}
