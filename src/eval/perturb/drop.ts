/** `drop`: a tenth of the series, log lines and spans is missing. */
import { canonical } from '../../core/canonical.ts';
import { fraction } from './chance.ts';
import type { Line, RawBundle } from './raw.ts';

const SHARE = 0.1;

/** Which ones is decided by what they are, not by their place; a series goes as a whole. */
export function dropped(raw: RawBundle, seed: string): RawBundle {
  const kept = (lines: Line[] | undefined, idOf: (line: Line) => unknown): Line[] | undefined =>
    lines?.filter((line) => fraction(seed, canonical(idOf(line))) >= SHARE);
  const metrics = kept(raw.lines.metrics, (s) => s.metric);
  const logs = kept(raw.lines.logs, (l) => l);
  const traces = kept(raw.lines.traces, ({ traceId, spanId }) => [traceId, spanId]);
  return {
    ...raw,
    lines: { ...raw.lines, ...(metrics && { metrics }), ...(logs && { logs }), ...(traces && { traces }) },
  };
}
