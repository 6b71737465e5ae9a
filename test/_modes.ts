/** Every recorded incident in every mode, with one policy by seed: what it decides, and what that costs. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runBundle } from '../src/app/run-bundle.ts';
import type { AgentLimits } from '../src/core/agent.ts';
import type { Verdict } from '../src/core/verdict.ts';
import { answerOf } from '../src/eval/answer.ts';
import { judge } from '../src/eval/judge.ts';
import { readTruth, type Truth } from '../src/eval/truth.ts';
import { scripted } from '../src/models/scripted.ts';
import { type Bench, bench } from './_bench.ts';
import { modePolicy } from './_mode-policy.ts';
import { ROOT } from './_program.ts';

export const MODES = ['workflow', 'hybrid', 'specialists', 'agent'] as const;
export type ModeName = (typeof MODES)[number];

const FIXTURES = join(ROOT, 'fixtures/incidents');
/** What each mode may spend unless the config says otherwise. */
const LIMITS: Record<ModeName, Partial<AgentLimits>> = {
  workflow: {},
  hybrid: {},
  specialists: { turns: 16, dollars: 2 },
  agent: {},
};

/** An incident up to where a model would look further, with and without the workflow before it. */
export interface Case {
  name: string;
  truth: Truth;
  /** What the workflow says. */
  verdict: Verdict;
  /** Where its gate escalates. */
  open?: Bench;
  /** No step taken. */
  bare: Bench;
}

/** Names of the incidents, in their order. */
export const incidents = (): string[] => readdirSync(FIXTURES).sort();

export async function caseOf(name: string): Promise<Case> {
  const dir = join(FIXTURES, name);
  const { verdict } = await runBundle(dir, { root: join(ROOT, 'src'), now: () => Date.now() });
  const open = verdict.gate.decision === 'escalate' ? { open: await bench(name) } : {};
  return { name, truth: (await readTruth(dir))!, verdict, ...open, bare: await bench(name, true) };
}

/** What a case came to. */
export interface Score {
  /** Decided, and all that the truth names is right: who, which change, which kind; or rightly called healthy. */
  solved: boolean;
  /** Who is right, at the first place, decided or not. */
  entity: boolean;
  /** Decided, and whom it accuses is wrong; or accused where nothing is broken. */
  wrongWho: boolean;
  /** Decided, the right one accused, and the change or the kind of cause is wrong. */
  wrongWhat: boolean;
  turns: number;
  calls: number;
  tokens: number;
  dollars: number;
}

/** One run of a case. Deterministic by seed. */
export async function play(c: Case, mode: ModeName, seed: number): Promise<Score> {
  const at = mode === 'agent' ? c.bare : mode === 'workflow' ? undefined : c.open;
  if (!at) return scored(c.verdict, c.truth, undefined);
  const model = {
    ...scripted(modePolicy(seed)),
    count: (r: unknown) => Promise.resolve(Math.ceil(Buffer.byteLength(JSON.stringify(r)) / 4)),
  };
  const { looked } = await at.look(model, LIMITS[mode], at.open, mode === 'specialists');
  return scored(looked.verdict, c.truth, looked.verdict.agent);
}

function scored(verdict: Verdict, truth: Truth, agent: Verdict['agent']): Score {
  const { wrong, entityRank } = judge(answerOf(verdict), truth);
  const differs = wrong.filter((w) => w !== 'outcome');
  const decided = verdict.outcome !== 'inconclusive';
  // What the workflow cannot know may be settled by whoever asks on.
  const outcome = verdict.outcome === (truth.verdict === 'unknown' ? 'cause' : truth.verdict);
  const solved = decided && outcome && differs.length === 0;
  const { turns = 0, calls = 0, tokens = 0, dollars = 0 } = agent ?? {};
  const entity = entityRank === undefined ? solved : entityRank === 1;
  const missed = decided && !solved;
  return { solved, entity, wrongWho: missed && !entity, wrongWhat: missed && entity, turns, calls, tokens, dollars };
}
