/** Between the person at the screen and the loop: hints, pause, interruption, answers. What is said is journalled before it is used. */
import { Interrupted } from '../core/errors.ts';
import type { Event } from '../core/events.ts';
import type { Hands, Hint, Sent, Steer } from '../core/human.ts';
import type { Emit, Mailbox } from '../core/ports.ts';
import { cut } from '../core/text.ts';
import { toIso } from '../core/time.ts';

/** Most characters of one hint. */
export const HINT_MAX = 500;
/** Hints that may wait at once. */
const WAITING_MAX = 10;

interface Opened {
  past: Event[];
  emit: Emit;
  /** The first gate: nothing secret is journalled. */
  safe(text: string): string;
  now(): number;
  signal: AbortSignal;
  mail?: Mailbox;
}

/** Made with the screen, opened by the run. Before that and after the last turn a key does nothing. */
export class Desk implements Hands, Steer {
  /** Somebody sits in front of the screen and has keys. */
  someone = false;
  /** Login name of whoever sits there. */
  who: string | undefined;
  /** Time that the loop spent waiting for people, ms: it is no work. */
  waitedMs = 0;
  #o: Opened | undefined;
  #hints: Hint[] = [];
  /** The last turn that an earlier process began: what was given to it is what it got. */
  #begun = 0;
  #paused = false;
  #wake: () => void = () => {};
  readonly #calls = new Set<AbortController>();

  open(o: Opened): void {
    this.#o = o;
    const round = o.past.findLastIndex((e) => e.type === 'run.reopened');
    for (const [i, e] of o.past.entries()) {
      if (e.type === 'hint.queued') this.#hints.push({ n: e.n, text: e.text });
      if (e.type === 'hint.used') {
        // Told in an earlier round: it is part of a talk that is over.
        const turn = i < round ? 0 : e.turn;
        this.#hints = this.#hints.map((h) => (h.n === e.n ? { ...h, turn } : h));
      }
      if (e.type === 'turn.started' && i > round) this.#begun = Math.max(this.#begun, e.turn);
    }
    o.signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  hint(text: string): void {
    const o = this.#o;
    const said = cut(text.replace(/\s+/g, ' ').trim(), HINT_MAX);
    if (!o || said === '' || this.#hints.filter((h) => h.turn === undefined).length >= WAITING_MAX) return;
    const hint = { n: this.#hints.length + 1, text: o.safe(said) };
    this.#hints.push(hint);
    this.#tell({ type: 'hint.queued', ...hint });
  }

  pause(): void {
    if (!this.#o) return;
    this.#paused = !this.#paused;
    this.#tell({ type: 'pause.set', on: this.#paused });
    if (!this.#paused) this.#wake();
  }

  interrupt(): void {
    for (const call of this.#calls) call.abort();
    this.#calls.clear();
  }

  answer(question: string, choice: string): void {
    const o = this.#o;
    if (!o?.mail) return;
    const sent: Sent = { choice, from: 'screen', at: toIso(o.now()), ...(this.who ? { who: this.who } : {}) };
    // Somebody else may have been faster; a letter box that cannot be written leaves the question open.
    void o.mail.post(question, sent).catch(() => {});
  }

  async before(turn: number): Promise<string[]> {
    const o = this.#o;
    if (!o) return [];
    await this.#untilUnpaused(o);
    const fresh = turn > this.#begun;
    const given = this.#hints.filter((h) => h.turn === turn || (fresh && h.turn === undefined));
    for (const h of given.filter((x) => x.turn === undefined)) {
      await o.emit({ type: 'hint.used', n: h.n, turn });
      this.#hints = this.#hints.map((x) => (x.n === h.n ? { ...x, turn } : x));
    }
    return given.map((h) => h.text);
  }

  /** The signal of a call to the model that begins now: `interrupt` ends it. */
  calling(): AbortSignal {
    const call = new AbortController();
    this.#calls.add(call);
    return call.signal;
  }

  /** Counts the time of something that waits for people as no work. */
  async waiting<T>(what: () => Promise<T>): Promise<T> {
    const begun = this.#o?.now() ?? 0;
    try {
      return await what();
    } finally {
      this.waitedMs += (this.#o?.now() ?? 0) - begun;
    }
  }

  #untilUnpaused(o: Opened): Promise<void> {
    return this.waiting(async () => {
      while (this.#paused) {
        if (o.signal.aborted) throw new Interrupted('stopped');
        await new Promise<void>((go) => {
          this.#wake = go;
        });
      }
    });
  }

  /** A journal that cannot be written ends the run at its own next word; a key press need not say so. */
  #tell(body: Parameters<Emit>[0]): void {
    void this.#o?.emit(body).catch(() => {});
  }
}
