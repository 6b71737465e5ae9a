/** Looks after the processes of investigations: starts what is due, tells them what they should know, ends what is over. */

import { given, type JoinedAlert } from '../core/alerts.ts';
import { ulid } from '../core/ids.ts';
import type { Alert } from '../core/types.ts';
import { mayPay } from './budget.ts';
import type { InboxBody } from './events.ts';
import type { Case, Ledger } from './ledger.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Rules } from './rules.ts';
import { joinedOf, lateRunning, within } from './running.ts';
import type { Ended, Running, Runs } from './runs.ts';

/** A process that dies so often without a verdict is not started again. */
const FAILURES_MAX = 3;
/** A run is told so much of other alerts; all of them stand in the inbox. */
const TOLD_MAX = 100;
/** Runs that ended so shortly before a start may not have been told of, ms. */
const TOLD_LATER = 60 * 60_000;
/** Processes that were asked to save what they have are killed after this, ms. */
const SAVING = 5000;

export interface SupervisorOptions {
  ledger: Ledger;
  rules: Rules;
  runs: Runs;
  metrics: Metrics;
  log: Log;
  now: () => number;
  onBroken(e: unknown): void;
  /** A run has ended, or something joined it afterwards: whoever is to know is told. */
  changed?: (run: string) => void;
  /** Folds an event and writes it; resolves when it is on disk. */
  tell(body: InboxBody): Promise<void>;
}

export class Supervisor {
  readonly #o: SupervisorOptions;
  readonly #running = new Map<string, Running>();
  readonly #failures = new Map<string, number>();
  readonly #told = new Map<string, number>();
  /** Ends that are being written down. */
  readonly #settling = new Set<Promise<void>>();
  #stopping = false;

