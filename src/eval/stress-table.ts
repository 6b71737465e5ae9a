/** What each variant cost, as text: a row a variant, and the means that the goals speak of. */
import { fill } from '../core/columns.ts';
import type { Stressed, StressSummary } from './stress.ts';

const share = (x: number | null): string => (x === null ? '–' : x.toFixed(3).replace(/^(-?)0/, '$1'));

/** Lines below the table; none where nothing was stressed. */
export function stressLines(perturbed: Record<string, Stressed>): string[] {
  const rows = Object.entries(perturbed).map(([name, { total }]) => ({ name, total }));
  if (rows.length === 0) return [];
  const width = Math.max(5, ...rows.map((r) => r.name.length));
  const line = (name: string, cells: string[]): string =>
    [fill(name, width), ...cells.map((c, i) => c.padStart(HEADS[i]!.length))].join('  ');
  return [
    line('under', HEADS),
    ...rows.map(({ name, total: t }) =>
      line(name, [
        String(t.cases),
        String(t.skipped),
        ...[t.ac1, t.lossAc1, t.changeAc1, t.verdictAccuracy, t.answered, t.confidentWrong, t.flipped].map(share),
      ]),
    ),
    ...means(
      'shift',
      rows.filter((r) => r.name.startsWith('shift ')).map((r) => r.total),
    ),
    ...means(
      'perturb',
      rows.filter((r) => !r.name.startsWith('shift ')).map((r) => r.total),
    ),
  ];
}

const HEADS = ['cases', 'skipped', ' AC@1', 'loss of AC@1', 'change@1', 'verdict', ' >=.8', 'conf-wrong', 'flipped'];

/** Mean loss over the variants; confident-wrong over all their cases together. */
function means(of: string, totals: StressSummary[]): string[] {
  if (totals.length === 0) return [];
  const losses = totals.flatMap((t) => t.lossAc1 ?? []);
  const cases = totals.reduce((sum, t) => sum + t.cases, 0);
  const wrong = totals.reduce((sum, t) => sum + t.cases * (t.confidentWrong ?? 0), 0);
  const loss = losses.length === 0 ? null : losses.reduce((a, b) => a + b, 0) / losses.length;
  return [`--${of}: mean loss of AC@1 ${share(loss)}, confident-wrong ${share(cases === 0 ? null : wrong / cases)}`];
}
