/** What the workflow hands over where its gate escalates, and what it takes back: whoever looks further is handed in. */
import type { ExitCode } from '../core/errors.ts';
import type { Alert, Evidence, Finding, Hypothesis, ToolSpec, Window } from '../core/types.ts';
import type { Verdict } from '../core/verdict.ts';

export interface Escalated {
  alert: Alert;
  window: Window;
  /** ISO; nothing later exists. */
  now: string;
  tools: ToolSpec[];
  findings: Finding[];
  /** The final ranking, `unknown` among them. */
  hypotheses: Hypothesis[];
  /** In program order. */
  evidence: Evidence[];
  /** Names of the steps that the ranking rests on. */
  after: string[];
  /** The verdict as it stands without looking further. */
  verdict: Verdict;
  exit: ExitCode;
  /** Number of the next step: its evidence is `E<step>.<n>`. */
  step: number;
}

/** The verdict after looking further. `calls` = questions put besides the workflow's own. */
export interface Looked {
  verdict: Verdict;
  exit: ExitCode;
  calls: number;
}

export type LookFurther = (c: Escalated) => Promise<Looked>;
