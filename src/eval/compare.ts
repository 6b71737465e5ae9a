/** Two runs of eval, case by case: what got better and what got worse. */
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import { confidentWrong } from './judge.ts';
import type { CaseRow } from './rows.ts';

/** What is read of an earlier `--json`. */
const schema = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      set: z.string(),
      outcome: z.string(),
      confidence: z.number().nullable(),
      truth: z
        .object({
          entityRank: z.number().nullable().optional(),
          changeRank: z.number().nullable().optional(),
          outcomeRight: z.boolean(),
          wrong: z.array(z.string()),
        })
        .nullable(),
      twin: z.object({ outcome: z.string() }).optional(),
    }),
  ),
});

export type Base = z.infer<typeof schema>;
type Row = Base['cases'][number];

/** Reads the text of an earlier `inquest eval --json`. Throws UserError where it is none. */
export function readBase(text: string, file: string): Base {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (e) {
    throw new UserError(`${file} is no JSON: ${(e as Error).message}`, { hints: [HOW] });
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new UserError(`${file} is no result of eval: ${issue?.path.join('.')}: ${issue?.message}`, { hints: [HOW] });
}

const HOW = 'Make one: inquest eval DIR --json > base.json';

export interface Comparison {
  better: string[];
  worse: string[];
  /** Cases of the base that were not run now, and cases that the base does not hold. */
  missing: number;
  added: number;
}

/** Cases are matched by set and name. Each aspect that changed is a line; one that got worse is a loss. */
export function compare(base: Base, rows: readonly CaseRow[]): Comparison {
  const key = (r: { set: string; name: string }): string => `${r.set}/${r.name}`;
  const before = new Map(base.cases.map((r) => [key(r), r]));
  const after = new Set(rows.map(key));
  const out: Comparison = { better: [], worse: [], missing: 0, added: 0 };
  for (const row of rows) {
    const old = before.get(key(row));
    if (!old) out.added++;
    else
      for (const d of differences(old, row as Row)) out[d.better ? 'better' : 'worse'].push(`${key(row)}  ${d.what}`);
  }
  out.missing = base.cases.filter((r) => !after.has(key(r))).length;
  return out;
}

interface Difference {
  better: boolean;
  what: string;
}

function differences(old: Row, now: Row): Difference[] {
  const a = old.truth;
  const b = now.truth;
  const twin =
    old.twin && now.twin
      ? flag('before the onset', old.twin.outcome !== 'cause', now.twin.outcome !== 'cause', 'quiet', 'says cause')
      : [];
  if (!a || !b) return [...flag('run', old.outcome !== 'failed', now.outcome !== 'failed', 'done', 'failed'), ...twin];
  return [
    ...flag('run', old.outcome !== 'failed', now.outcome !== 'failed', 'done', 'failed'),
    ...rank('entity', a.entityRank, b.entityRank),
    ...rank('change', a.changeRank, b.changeRank),
    ...flag('outcome', a.outcomeRight, b.outcomeRight, `right (${now.outcome})`, `wrong (${now.outcome})`),
    ...flag('confident-wrong', !isConfidentWrong(old), !isConfidentWrong(now), 'no', 'yes'),
    ...twin,
  ];
}

function isConfidentWrong({ confidence, truth }: Row): boolean {
  return truth !== null && confidentWrong(confidence, truth);
}

function flag(what: string, before: boolean, after: boolean, good: string, bad: string): Difference[] {
  return before === after ? [] : [{ better: after, what: `${what}: now ${after ? good : bad}` }];
}

/** Ranks from 1; null = not ranked, worse than any; undefined = not asked. */
function rank(what: string, before: number | null | undefined, after: number | null | undefined): Difference[] {
  if (before === after || before === undefined || after === undefined) return [];
  const better = (after ?? Number.POSITIVE_INFINITY) < (before ?? Number.POSITIVE_INFINITY);
  return [{ better, what: `${what}: ${before ?? 'not ranked'} → ${after ?? 'not ranked'}` }];
}
