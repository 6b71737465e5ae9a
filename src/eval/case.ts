/** One case: the question is answered, and only then the truth is opened and compared. */
import { readBundleQuestion, readBundleSeries } from '../app/bundle-data.ts';
import { MINUTE, toIso, toMs } from '../core/time.ts';
import type { Verdict } from '../core/verdict.ts';
import { answerOf, type CaseAnswer } from './answer.ts';
import { fold } from './fold.ts';
import { type Judgement, judge } from './judge.ts';
import { runMethod } from './methods/method.ts';
import type { MethodOptions } from './methods/options.ts';
import type { PerturbJob } from './perturb/perturb.ts';
import { readTruth, type Truth } from './truth.ts';

/** What a worker is asked. Plain JSON. */
export interface CaseJob {
  dir: string;
  /** Moves the alert's time, ms. */
  shiftMs: number;
  /** Also ask the case cut off before its onset. */
  twins: boolean;
  /** A reference method instead of the investigation. */
  method?: MethodOptions;
  /** How many times as long the window before the alert is. */
  lookback?: number;
  /** Parts of the analysis that are left out. */
  without?: string[];
  /** Investigate a perturbed copy instead. */
  perturb?: PerturbJob;
}

/** What a worker answers. Plain JSON. */
export interface CaseResult {
  answer: CaseAnswer;
  /** Names of the ranked entities at the level of the truth. */
  ranking: string[];
  /** null = the case has no truth. */
  truth: Truth | null;
  judgement: Judgement | null;
  twin?: Pick<CaseAnswer, 'outcome' | 'confidence' | 'basis'>;
  ms: number;
}

/** The investigation of a bundle; `cutAt` (ms): it is asked then, and nothing later is visible. */
export type Investigate = (
  dir: string,
  opts: { shiftMs: number; cutAt?: number; lookback?: number; without?: string[] },
) => Promise<{ verdict: Verdict }>;

export interface CaseDeps {
  root: string;
  now: () => number;
  investigate: Investigate;
}

/** Without a known onset, what lies so long before the alert counts as quiet. */
const MARGIN = 15 * MINUTE;
/** A cut lies this much before the onset. */
const BEFORE = 1000;

export async function runCase(job: CaseJob, deps: CaseDeps): Promise<CaseResult> {
  const start = deps.now();
  const answer = await answered(job, deps, undefined);
  const ms = deps.now() - start;
  const truth = await readTruth(job.dir);
  const twin = job.twins ? await twinOf(job, deps, truth) : undefined;
  return {
    answer,
    ranking: fold(answer.ranking, truth?.level ?? 'service'),
    truth: truth ?? null,
    judgement: truth ? judge(answer, truth) : null,
    ...(twin ? { twin } : {}),
    ms,
  };
}

/** The same case before anything was wrong: `now` and the alert move back together. */
async function twinOf(job: CaseJob, deps: CaseDeps, truth?: Truth): Promise<CaseResult['twin']> {
  const { alert, now } = await readBundleQuestion(job.dir, deps);
  const startsAt = toMs(alert.startsAt);
  const cutAt = truth?.onset ? toMs(truth.onset) - BEFORE : startsAt - MARGIN;
  const moved = { ...job, shiftMs: job.shiftMs + cutAt - now };
  const { outcome, confidence, basis } = await answered(moved, deps, cutAt);
  return { outcome, confidence, ...(basis ? { basis } : {}) };
}

async function answered(job: CaseJob, deps: CaseDeps, cutAt: number | undefined): Promise<CaseAnswer> {
  const { dir, shiftMs, method, lookback, without } = job;
  if (!method) {
    const { verdict } = await deps.investigate(dir, {
      shiftMs,
      ...(cutAt === undefined ? {} : { cutAt }),
      ...(lookback === undefined ? {} : { lookback }),
      ...(without === undefined ? {} : { without }),
    });
    return answerOf(verdict);
  }
  const { alert, now, baselines } = await readBundleQuestion(dir, deps);
  const startsAt = toIso(toMs(alert.startsAt) + shiftMs);
  const data = await readBundleSeries(dir);
  return runMethod(method, { alert: { ...alert, startsAt }, now: Math.min(now, cutAt ?? now), baselines }, data);
}
