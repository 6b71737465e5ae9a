/**
 * Takes alerts, decides, writes down, and only then answers; starts what is due and ends what is over. One clock for
 * all: whoever owns it calls `tick`, so a day can be played in a second.
 */
import { given, type JoinedAlert } from '../core/alerts.ts';
import type { Alert } from '../core/types.ts';
import { mayPay } from './budget.ts';
import { decide, keyOf } from './decide.ts';
import type { Decision, Inbox, InboxBody } from './events.ts';
import type { Case, Ledger } from './ledger.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Hook, Rules } from './rules.ts';
import { joinedOf, lateRunning, within } from './running.ts';
import type { Ended, Running, Runs } from './runs.ts';

/** A process that dies so often without a verdict is not started again. */
const FAILURES_MAX = 3;
/** A run is told so much of other alerts; all of them stand in the inbox. */
const TOLD_MAX = 100;

export interface Told {
  title: string;
  decision: Decision;
}

export interface DispatcherOptions {
  ledger: Ledger;
  rules: Rules;
  inbox: Inbox;
  runs: Runs;
  metrics: Metrics;
  log: Log;
  now: () => number;
  /** The first gate: what is written down holds no secret. Only that is looked through: a storm must not cost more. */
  redact: <T>(json: T) => T;
  /** The inbox cannot be written: nothing may be acknowledged any more. */
  onBroken(e: unknown): void;
}

