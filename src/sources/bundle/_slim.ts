/** Spans of a large file, cut down to what a summary needs, equal texts held once. */
import { USED_ATTRIBUTES } from '../../analysis/span-stats.ts';
import { operationName } from '../../analysis/trace-tree.ts';
import type { Span } from '../../core/telemetry.ts';

/** Sets of attributes that are held once: peers and status codes are few. */
const SETS_MAX = 10_000;

export function slimSpans(): (span: Span) => Span {
  const texts = new Map<string, string>();
  const same = (text: string): string => {
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  };
  const sets = new Map<string, Span['attributes']>();
  const used = (all: Span['attributes']): Span['attributes'] => {
    if (!all || !USED_ATTRIBUTES.some((a) => all[a] !== undefined)) return undefined;
    const some = Object.fromEntries(USED_ATTRIBUTES.map((a) => [a, all[a]]));
    const key = JSON.stringify(some);
    const known = sets.get(key);
    if (known === undefined && sets.size < SETS_MAX) sets.set(key, some);
    return known ?? some;
  };
  return (s) => {
    const attributes = used(s.attributes);
    return {
      traceId: same(s.traceId),
      spanId: s.spanId,
      ...(s.parentSpanId !== undefined && { parentSpanId: s.parentSpanId }),
      name: same(operationName(s.name)),
      start: s.start,
      durationMs: s.durationMs,
      status: s.status,
      service: same(s.service),
      ...(attributes && { attributes }),
    };
  };
}
