/** The share of verdicts that people called right. */
import { plural } from '../core/text.ts';
import type { RunSummary } from '../journal/runs.ts';

/** `7 of 9 verdicts were called right (78%), of 40 runs`; empty where nobody has said anything. */
export function shareRight(runs: RunSummary[]): string {
  const judged = runs.filter((r) => r.feedback !== undefined);
  if (judged.length === 0) return '';
  const right = judged.filter((r) => r.feedback === 'right').length;
  const percent = Math.round((100 * right) / judged.length);
  return `${right} of ${plural(judged.length, 'verdict')} ${judged.length === 1 ? 'was' : 'were'} called right (${percent}%), of ${plural(runs.length, 'run')}`;
}
