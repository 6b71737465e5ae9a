/** The figures of eval, against cases counted by hand. */
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../src/core/verdict.ts';
import type { CaseAnswer } from '../src/eval/answer.ts';
import { answerOf } from '../src/eval/answer.ts';
import { brier, ece, riskCoverage } from '../src/eval/calibration.ts';
import { compare, readBase } from '../src/eval/compare.ts';
import { fold } from '../src/eval/fold.ts';
import { judge } from '../src/eval/judge.ts';
import { answeredRow, type CaseRow, failedRow } from '../src/eval/rows.ts';
import { summarise } from '../src/eval/summary.ts';
import { tableOf } from '../src/eval/table.ts';
import type { Truth } from '../src/eval/truth.ts';

const service = (name: string): CaseAnswer['ranking'][number] => ({ name, level: 'service' });
const said = (more: Partial<CaseAnswer> = {}): CaseAnswer => ({
  outcome: 'cause',
  confidence: 0.9,
  category: 'code-change',
  ranking: [service('cart'), service('front'), service('db')],
  changes: ['c1', 'c2'],
  reportHash: 'h',
  ...more,
});
const truth = (more: Partial<Truth> = {}): Truth => ({
  schema: 'inquest.truth/v1',
  verdict: 'cause',
  level: 'service',
  entity: 'cart',
  ...more,
});
const row = (name: string, answer: CaseAnswer, t: Truth | null, ms = 10): CaseRow =>
  answeredRow(
    { name, set: 's', dir: '/' },
    {
      answer,
      ranking: fold(answer.ranking, t?.level ?? 'service'),
      truth: t,
      judgement: t ? judge(answer, t) : null,
      ms,
    },
  );
const scored = (...rows: CaseRow[]) => rows.map((r, i) => ({ row: r, rssMb: 50 + i }));

describe('a case against its truth', () => {
  test('an instance counts as its service, at its first mention, unless the truth is an instance', () => {
    const ranking = [
      { name: 'cart-7f', level: 'instance' as const, of: 'cart' },
      { name: 'cart', level: 'service' as const },
      { name: 'vm1', level: 'node' as const },
      { name: 'stray-1', level: 'instance' as const },
    ];
    expect(fold(ranking, 'service')).toEqual(['cart', 'vm1', 'stray-1']);
    expect(fold(ranking, 'instance')).toEqual(['cart-7f', 'cart', 'vm1', 'stray-1']);
    expect(judge(said({ ranking }), truth()).entityRank).toBe(1);
    expect(judge(said({ ranking }), truth({ level: 'node', entity: 'vm1' })).entityRank).toBe(2);
  });

  test('any of several true entities will do', () => {
    expect(judge(said(), truth({ entity: ['db', 'front'] })).entityRank).toBe(2);
    expect(judge(said(), truth({ entity: ['mail'] })).entityRank).toBe(null);
  });

  test('confident and wrong means outcome, first entity, change or category, each where the truth has it', () => {
    expect(judge(said(), truth()).wrong).toEqual([]);
    expect(judge(said({ outcome: 'healthy' }), truth()).wrong).toEqual(['outcome']);
    expect(judge(said(), truth({ entity: 'front' })).wrong).toEqual(['entity']);
    expect(judge(said(), truth({ change: 'c2' })).wrong).toEqual(['change']);
    expect(judge(said(), truth({ category: 'traffic' })).wrong).toEqual(['category']);
    const { entity: _, ...bare } = truth();
    expect(judge(said({ ranking: [] }), bare).wrong).toEqual([]);
  });

  test('unknown is answered by inconclusive, and then no explanation is right', () => {
    const unknown = truth({ verdict: 'unknown' });
    expect(judge(said({ outcome: 'inconclusive' }), unknown)).toMatchObject({ outcomeRight: true, right: false });
    expect(judge(said(), unknown)).toMatchObject({ outcomeRight: false, right: false });
  });

  test('an inconclusive verdict is abstaining, but its confidence is measured on its leading explanation', () => {
    const undecided = said({ outcome: 'inconclusive', confidence: 0.4 });
    expect(judge(undecided, truth())).toMatchObject({ outcomeRight: false, wrong: ['outcome'], right: true });
    expect(judge(undecided, truth({ entity: 'db' }))).toMatchObject({ right: false });
  });

  test('a decided verdict that names no change says that none is guilty', () => {
    const verdict: Verdict = {
      outcome: 'cause',
      headline: '',
      category: 'traffic',
      entity: { name: 'front', level: 'service' },
      confidence: 0.8,
      confirmed: true,
      candidates: [],
      changes: [],
      claims: [],
      next: [],
      notChecked: [],
      gate: {
        decision: 'verdict',
        outcome: 'cause',
        confidence: 0.8,
        margin: 1,
        coverage: 1,
        thresholds: { confidence: 0, margin: 0, coverage: 0 },
        reason: '',
      },
    };
    const answer = answerOf(verdict);
    expect(answer.ranking).toEqual([{ name: 'front', level: 'service' }]);
    expect(judge(answer, truth({ change: 'none' })).changeRank).toBe(1);
    expect(judge(answerOf({ ...verdict, outcome: 'inconclusive' }), truth({ change: 'none' })).changeRank).toBe(null);
    expect(answerOf({ ...verdict, confidence: 0.81 }).reportHash).not.toBe(answer.reportHash);
  });
});