  constructor(o: SupervisorOptions) {
    this.#o = o;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Goes on where an earlier process was stopped: what ran is looked at, and resumed where it has no verdict. */
  async recover(): Promise<void> {
    for (const found of [...this.#o.ledger.cases.values()].filter((c) => c.phase === 'running')) {
      const ended = await this.#o.runs.ended(found.run);
      if (ended) await this.#end(found, ended, null, '');
      else found.phase = 'waiting';
    }
    // Who was not told yet because we were stopped is told now; who was is not told twice.
    for (const { phase, run, endedAt = 0 } of this.#o.ledger.cases.values())
      if (phase === 'ended' && this.#o.now() - endedAt < TOLD_LATER) this.#o.changed?.(run);
  }

  /** Starts nothing more, and gives what runs so long to end; then it is asked to save what it has, then killed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const { graceMs } = this.#o.rules;
    const all = (): Promise<unknown> => Promise.all(this.#settling);
    if (await within(all(), graceMs)) return;
    for (const r of this.#running.values()) r.stop();
    if (!(await within(all(), SAVING))) for (const r of this.#running.values()) r.kill();
    await all();
  }

  /** An alert belongs to a case: what waits may not be needed any more, what runs and what is over is told. */
  joined(run: string, key: string, as: JoinedAlert['as'], alert: Alert): void {
    const found = this.#o.ledger.cases.get(run);
    const member = found?.members.get(key);
    if (!found || !member) return;
    if (found.phase === 'waiting') {
      const quiet = [...found.members.values()].every((m) => m.status === 'resolved');
      if (quiet && !found.urgent && found.attempts === 0) {
        const why = 'all its alerts resolved before it began';
        void this.#o.tell({ type: 'run.cancelled', run, why }).catch(() => {});
      }
      return;
    }
    const told = this.#told.get(run) ?? 0;
    if (told >= TOLD_MAX) return;
    this.#told.set(run, told + 1);
    const joined = joinedOf(member, as, alert.endsAt);
    const running = this.#running.get(run);
    if (running) running.tell(joined);
    else if (as !== 'related') this.#joinEnded(run, joined);
  }

  /** It stands in the inbox already; that its run's own journal cannot take it is no reason to stop. */
  #joinEnded(run: string, joined: JoinedAlert): void {
    const { runs, log } = this.#o;
    const failed = (why: unknown): void => log.warn('run.not-joined', { run, why: String(why) });
    const done = (joins: boolean): void => void (joins ? this.#o.changed?.(run) : failed('another process has it'));
    void runs.join(run, joined).then(done, failed);
  }

  /**
   * Starts what is due, the urgent first, then in the order of arrival: one at a time, since to start a process holds up
   * everything else for a moment. It is called again soon.
   */
  pump(): void {
    if (this.#stopping) return;
    const { ledger, rules, runs, now } = this.#o;
    const due = [...ledger.cases.values()]
      .filter((c) => c.phase === 'waiting' && c.dueAt <= now() && !this.#running.has(c.run))
      .sort((a, b) => Number(b.urgent) - Number(a.urgent) || a.since - b.since);
    for (const found of due) {
      if (this.#running.size >= rules.concurrency) return;
      // A process of an earlier serve may still be at it; it ends by itself.
      if (runs.busy(found.run)) continue;
      this.#start(found);
      return;
    }
  }

  #start(found: Case): void {
    const { ledger, rules, now, runs, log } = this.#o;
    const { run, alert } = found;
    const hook = rules.hooks.find((h) => h.name === found.hook);
    const model = mayPay(ledger, rules, hook, alert?.service, now());
    const written = this.#o.tell({ type: 'run.opened', run, attempt: found.attempts + 1, model });
    const others = [...found.members.values()].filter((m) => m.as !== 'leads');
    const joined = others.slice(0, TOLD_MAX).map((m) => joinedOf(m, m.status === 'resolved' ? 'resolved' : m.as));
    const origin = `webhook ${found.hook}`;
    const running = lateRunning(written, () => runs.start({ run, alert: alert!, origin, model, joined }));
    this.#running.set(run, running);
    log.info('run.opened', { run, attempt: found.attempts, model, ...given({ service: alert?.service }) });
    const settled = running.ended
      .then(async ({ exit, words, end }) => {
        const ended = end ?? (await runs.ended(run));
        this.#running.delete(run);
        await this.#end(found, ended, exit, words);
        this.pump();
      })
      .catch((e: unknown) => this.#o.onBroken(e))
      .finally(() => this.#settling.delete(settled));
    this.#settling.add(settled);
  }

  /** A verdict, an end without one, or another try. */
  async #end(found: Case, ended: Ended | undefined, exit: number | null, words: string): Promise<void> {
    const { run } = found;
    const { log, metrics } = this.#o;
    if (ended) {
      const { topology, ...how } = ended;
      if (topology.length > 0) void this.#o.tell({ type: 'topology.learned', calls: topology }).catch(() => {});
      const written = this.#o.tell({ type: 'run.ended', run, ...how });
      metrics.run(how);
      log.info('run.ended', { run, ...how });
      this.#failures.delete(run);
      await written;
      return this.#o.changed?.(run);
    }
    if (this.#stopping) {
      found.phase = 'waiting';
      return log.info('run.saved', { run });
    }
    const failures = (this.#failures.get(run) ?? 0) + 1;
    this.#failures.set(run, failures);
    // Wrong usage, missing keys and a human that is waited for do not go away by trying again.
    const final = exit === 2 || exit === 3 || exit === 11 || failures >= FAILURES_MAX;
    if (!final) {
      found.phase = 'waiting';
      return log.warn('run.lost', { run, exit, words });
    }
    // Another version of the program may refuse to go on with a run: the alert is still to be answered.
    if (exit === 2 && found.attempts > 1 && found.alert) this.#anew(found, found.alert, words);
    const outcome = exit === 11 ? 'waiting' : 'failed';
    const cost = { calls: 0, tokens: 0, dollars: 0, ms: 0 };
    const written = this.#o.tell({ type: 'run.ended', run, exit, outcome, problem: words || `exit ${exit}`, ...cost });
    metrics.run({ outcome, ...cost });
    log.warn('run.ended', { run, exit, outcome, words });
    this.#failures.delete(run);
    return written;
  }

  /** The same alert in a new run. */
  #anew({ run, hook, members, urgent }: Case, alert: Alert, words: string): void {
    const { now, log, tell } = this.#o;
    const key = [...members.values()].find((m) => m.as === 'leads')?.key;
    if (key === undefined) return;
    const why = `run ${run.slice(-6)} could not be continued`;
    const decision = { do: 'start' as const, run: ulid(now()), dueAt: now(), urgent, why };
    void tell({ type: 'alert.taken', hook, key, alert, decision }).catch(() => {});
    log.warn('run.anew', { run, as: decision.run, words });
  }
}
