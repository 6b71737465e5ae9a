/**
 * Tells others of investigations that ended, and again when something joined one afterwards: a process of its own each time,
 * which knows what it has told already. Two at once, one a run; what comes meanwhile is told once more at its end.
 */
import type { Log } from './log.ts';

/** Sends; resolves with the exit code and the last words of who did. */
export type Send = (run: string) => Promise<{ exit: number | null; words: string }>;

const AT_ONCE = 2;

export class Tellers {
  readonly #send: Send;
  readonly #log: Log;
  readonly #sending = new Map<string, Promise<void>>();
  /** Runs that are to be told when there is room, in the order in which they came. */
  readonly #due = new Set<string>();

  constructor(send: Send, log: Log) {
    this.#send = send;
    this.#log = log;
  }

  tell(run: string): void {
    this.#due.add(run);
    this.#pump();
  }

  /** Resolves when everything that was to be told has been tried. */
  async drained(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending.values());
  }

  #pump(): void {
    for (const run of this.#due) {
      if (this.#sending.size >= AT_ONCE) return;
      if (this.#sending.has(run)) continue;
      this.#due.delete(run);
      const sent = this.#send(run).then(
        ({ exit, words }) => {
          if (exit === 0) this.#log.info('run.told', { run });
          else this.#log.warn('run.not-told', { run, exit, words });
        },
        (e: unknown) => this.#log.warn('run.not-told', { run, words: String(e) }),
      );
      const over = sent.finally(() => {
        this.#sending.delete(run);
        this.#pump();
      });
      this.#sending.set(run, over);
    }
  }
}
