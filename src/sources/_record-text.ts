/** A few spans, log lines and changes as lines for human eyes. */
import { levelOf } from '../analysis/logs.ts';
import type { TraceSummary } from '../core/capabilities.ts';
import type { Change, LogPattern, LogRecord, Span } from '../core/telemetry.ts';
import { digits, oneLine, quantity } from '../core/text.ts';
import { toIso } from '../core/time.ts';

const SHOWN = 5;

/** The operations that a summary tells first, with their own time before and after. */
export const operationLines = ({ operations }: TraceSummary): string[] =>
  operations.slice(0, SHOWN).map(({ service, name, before, after }) => {
    const [was, is] = [before, after].map((o) => (o.count > 0 ? quantity(o.medianMs / 1000, 's') : '–'));
    return oneLine(`${service} ${name}: own time ${was} → ${is} (${before.count} → ${after.count} spans)`);
  });

export const spanLines = (spans: readonly Span[]): string[] =>
  spans
    .slice(0, SHOWN)
    .map((s) => oneLine(`${toIso(Math.floor(s.start))} ${s.service} ${s.name} ${digits(s.durationMs)} ms ${s.status}`));

export const patternLines = (patterns: readonly LogPattern[]): string[] =>
  patterns.slice(0, SHOWN).map((p) => oneLine(`${p.before} → ${p.after} × [${p.level}] ${p.template}`));

export const recordLines = (records: readonly LogRecord[]): string[] =>
  records.slice(0, SHOWN).map((r) => oneLine(`${r.timestamp} ${r.service ?? ''} ${levelOf(r)} ${r.body}`));

/** The newest of changes that stand oldest first. */
export const changeLines = (changes: readonly Change[]): string[] =>
  changes.slice(-SHOWN).map((c) => oneLine(`${c.time} ${c.kind} ${c.service ?? ''} ${c.title}`));
