/** The program's own log: one JSON object a line. Text from outside is escaped, and secrets are masked by the stream. */
import { safeJson } from '../safety/safe-json.ts';

export interface Log {
  info(what: string, more?: Record<string, unknown>): void;
  warn(what: string, more?: Record<string, unknown>): void;
}

/** Longest text in a line. */
const LONGEST = 500;

export function openLog(write: (line: string) => void, now: () => number): Log {
  const line =
    (level: string) =>
    (what: string, more: Record<string, unknown> = {}) => {
      const short = Object.entries(more).map(([k, v]) => [k, typeof v === 'string' ? v.slice(0, LONGEST) : v]);
      write(`${safeJson({ at: new Date(now()).toISOString(), level, what, ...Object.fromEntries(short) })}\n`);
    };
  return { info: line('info'), warn: line('warn') };
}