describe('figures of a set', () => {
  // Ranks of the truth: 1, 2, 4, none; the fifth names no entity; the sixth has no truth.
  const four = [service('a'), service('b'), service('c'), service('d')];
  const rows = [
    row('1', said({ ranking: four, confidence: 0.9 }), truth({ entity: 'a', change: 'c1' }), 10),
    row('2', said({ ranking: four, confidence: 0.85 }), truth({ entity: 'b', change: 'c2' }), 20),
    row('3', said({ ranking: four, confidence: 0.3, outcome: 'inconclusive' }), truth({ entity: 'd' }), 30),
    row('4', said({ ranking: four, confidence: 0.6 }), truth({ entity: 'z' }), 40),
    row(
      '5',
      said({ outcome: 'healthy', confidence: 1 }),
      { schema: 'inquest.truth/v1', verdict: 'healthy', level: 'service' },
      1000,
    ),
    row('6', said(), null, 5),
  ];
  const figures = summarise(scored(...rows), true);

  test('AC@k and Avg@5 count over the cases whose truth names an entity', () => {
    expect(figures).toMatchObject({ cases: 5, ac1: 0.25, ac3: 0.5, ac5: 0.75 });
    // AC@1..5 = 1/4, 2/4, 2/4, 3/4, 3/4.
    expect(figures.avg5).toBeCloseTo(11 / 4 / 5, 6);
    expect(figures.changeAc1).toBe(0.5);
  });

  test('the rest counts over all cases with a truth', () => {
    // Outcomes: right, right, inconclusive, right, right.
    expect(figures.verdictAccuracy).toBe(0.8);
    expect(figures.answered).toBe(0.6);
    expect(figures.confidentWrong).toBe(0.2);
    expect(figures.abstained).toBe(0.2);
  });

  test('Brier and ECE', () => {
    // Right: yes, no, no, no, yes.
    const expected = (0.1 ** 2 + 0.85 ** 2 + 0.3 ** 2 + 0.6 ** 2 + 0) / 5;
    expect(figures.brier).toBeCloseTo(expected, 6);
    // Bins: [.8,.9) holds .85 wrong; [.9,1] holds .9 and 1, both right; .3 and .6 alone, both wrong.
    expect(figures.ece).toBeCloseTo((0.85 + 2 * 0.05 + 0.3 + 0.6) / 5, 6);
    expect(brier([])).toBe(null);
    expect(ece([{ confidence: 1, right: true }])).toBe(0);
  });

  test('times are nearest ranks, memory is the peak, and both can be left out', () => {
    expect(figures).toMatchObject({ p50Ms: 20, p95Ms: 1000, rssMb: 55 });
    expect(summarise(scored(...rows), false)).toMatchObject({ p50Ms: null, p95Ms: null, rssMb: null, ac1: 0.25 });
  });

  test('a case that failed is wrong in everything, not missing', () => {
    const failed = failedRow(
      { name: '7', set: 's', dir: '/' },
      'out of memory',
      truth({ verdict: 'unknown', change: 'c1' }),
    );
    expect(failed.truth).toMatchObject({ entityRank: null, changeRank: null, outcomeRight: false, right: false });
    expect(summarise(scored(rows[0]!, failed), true)).toMatchObject({
      cases: 2,
      ac1: 0.5,
      verdictAccuracy: 0.5,
      abstained: 0,
    });
  });

  test('a method without confidence has no figure for it', () => {
    const blind = row(
      '1',
      said({ confidence: null, category: null, changes: null }),
      truth({ change: 'c1', category: 'data' }),
    );
    expect(summarise(scored(blind), true)).toMatchObject({
      ac1: 1,
      changeAc1: null,
      answered: null,
      confidentWrong: null,
      abstained: null,
      brier: null,
      ece: null,
    });
  });

  test('the curve of risk by coverage goes from the surest answer to all', () => {
    const points = riskCoverage([
      { confidence: 0.9, right: true },
      { confidence: 0.5, right: false },
      { confidence: 0.5, right: true },
      { confidence: 0.1, right: false },
    ]);
    expect(points).toEqual([
      { confidence: 0.9, coverage: 0.25, risk: 0 },
      { confidence: 0.5, coverage: 0.75, risk: 1 / 3 },
      { confidence: 0.1, coverage: 1, risk: 0.5 },
    ]);
  });

  test('the table is one block where it fits and three where it does not', () => {
    const evaluation = { total: figures, sets: { petstore: figures }, cases: rows };
    const wide = tableOf(evaluation, 200);
    expect(wide).toHaveLength(3);
    expect(wide[1]).toMatch(/^petstore {6}5 {2} \.250/);
    const narrow = tableOf(evaluation, 80);
    expect(narrow).toHaveLength(11);
    expect(Math.max(...narrow.map((l) => l.length))).toBeLessThanOrEqual(80);
  });
});

