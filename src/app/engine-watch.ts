/** Looks at the engine's runs now and then, and tells those that do not get on: the engine itself retries in silence. */
import { UserError } from '../core/errors.ts';
import { oneLine } from '../core/text.ts';
import type { EngineClient, Listed } from '../engines/_restate-client.ts';

/** From so many attempts on a run is told. */
const MANY = 5;
const EVERY_MS = 30_000;

/** Runs that are paused, or tried again and again. */
export const stuckAmong = (all: Listed[]): Listed[] =>
  all.filter((l) => l.status === 'paused' || (l.status === 'backing-off' && l.retries >= MANY));

/** Watches until the signal; each run is told once for each way in which it stands still. */
export function watchStuck(
  client: Pick<EngineClient, 'list'>,
  o: {
    signal: AbortSignal;
    tell: (l: Listed, why: string) => void;
    /** The engine cannot be asked: told once, until it can be asked again. */
    away: (why: string) => void;
    every?: number;
  },
): void {
  const told = new Set<string>();
  let away = false;
  const look = async (): Promise<void> => {
    try {
      for (const l of stuckAmong(await client.list(1000))) {
        const id = `${l.run} ${l.status}`;
        if (told.has(id)) continue;
        told.add(id);
        o.tell(l, oneLine(l.lastFailure ?? 'no reason was given', 300));
      }
      away = false;
    } catch (e) {
      if (!(e instanceof UserError)) throw e;
      if (!away) o.away(e.message);
      away = true;
    }
  };
  const timer = setInterval(() => void look(), o.every ?? EVERY_MS);
  timer.unref();
  o.signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
