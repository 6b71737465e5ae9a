/** Spans of a large file, cut down to what a summary needs, equal texts held once. */
import { USED_ATTRIBUTES } from '../../analysis/span-stats.ts';
import type { Span } from '../../core/telemetry.ts';

export function slimSpans(): (span: Span) => Span {
  const texts = new Map<string, string>();
  const same = (text: string): string => {
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  };
  return (s) => {
    const used = USED_ATTRIBUTES.filter((a) => s.attributes?.[a] !== undefined);
    return {
      traceId: same(s.traceId),
      spanId: s.spanId,
      ...(s.parentSpanId !== undefined && { parentSpanId: s.parentSpanId }),
      name: same(s.name),
      start: s.start,
      durationMs: s.durationMs,
      status: s.status,
      service: same(s.service),
      ...(used.length > 0 && { attributes: Object.fromEntries(used.map((a) => [a, s.attributes?.[a]])) }),
    };
  };
}
