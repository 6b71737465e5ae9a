/** The nouns of an investigation. Names are the contract: a field may be added, none is renamed. */
import type { Answers, Capability, Questions, TimeRange } from './capabilities.ts';
import type { Claim } from './claims.ts';
import type { Chart } from './events.ts';
import type { Entity } from './telemetry.ts';

/**
 * How an answer from outside ended. Only `empty` (asked, complete, nothing there) supports an absence;
 * `ok` and `empty` are complete, everything else lands in *not checked*.
 */
export type Status = 'ok' | 'empty' | 'partial' | 'denied' | 'rate-limited' | 'timeout' | 'failed';

/** `outsider-writable`: somebody outside of the team could have written it (log text, PR titles, user input). */
export type Trust = 'clean' | 'outsider-writable';

/** An alert, whoever sent it. Times are ISO-8601 UTC. */
export interface Alert {
  title: string;
  service?: string;
  env?: string;
  severity?: string;
  status: 'firing' | 'resolved';
  startsAt: string;
  endsAt?: string;
  /** Name of the metric that the alert watches, where the sender names one. */
  metric?: string;
  /** The rule's own query (PromQL, monitor query), where the sender gives it. */
  query?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  links: { rel: string; url: string }[];
  /** Which normaliser read it: `alertmanager`, `datadog` … */
  source: string;
  /** Same fingerprint = same thing alerting; from the sender, else a hash of what identifies it. */
  fingerprint: string;
}

/** The time that is looked at, and the time it is compared with. */
export interface Window extends TimeRange {
  baseline: TimeRange;
}

/** What a tool gives back. */
export interface Answer<C extends Capability = Capability> {
  status: Status;
  /** One line: what was found, with numbers. */
  summary: string;
  /** What was asked, of whom, in the vendor's own words: the query that a human could repeat. */
  searched: string;
  data?: Answers[C];
  /** A few raw lines for human eyes. */
  sample?: string[];
  link?: string;
  trust: Trust;
  /** Set when not everything was kept. */
  truncated?: { kept: number; of: number; what: string };
  /** How many secrets were masked. */
  redacted?: number;
  /** Why the status is neither ok nor empty, and how to mend it. */
  problem?: string;
  /** The tool may be asked again with hope. */
  retryable?: boolean;
}

/** What an activity hands to the engine: the answer and what it cost. */
export interface ActivityResult {
  answer: Answer;
  attempts: number;
  ms: number;
  chart?: Chart;
  /** What was sent for it over a wire, capped; `requestsMore` counts what was left out. */
  requests?: SentRequest[];
  requestsMore?: number;
}

/** One request that was put to a system: what may be told of it. No values, no headers. */
export interface SentRequest {
  method: string;
  /** The template of the allow table: `/api/v1/label/:name/values`. */
  path: string;
  /** Of the last answer; none where none came. */
  status?: number;
  ms: number;
  /** How often it was sent. */
  tries: number;
}

/** An answer with its place in the investigation. `id` is `E<step>.<question>` in program order. */
export interface Evidence<C extends Capability = Capability> extends Answer<C> {
  id: string;
  step: string;
  capability: C;
  tool: string;
  input: Questions[C];
  /** Why the step asked. */
  why: string;
  fetchedAt: string;
  ms: number;
}

/** One fact that a step found interesting, or looked for and found normal. */
export interface Finding {
  kind: FindingKind;
  entity: Entity;
  /** ISO time at which it began, where that can be said. */
  at?: string;
  /** 0 (normal) to 1 (as abnormal as it gets); comparable across kinds. */
  severity: number;
  /** One line for a human, numbers and units in it. */
  title: string;
  /** Evidence ids. */
  cites: string[];
  /** Numbers that the ranking reads; shape by kind, see analysis/findings.ts. */
  data: Record<string, unknown>;
  /** The typed claim that says the same and that code can check. */
  claim?: Claim;
}

export type FindingKind =
  | 'change-point'
  | 'normal'
  | 'new-log-pattern'
  | 'risen-log-pattern'
  | 'vanished-log-pattern'
  | 'slow-span'
  | 'failing-span'
  | 'flow-change'
  | 'change-near-onset'
  | 'related-alert'
  | 'event'
  | 'new-error-group'
  | 'objective'
  | 'similar-run'
  | 'topology'
  | 'alert-state'
  | 'state';

export const CATEGORIES = [
  'code-change',
  'config-change',
  'resource-exhaustion',
  'dependency',
  'traffic',
  'infrastructure',
  'data',
  'none',
  'unknown',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** One reason that moves a hypothesis, with the evidence behind it. `weight` is in score points before normalising. */
export interface Weight {
  reason: string;
  weight: number;
  cites: string[];
}

export interface Hypothesis {
  id: string;
  /** The sentence that a person reads. */
  claim: string;
  category: Category;
  entity?: Entity;
  /** Id of the change it accuses. */
  change?: string;
  /** Share of belief, all hypotheses and `unknown` add up to 1. */
  score: number;
  for: Weight[];
  against: Weight[];
  /** What would show that it is wrong, for a person to try. */
  refutedBy?: string;
  state: 'lead' | 'possible' | 'effect' | 'ruled-out' | 'unknown';
  claims: Claim[];
}

export interface Step {
  title: string;
  needs: Capability[];
  /** Stands behind the steps of every playbook where some source offers what it needs; nobody misses it elsewhere. */
  joins?: true;
  /** Steps whose findings it reads; it starts when they are finished. */
  after?: string[];
  run(ctx: StepContext): Promise<Finding[]>;
}

export interface StepContext {
  alert: Alert;
  window: Window;
  /** The moment of the investigation, ISO. */
  now: string;
  /** Times known to be fault-free, by source; empty = use the window's baseline. */
  baselines: { from: string; to: string; sources?: string[] }[];
  /** Ask every source that offers the capability; one Evidence a source, in source order. Never throws for a source's failure. */
  ask<C extends Capability>(capability: C, question: Questions[C], why: string): Promise<Evidence<C>[]>;
  /** True when some source offers it. */
  can(capability: Capability): boolean;
  /** Findings of the steps named in `after`, in step order. */
  findings: Finding[];
  /** Parts of the analysis that are left out, to measure what they buy: analysis/ablation.ts. */
  without?: ReadonlySet<string>;
}

/** How a tool says what it can do: data, so that it can be sent, logged and compared. */
export interface ToolSpec {
  /** `<source>.<capability>`, unique in a run. */
  name: string;
  source: string;
  capability: Capability;
  description: string;
  version: number;
}

/** One answer to "can you see it, and what may you do?" for doctor. */
export interface Check {
  what: string;
  state: 'ok' | 'warn' | 'fail';
  detail: string;
  fix?: string;
  /** Of a failure: what a question would be answered with. `denied` = it is the credentials. */
  status?: Status;
  /** The same for machines: `latencyMs`, `skewMs`, `remaining`, `limit`, `resetAt`, `missing`, `writable` …. */
  facts?: Record<string, string | number | boolean | string[]>;
}
