/** The state of the desk: which alerts are open, which investigation answers for each, what was spent. A fold of the inbox. */
import { defined } from '../core/defined.ts';
import { toMs } from '../core/time.ts';
import type { Alert } from '../core/types.ts';
import type { Cost, Decision, InboxBody, InboxEvent } from './events.ts';

/** An alert that an investigation answers for. Times in ms. */
export interface Member {
  key: string;
  title: string;
  service?: string;
  env?: string;
  status: Alert['status'];
  severity?: string;
  startsAt: string;
  /** When it was heard of first and last, and how often it was told again. */
  since: number;
  at: number;
  times: number;
  as: 'leads' | 'related' | 'refired' | 'resolved';
  why: string;
}

export interface Case {
  run: string;
  hook: string;
  /** The alert that is investigated. Left out once the run has it in its own journal and is over. */
  alert?: Alert;
  phase: 'waiting' | 'running' | 'ended' | 'cancelled';
  urgent: boolean;
  /** Not before this, ms. */
  dueAt: number;
  since: number;
  openedAt?: number;
  endedAt?: number;
  attempts: number;
  model?: boolean;
  outcome?: string;
  headline?: string;
  problem?: string;
  members: Map<string, Member>;
}

/** What was spent, for the budgets of an hour. */
export interface Spent extends Cost {
  at: number;
  hook: string;
  service?: string;
  run: string;
}

/** Who calls whom; at most so many pairs are remembered. */
const CALLS_MAX = 2000;
/** Alerts that one case lists; more are counted, not listed. */
export const MEMBERS_MAX = 200;

export interface LedgerLimits {
  /** A case whose alerts are quiet for so long is forgotten, ms. */
  forgetMs: number;
  /** At most so many cases are remembered. */
  cases: number;
}

export class Ledger {
  readonly cases = new Map<string, Case>();
  /** Alert → the run that answers for it. */
  readonly byKey = new Map<string, string>();
  readonly calls = new Map<string, [caller: string, callee: string]>();
  spent: Spent[] = [];
  readonly #limits: LedgerLimits;

  constructor(limits: LedgerLimits) {
    this.#limits = limits;
  }

  /** Folds one event in. `at` in ms. */
  fold(e: InboxBody, at: number): void {
    if (e.type === 'alert.taken') this.#taken(e, e.decision, at);
    else if (e.type === 'inbox.carried') this.#restore(e.state as Carried);
    else if (e.type === 'topology.learned') this.#learn(e.calls);
    else if ('run' in e) this.#ofRun(e, at);
  }

  /** What a new segment begins with. */
  carried(): Carried {
    const cases = [...this.cases.values()].map((c) => ({ ...c, members: [...c.members.values()] }));
    return { cases, calls: [...this.calls.values()], spent: this.spent };
  }

  /** Forgets what is over and quiet, and what was spent more than an hour ago. */
  prune(now: number): void {
    const over = (c: Case): boolean => c.phase === 'ended' || c.phase === 'cancelled';
    const lastOf = (c: Case): number => Math.max(c.endedAt ?? 0, c.since, ...[...c.members.values()].map((m) => m.at));
    const quiet = [...this.cases.values()].filter(over).map((c) => ({ c, last: lastOf(c) }));
    quiet.sort((a, b) => a.last - b.last);
    let excess = this.cases.size - this.#limits.cases;
    for (const { c, last } of quiet) {
      if (now - last < this.#limits.forgetMs && excess <= 0) continue;
      excess--;
      this.cases.delete(c.run);
      for (const key of c.members.keys()) if (this.byKey.get(key) === c.run) this.byKey.delete(key);
    }
    this.spent = this.spent.filter((s) => now - s.at < 3_600_000);
  }

  /** What is told of one investigation. */
  #ofRun(e: Extract<InboxBody, { run: string }>, at: number): void {
    const found = this.cases.get(e.run);
    if (!found) return;
    if (e.type === 'alert.repeated') {
      const member = found.members.get(e.key);
      if (member) Object.assign(member, { at, times: member.times + e.times });
    } else if (e.type === 'run.opened') {
      Object.assign(found, { phase: 'running', attempts: e.attempt, model: e.model });
      if (found.openedAt !== undefined) return;
      found.openedAt = at;
      const { hook, run } = found;
      const service = found.alert?.service;
      this.spent.push({ ...defined({ service }), at, hook, run, calls: 0, tokens: 0, dollars: 0 });
    } else if (e.type === 'run.ended') {
      const { outcome, headline, problem, calls, tokens, dollars } = e;
      Object.assign(found, defined({ phase: 'ended', endedAt: at, outcome, headline, problem }));
      delete found.alert;
      const entry = this.spent.find((s) => s.run === e.run);
      if (entry) Object.assign(entry, { calls, tokens, dollars });
    } else {
      Object.assign(found, { phase: 'cancelled', endedAt: at, problem: e.why });
      delete found.alert;
    }
  }

  #learn(calls: [caller: string, callee: string][]): void {
    for (const [caller, callee] of calls) {
      if (this.calls.size < CALLS_MAX) this.calls.set(`${caller}\n${callee}`, [caller, callee]);
    }
  }

  #taken(e: { key: string; hook: string; alert: Alert }, d: Decision, at: number): void {
    if (d.do === 'start') {
      const { run, dueAt, urgent } = d;
      const fresh = { run, hook: e.hook, alert: e.alert, dueAt, urgent, since: at, attempts: 0, members: new Map() };
      this.cases.set(run, { ...fresh, phase: 'waiting' });
    }
    if (d.do !== 'start' && d.do !== 'attach') return;
    const found = this.cases.get(d.run);
    if (!found) return;
    if (d.do === 'attach' && d.urgent && found.phase === 'waiting') {
      found.urgent = true;
      found.dueAt = Math.min(found.dueAt, at);
    }
    const known = found.members.get(e.key);
    if (!known && found.members.size >= MEMBERS_MAX) return;
    const { title, service, env, status, severity, startsAt } = e.alert;
    const as = d.do === 'start' ? 'leads' : (known?.as ?? d.as);
    const told = { key: e.key, title, service, env, status, severity, startsAt, at, as, why: known?.why ?? d.why };
    found.members.set(e.key, defined<Member>({ since: at, times: 1, ...known, ...defined(told) }));
    this.byKey.set(e.key, d.run);
  }

  #restore(state: Carried): void {
    this.cases.clear();
    this.byKey.clear();
    this.calls.clear();
    for (const { members, ...rest } of state.cases) {
      this.cases.set(rest.run, { ...rest, members: new Map(members.map((m) => [m.key, m])) });
      for (const m of members) this.byKey.set(m.key, rest.run);
    }
    for (const pair of state.calls) this.calls.set(pair.join('\n'), pair);
    this.spent = state.spent;
  }
}

export interface Carried {
  cases: (Omit<Case, 'members'> & { members: Member[] })[];
  calls: [string, string][];
  spent: Spent[];
}

/** The event's own time in ms: what a fold of the file uses. */
export const timeOf = (e: { at: string }): number => toMs(e.at);

/** A segment begins with the state up to an event: what is older and still follows is in it already. */
export function skippingCarried(fold: (e: InboxEvent) => void): (e: InboxEvent) => void {
  let through = 0;
  return (e) => {
    if (e.type === 'inbox.carried') through = e.through;
    else if (e.seq <= through) return;
    fold(e);
  };
}
