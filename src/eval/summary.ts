/** The figures of a set of cases. Names are those of `--json`; shares are 0 to 1, null where no case says anything. */
import { brier, ece, type Forecast } from './calibration.ts';
import { CONFIDENT, confidentWrong } from './judge.ts';
import type { CaseRow } from './rows.ts';

export interface Summary {
  /** Cases with a truth; the others count nowhere. */
  cases: number;
  /** Share of cases whose true entity is among the first k, of those whose truth names one. */
  ac1: number | null;
  ac3: number | null;
  ac5: number | null;
  /** Mean of AC@1 to AC@5. */
  avg5: number | null;
  /** Share of cases whose first change is the true one (or rightly `none`), of those whose truth says. */
  changeAc1: number | null;
  verdictAccuracy: number | null;
  /** Share with a decided verdict at a confidence of 0.8 or more. */
  answered: number | null;
  /** Share with a confidence of 0.8 or more that are wrong in outcome, first entity, change or category. */
  confidentWrong: number | null;
  /** Share with an inconclusive verdict. */
  abstained: number | null;
  brier: number | null;
  ece: number | null;
  /** Time of a case, ms: median and 95th percentile (nearest rank). */
  p50Ms: number | null;
  p95Ms: number | null;
  /** Peak resident memory of the worker processes, MB. */
  rssMb: number | null;
}

/** A row and the peak memory of the worker that made it. */
export interface ScoredCase {
  row: CaseRow;
  rssMb: number | null;
}

export function summarise(cases: readonly ScoredCase[], timings: boolean): Summary {
  const scored = cases.filter((c) => c.row.truth !== null);
  const rows = scored.map((c) => c.row);
  const entity = ranks(rows, 'entityRank');
  const within = (k: number): number | null => share(entity, (rank) => rank !== null && rank <= k);
  const at = [1, 2, 3, 4, 5].map(within);
  const [ac1, , ac3, , ac5] = at as [number | null, number | null, number | null, number | null, number | null];
  const sure = rows.some((r) => r.confidence !== null);
  const forecasts = rows.flatMap((r): Forecast[] =>
    r.confidence !== null && r.truth ? [{ confidence: r.confidence, right: r.truth.right }] : [],
  );
  const confident = (r: CaseRow): boolean => r.confidence !== null && r.confidence >= CONFIDENT;
  const ms = timings ? cases.flatMap((c) => c.row.ms ?? []) : [];
  const memory = timings ? cases.flatMap((c) => c.rssMb ?? []) : [];
  return {
    cases: rows.length,
    ac1,
    ac3,
    ac5,
    avg5: ac1 === null ? null : round(at.reduce<number>((sum, x) => sum + (x ?? 0), 0) / at.length),
    changeAc1: share(ranks(rows, 'changeRank'), (rank) => rank === 1),
    verdictAccuracy: share(rows, (r) => r.truth?.outcomeRight === true),
    answered: sure ? share(rows, (r) => confident(r) && r.outcome !== 'inconclusive') : null,
    confidentWrong: sure ? share(rows, (r) => r.truth !== null && confidentWrong(r.confidence, r.truth)) : null,
    abstained: sure ? share(rows, (r) => r.outcome === 'inconclusive') : null,
    brier: round(brier(forecasts)),
    ece: round(ece(forecasts)),
    p50Ms: percentile(ms, 0.5),
    p95Ms: percentile(ms, 0.95),
    rssMb: memory.length === 0 ? null : Math.round(Math.max(...memory)),
  };
}

/** Ranks where the truth has something to rank. */
function ranks(rows: CaseRow[], key: 'entityRank' | 'changeRank'): (number | null)[] {
  return rows.map((r) => r.truth?.[key]).filter((rank) => rank !== undefined);
}

function share<T>(all: readonly T[], is: (x: T) => boolean): number | null {
  return all.length === 0 ? null : round(all.filter(is).length / all.length);
}

/** Six decimals: more is noise of the division. */
function round(x: number): number;
function round(x: number | null): number | null;
function round(x: number | null): number | null {
  return x === null ? null : Math.round(x * 1e6) / 1e6;
}

/** Nearest rank: the smallest value that at least a share `p` does not exceed. */
function percentile(values: number[], p: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)] ?? null;
}
