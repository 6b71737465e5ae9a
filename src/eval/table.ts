/** The figures as text: a row a set and a total, in as many blocks as the width asks for. */
import { fill } from '../core/columns.ts';
import type { Evaluation } from './evaluate.ts';
import type { Summary } from './summary.ts';

type Column = [head: string, key: keyof Summary, show: (x: number) => string];

/** Three decimals as papers print them: `.846`, `1.000`. */
const share = (x: number): string => x.toFixed(3).replace(/^0/, '');
const whole = (x: number): string => String(Math.round(x));

const RANKING: Column[] = [
  ['cases', 'cases', whole],
  ['AC@1', 'ac1', share],
  ['AC@3', 'ac3', share],
  ['AC@5', 'ac5', share],
  ['Avg@5', 'avg5', share],
  ['change@1', 'changeAc1', share],
];
const TRUST: Column[] = [
  ['verdict', 'verdictAccuracy', share],
  ['>=.8', 'answered', share],
  ['conf-wrong', 'confidentWrong', share],
  ['abstained', 'abstained', share],
  ['Brier', 'brier', share],
  ['ECE', 'ece', share],
];
const COST: Column[] = [
  ['p50 ms', 'p50Ms', whole],
  ['p95 ms', 'p95Ms', whole],
  ['RSS MB', 'rssMb', whole],
];

/** Lines of at most `columns` where that is possible; `–` = nothing to say. */
export function tableOf({ sets, total }: Evaluation, columns: number): string[] {
  const rows: [string, Summary][] = [...Object.entries(sets), ['total', total]];
  const one = block(rows, [...RANKING, ...TRUST, ...COST]);
  if ((one[0] as string).length <= columns) return one;
  return [...block(rows, RANKING), '', ...block(rows, TRUST), '', ...block(rows, COST)];
}

function block(rows: [string, Summary][], columns: Column[]): string[] {
  const names = Math.max(3, ...rows.map(([name]) => name.length));
  const line = (name: string, cell: (c: Column) => string): string =>
    [fill(name, names), ...columns.map((c) => cell(c).padStart(Math.max(5, c[0].length)))].join('  ').trimEnd();
  return [
    line('set', ([head]) => head),
    ...rows.map(([name, summary]) =>
      line(name, ([, key, show]) => {
        const value = summary[key];
        return value === null ? '–' : show(value);
      }),
    ),
  ];
}
