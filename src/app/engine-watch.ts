/** Looks at the engine's runs now and then, and tells those that do not get on: the engine itself retries in silence. */
import { UserError } from '../core/errors.ts';
import { oneLine } from '../core/text.ts';
import type { EngineClient } from '../engines/_restate-client.ts';
import type { Listed } from '../engines/_restate-runs.ts';

/** From so many attempts on a run is told. */
export const MANY = 5;
const EVERY_MS = 30_000;

/** Watches until the signal; a run is told once for each time that it comes to stand still. */
export function watchStuck(
  client: Pick<EngineClient, 'stuck'>,
  o: {
    signal: AbortSignal;
    tell: (l: Listed, why: string) => void;
    /** The engine cannot be asked: told once, until it can be asked again. */
    away: (why: string) => void;
    every?: number;
  },
): void {
  let told = new Set<string>();
  let away = false;
  const look = async (): Promise<void> => {
    try {
      const now = await client.stuck(MANY);
      const idOf = (l: Listed): string => `${l.run} ${l.status}`;
      for (const l of now)
        if (!told.has(idOf(l))) o.tell(l, oneLine(l.lastFailure ?? l.failure ?? 'no reason was given', 300));
      // What gets on is forgotten: it is told again where it comes to stand still again.
      told = new Set(now.map(idOf));
      away = false;
    } catch (e) {
      if (o.signal.aborted) return;
      if (!(e instanceof UserError)) throw e;
      if (!away) o.away(e.message);
      away = true;
    }
  };
  const timer = setInterval(() => void look(), o.every ?? EVERY_MS);
  timer.unref();
  o.signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
