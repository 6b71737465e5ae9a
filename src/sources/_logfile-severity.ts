/** The levels of all loggers as the six of OpenTelemetry. */

const WORDS: Record<string, string> = {
  trace: 'TRACE',
  verbose: 'TRACE',
  v: 'TRACE',
  finest: 'TRACE',
  finer: 'TRACE',
  silly: 'TRACE',
  debug: 'DEBUG',
  d: 'DEBUG',
  fine: 'DEBUG',
  dbug: 'DEBUG',
  info: 'INFO',
  information: 'INFO',
  informational: 'INFO',
  i: 'INFO',
  notice: 'INFO',
  log: 'INFO',
  config: 'INFO',
  http: 'INFO',
  warn: 'WARN',
  warning: 'WARN',
  w: 'WARN',
  wrn: 'WARN',
  error: 'ERROR',
  err: 'ERROR',
  e: 'ERROR',
  eror: 'ERROR',
  severe: 'ERROR',
  fail: 'ERROR',
  fatal: 'FATAL',
  f: 'FATAL',
  critical: 'FATAL',
  crit: 'FATAL',
  alert: 'FATAL',
  emerg: 'FATAL',
  emergency: 'FATAL',
  panic: 'FATAL',
  dpanic: 'FATAL',
};
const RANKS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
/** A level as a word of its own in capitals; or after `level=`, in brackets, or as in `error: …`. */
const CAPITALS = /\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL|PANIC|EMERG|ALERT)\b/;
const MARKED =
  /\b(?:level|lvl|severity)=["']?([a-z]+)|\[(trace|debug|info|notice|warn|warning|error|crit|alert|emerg|fatal)\]|^\W*(error|warning|fatal|panic):/i;

/** `WARN` of `warning`, 40 (pino, bunyan), OTel's 13 or syslog's 4; undefined where it is none. */
export function severityOf(value: unknown, scale: 'logger' | 'syslog' = 'logger'): string | undefined {
  if (scale === 'syslog') {
    const n = typeof value === 'number' && value >= 0 && value <= 7 ? value : undefined;
    return n === undefined
      ? undefined
      : n <= 2
        ? 'FATAL'
        : n === 3
          ? 'ERROR'
          : n === 4
            ? 'WARN'
            : n <= 6
              ? 'INFO'
              : 'DEBUG';
  }
  const plain = value !== null && typeof value === 'object' ? (value as { name?: unknown }).name : value;
  if (typeof plain === 'string' && !/^\d+$/.test(plain)) return WORDS[plain.trim().toLowerCase()];
  const n = Number(plain);
  if (!Number.isFinite(n) || n <= 0) return undefined;
  return RANKS[n <= 24 && n % 10 !== 0 ? Math.floor((n - 1) / 4) : Math.min(5, Math.floor(n / 10) - 1)];
}

/** The level that a plain line says near its start. */
export function severityIn(text: string): string | undefined {
  const head = text.slice(0, 120);
  const m = CAPITALS.exec(head) ?? MARKED.exec(head);
  const word = m?.[1] ?? m?.[2] ?? m?.[3];
  return word === undefined ? undefined : WORDS[word.toLowerCase()];
}

/** Position from TRACE to FATAL; -1 for none. */
export const rankOf = (severity: string | undefined): number => (severity === undefined ? -1 : RANKS.indexOf(severity));