export class Dispatcher {
  readonly #o: DispatcherOptions;
  readonly #running = new Map<string, Running>();
  readonly #failures = new Map<string, number>();
  readonly #repeats = new Map<string, { run: string; times: number }>();
  readonly #told = new Map<string, number>();
  /** Everything that was told so far is on disk when this resolves. */
  #durable: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(o: DispatcherOptions) {
    this.#o = o;
  }

  get running(): number {
    return this.#running.size;
  }

  get waiting(): number {
    return [...this.#o.ledger.cases.values()].filter((c) => c.phase === 'waiting').length;
  }

  /** Goes on where an earlier process was stopped: what ran is looked at, and resumed where it has no verdict. */
  async recover(): Promise<void> {
    for (const found of [...this.#o.ledger.cases.values()].filter((c) => c.phase === 'running')) {
      const ended = await this.#o.runs.ended(found.run);
      if (ended) await this.#end(found, ended, null, '');
      else found.phase = 'waiting';
    }
  }

  /** Decides on the alerts of one delivery; resolves when everything that was decided is on disk. */
  async take(hook: Hook, alerts: readonly Alert[]): Promise<Told[]> {
    const { ledger, rules, metrics, now } = this.#o;
    const told = alerts.map((alert): Told => {
      const at = now();
      const decision = decide(ledger, rules, hook, alert, at);
      metrics.alert(hook.name, decision);
      return this.#note(hook, alert, decision, at);
    });
    await this.#durable;
    this.#pump();
    return told;
  }

  /** Writes down that a delivery held nothing to investigate. */
  async ignored(hook: Hook, title: string, why: string): Promise<void> {
    this.#tell({ type: 'delivery.ignored', hook: hook.name, title, why });
    await this.#durable;
  }

  /** What time brings: alerts that are due, counts that are written down, cases that are forgotten. */
  tick(): void {
    const { ledger, now } = this.#o;
    for (const [key, { run, times }] of this.#repeats) this.#tell({ type: 'alert.repeated', key, run, times });
    this.#repeats.clear();
    ledger.prune(now());
    for (const run of this.#told.keys()) if (!ledger.cases.has(run)) this.#told.delete(run);
    this.#pump();
  }

  /** Starts nothing more, and gives what runs so long to end; then it is asked to save what it has, then killed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const { graceMs } = this.#o.rules;
    const all = (): Promise<unknown> => Promise.all([...this.#running.values()].map((r) => r.ended));
    if (!(await within(all(), graceMs))) {
      for (const r of this.#running.values()) r.stop();
      if (!(await within(all(), 5000))) for (const r of this.#running.values()) r.kill();
    }
    await all();
    await this.#durable.catch(() => {});
  }

  #note(hook: Hook, raw: Alert, decided: Decision, at: number): Told {
    const key = keyOf(hook.name, raw);
    const [alert, decision] = this.#safe(raw, decided);
    if (decision.do === 'repeat') {
      const { run } = decision;
      this.#repeats.set(key, { run, times: (this.#repeats.get(key)?.times ?? 0) + 1 });
    } else if (decision.do === 'ignore') {
      this.#tell({ type: 'delivery.ignored', hook: hook.name, title: alert.title, why: decision.why });
    } else if (decision.do === 'shed') {
      const { title, fingerprint, service } = alert;
      this.#tell({ type: 'alert.shed', hook: hook.name, title, fingerprint, ...given({ service }), why: decision.why });
    } else {
      this.#tell({ type: 'alert.taken', hook: hook.name, key, alert, decision }, at);
      if (decision.do === 'attach') this.#joined(decision.run, key, decision.as, alert);
    }
    return { title: alert.title, decision };
  }

  #safe(alert: Alert, decision: Decision): [Alert, Decision] {
    const { redact } = this.#o;
    // The same once more: nothing of it is written or shown but its count.
    if (decision.do === 'repeat') return [{ ...alert, title: 'as before' }, decision];
    if (decision.do === 'start' || decision.do === 'attach') return redact([alert, decision]);
    const { title, fingerprint, service } = alert;
    const [shown, why] = redact([{ title, fingerprint, ...given({ service }) }, decision.why] as const);
    return [
      { ...alert, ...shown },
      { ...decision, why },
    ];
  }

  /** Folds an event and has it written; the two in one breath, so that the log and the state agree. */
  #tell(body: InboxBody, at = this.#o.now()): void {
    this.#o.ledger.fold(body, at);
    this.#durable = this.#o.inbox.append([body]);
    this.#durable.catch((e: unknown) => this.#o.onBroken(e));
  }

  #joined(run: string, key: string, as: JoinedAlert['as'], alert: Alert): void {
    const found = this.#o.ledger.cases.get(run);
    const member = found?.members.get(key);
    if (!found || !member) return;
    if (found.phase === 'waiting') {
      const quiet = [...found.members.values()].every((m) => m.status === 'resolved');
      if (quiet && !found.urgent && found.attempts === 0) {
        this.#tell({ type: 'run.cancelled', run, why: 'all its alerts resolved before it began' });
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
    void runs.join(run, joined).then((done) => done || failed('another process has it'), failed);
  }

  /** Starts what is due, the urgent first, then in the order of arrival. */
  #pump(): void {
    if (this.#stopping) return;
    const { ledger, rules, runs, now } = this.#o;
    const due = [...ledger.cases.values()]
      .filter((c) => c.phase === 'waiting' && c.dueAt <= now() && !this.#running.has(c.run))
      .sort((a, b) => Number(b.urgent) - Number(a.urgent) || a.since - b.since);
    for (const found of due) {
      if (this.#running.size >= rules.concurrency) return;
      // A process of an earlier serve may still be at it; it ends by itself.
      if (!runs.busy(found.run)) this.#start(found);
    }
  }

  #start(found: Case): void {
    const { ledger, rules, now, runs, log } = this.#o;
    const { run, alert } = found;
    const hook = rules.hooks.find((h) => h.name === found.hook);
    const model = mayPay(ledger, rules, hook, alert?.service, now());
    this.#tell({ type: 'run.opened', run, attempt: found.attempts + 1, model });
    const others = [...found.members.values()].filter((m) => m.as !== 'leads');
    const joined = others.slice(0, TOLD_MAX).map((m) => joinedOf(m, m.status === 'resolved' ? 'resolved' : m.as));
    const origin = `webhook ${found.hook}`;
    const written = this.#durable;
    const running = lateRunning(written, () => runs.start({ run, alert: alert!, origin, model, joined }));
    this.#running.set(run, running);
    log.info('run.opened', { run, attempt: found.attempts, model, ...given({ service: alert?.service }) });
    running.ended
      .then(async ({ exit, words, end }) => {
        const ended = end ?? (await runs.ended(run));
        this.#running.delete(run);
        await this.#end(found, ended, exit, words);
        this.#pump();
      })
      .catch((e: unknown) => this.#o.onBroken(e));
  }

  /** A verdict, an end without one, or another try. */
  async #end(found: Case, ended: Ended | undefined, exit: number | null, words: string): Promise<void> {
    const { run } = found;
    const { log, metrics } = this.#o;
    if (ended) {
      const { topology, ...how } = ended;
      if (topology.length > 0) this.#tell({ type: 'topology.learned', calls: topology });
      this.#tell({ type: 'run.ended', run, ...how });
      metrics.run(how);
      log.info('run.ended', { run, ...how });
      this.#failures.delete(run);
      return this.#durable;
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
    const outcome = exit === 11 ? 'waiting' : 'failed';
    const cost = { calls: 0, tokens: 0, dollars: 0, ms: 0 };
    this.#tell({ type: 'run.ended', run, exit, outcome, problem: words || `exit ${exit}`, ...cost });
    metrics.run({ outcome, ...cost });
    log.warn('run.ended', { run, exit, outcome, words });
    this.#failures.delete(run);
    return this.#durable;
  }
}
