/** What the table cannot say: twins, cases without a truth, cases that failed. */
import { digits, plural } from '../core/text.ts';
import type { CaseRow } from './rows.ts';

export function notesOf(rows: readonly CaseRow[]): string[] {
  return [...twins(rows), ...unscored(rows), ...failed(rows)];
}

/** Of the cases cut off before their onset: how often a cause was found where none was yet. */
function twins(rows: readonly CaseRow[]): string[] {
  const asked = rows.flatMap((r) => (r.twin ? [r.twin] : []));
  if (asked.length === 0) return [];
  const cause = asked.filter((t) => t.outcome === 'cause');
  const sure = cause.filter((t) => t.confidence !== null && t.confidence >= 0.8);
  const percent = digits((100 * cause.length) / asked.length);
  return [
    `cut off before the onset: "cause" in ${cause.length} of ${plural(asked.length, 'case')} (${percent}%), ${sure.length} of them at a confidence >= 0.8`,
  ];
}

function unscored(rows: readonly CaseRow[]): string[] {
  const without = rows.filter((r) => r.truth === null && r.failed === undefined);
  return without.length === 0
    ? []
    : [
        `without a truth: ${plural(without.length, 'case')}, run and counted in no figure`,
        ...without.map((r) => `  ${r.set}/${r.name}  ${r.outcome}  ${r.ranking[0] ?? ''}`.trimEnd()),
      ];
}

function failed(rows: readonly CaseRow[]): string[] {
  const broken = rows.filter((r) => r.failed !== undefined);
  return broken.length === 0
    ? []
    : [
        `failed: ${plural(broken.length, 'case')}, counted as wrong`,
        ...broken.map((r) => `  ${r.set}/${r.name}  ${r.failed}`),
      ];
}
