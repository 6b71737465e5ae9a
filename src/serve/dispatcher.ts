/**
 * Takes alerts, decides, writes down, and only then answers. It has no timer: whoever owns it calls `tick`, so a day can be
 * played in a second.
 */
import { given } from '../core/alerts.ts';
import { ulid } from '../core/ids.ts';
import type { Alert } from '../core/types.ts';
import { decide, keyOf } from './decide.ts';
import type { Decision, Inbox, InboxBody } from './events.ts';
import type { Ledger } from './ledger.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Hook, Rules } from './rules.ts';
import type { Runs } from './runs.ts';
import { Supervisor } from './supervisor.ts';

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
  /** The id of a new investigation, where several servers must come to the same one. */
  newRun?: (hook: Hook, alert: Alert, now: number) => string;
  /** A run has ended, or something joined it afterwards. */
  changed?: (run: string) => void;
  /** The inbox cannot be written: nothing may be acknowledged any more. */
  onBroken(e: unknown): void;
}

export class Dispatcher {
  readonly #o: DispatcherOptions;
  readonly #repeats = new Map<string, { run: string; times: number }>();
  /** Everything that was told so far is on disk when this resolves. */
  #durable: Promise<void> = Promise.resolve();
  readonly #supervisor: Supervisor;

  constructor(o: DispatcherOptions) {
    this.#o = o;
    const tell = (body: InboxBody): Promise<void> => {
      this.#tell(body);
      return this.#durable;
    };
    this.#supervisor = new Supervisor({ ...o, tell });
  }

  get running(): number {
    return this.#supervisor.running;
  }

  get waiting(): number {
    return [...this.#o.ledger.cases.values()].filter((c) => c.phase === 'waiting').length;
  }

  /** Decides on the alerts of one delivery; resolves when everything that is acknowledged is on disk. */
  async take(hook: Hook, alerts: readonly Alert[]): Promise<Told[]> {
    const { ledger, rules, metrics, now } = this.#o;
    const told = alerts.map((alert): Told => {
      const at = now();
      const { newRun } = this.#o;
      const id = newRun ? (ms: number): string => newRun(hook, alert, ms) : ulid;
      const decision = decide(ledger, rules, hook, alert, at, id);
      metrics.alert(hook.name, decision);
      return this.#note(hook, alert, decision, at);
    });
    // What is not acknowledged need not wait for the disk.
    if (told.some(({ decision }) => decision.do !== 'shed')) await this.#durable;
    this.#supervisor.pump();
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
    this.#supervisor.pump();
  }

  /** Goes on where an earlier process was stopped. */
  recover(): Promise<void> {
    return this.#supervisor.recover();
  }

  /** Starts nothing more and lets what runs come to an end; resolves when all of it is on disk. */
  async stop(): Promise<void> {
    await this.#supervisor.stop();
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
      if (decision.do === 'attach') this.#supervisor.joined(decision.run, key, decision.as, alert);
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
}
