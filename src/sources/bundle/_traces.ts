/** `traces.search` of a bundle: single spans. */
import type { Span } from '../../core/telemetry.ts';
import { plural } from '../../core/text.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import { fitItems } from '../_fit.ts';
import { spanLines } from '../_record-text.ts';
import type { BundleData } from './_data.ts';
import { reading, recorded } from './_recorded.ts';
import { type Names, searchedIn } from './_service.ts';
import type { Stock } from './_stock.ts';
import { oldest } from './_timed.ts';

export function tracesSearchTool(name: string, data: BundleData, all: Stock<Span>, names: Names): Tool {
  const about = 'Spans, oldest first, by service, trace id, least duration and failure.';
  return tool(name, 'traces.search', about, (question, ctx) => {
    ctx.signal.throwIfAborted();
    const { service, traceId, errorsOnly, minMs, limit } = question;
    const searched = searchedIn('traces.jsonl', data.info.name, question, { service, traceId, errorsOnly, minMs });
    return reading(searched, async () => {
      const wanted = service === undefined ? undefined : names(service);
      const matches = (s: Span): boolean =>
        (wanted === undefined || wanted.has(s.service)) &&
        (traceId === undefined || s.traceId === traceId) &&
        (!errorsOnly || s.status === 'error') &&
        (minMs === undefined || s.durationMs >= minMs);
      const first = oldest<Span>(limit, (s) => s.start);
      let failed = 0;
      for await (const some of all.during([question])) {
        ctx.signal.throwIfAborted();
        for (const s of some.filter(matches)) {
          first.take(s);
          if (s.status === 'error') failed++;
        }
      }
      const found = first.found();
      const spans = fitItems(found.oldest, 'first');
      const rest = { searched, trust: 'outsider-writable' as const };
      if (found.of === 0) {
        const none = answer.empty<'traces.search'>({ spans: [] }, { ...rest, summary: 'no span matches' });
        return recorded(data, 'traces', [question], none);
      }
      const complete = answer.ok<'traces.search'>(
        { spans },
        {
          ...rest,
          summary: `${plural(found.of, 'span')}, ${failed} failed`,
          sample: spanLines(spans),
          ...(spans.length < found.of && {
            truncated: { kept: spans.length, of: found.of, what: 'spans (the oldest)' },
          }),
        },
      );
      return recorded(data, 'traces', [question], complete);
    });
  });
}
