/** How far it is: a bar on a terminal, a line a set elsewhere. Drawn when a case ends, never by a timer. */
import { clip } from '../core/columns.ts';
import { plural } from '../core/text.ts';
import { formatDuration } from '../core/time.ts';
import type { EvaluateOptions } from './evaluate.ts';
import type { Summary } from './summary.ts';

const BAR = 24;

export interface Progress {
  on: NonNullable<EvaluateOptions['onProgress']>;
  /** Takes the bar away. */
  end(): void;
}

export function progressOn(
  stream: { isTTY?: boolean; columns?: number; write(text: string): unknown },
  now: () => number,
  under?: string,
): Progress {
  const start = now();
  const named = (set: string): string => (under === undefined ? set : `${under}: ${set}`);
  const wipe = '\r\u001B[K';
  return {
    on(done, of, { set }, finished) {
      const elapsed = now() - start;
      const rate = done / Math.max(elapsed / 1000, 0.001);
      if (stream.isTTY) {
        const full = Math.round((BAR * done) / of);
        const bar = `${'='.repeat(full)}${'-'.repeat(BAR - full)}`;
        const left = formatDuration(((of - done) / rate) * 1000);
        const line = `${bar} ${done}/${of}  ${rate.toFixed(1)}/s  ${left} left  ${named(set)}`;
        stream.write(`${wipe}${clip(line, (stream.columns || 80) - 1)}`);
      } else if (finished) {
        stream.write(`${named(set)}: ${setLine(finished)} (${done} of ${of}, ${formatDuration(elapsed)})\n`);
      }
    },
    end() {
      if (stream.isTTY) stream.write(wipe);
    },
  };
}

const setLine = ({ cases, ac1, verdictAccuracy }: Summary): string =>
  [
    plural(cases, 'case'),
    ac1 === null ? '' : `AC@1 ${ac1.toFixed(3)}`,
    verdictAccuracy === null ? '' : `verdict ${verdictAccuracy.toFixed(3)}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