describe('two runs, case by case', () => {
  const base = (rows: CaseRow[]) => readBase(JSON.stringify({ total: {}, sets: {}, cases: rows }), 'base.json');

  test('each aspect that changed is a line, and what got worse is a loss', () => {
    const before = [
      row('1', said(), truth({ entity: 'db' })),
      row('2', said({ confidence: 0.5 }), truth({ change: 'c1' })),
      row('3', said({ outcome: 'inconclusive', confidence: 0.2 }), truth()),
      row('gone', said(), truth()),
    ];
    const after = [
      row('1', said({ ranking: [service('db')] }), truth({ entity: 'db' })),
      row('2', said({ confidence: 0.9, changes: ['c2'] }), truth({ change: 'c1' })),
      row('3', said({ confidence: 0.2 }), truth()),
      row('new', said(), truth()),
    ];
    expect(compare(base(before), after)).toEqual({
      better: ['s/1  entity: 3 → 1', 's/1  confident-wrong: now no', 's/3  outcome: now right (cause)'],
      worse: ['s/2  change: 1 → not ranked', 's/2  confident-wrong: now yes'],
      missing: 1,
      added: 1,
    });
    expect(compare(base(before), before)).toEqual({ better: [], worse: [], missing: 0, added: 0 });
  });

  test('a base that is none is refused with the place and the way to make one', () => {
    expect(() => readBase('{', 'b.json')).toThrow(/b\.json is no JSON/);
    expect(() => readBase('{"cases":[{"name":1}]}', 'b.json')).toThrow(/b\.json is no result of eval: cases\.0\.name/);
  });
});
