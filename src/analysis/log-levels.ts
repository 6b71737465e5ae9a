/** How bad a log record is. */
import type { LogRecord } from '../core/telemetry.ts';

const LEVEL_IN_TEXT =
  /\b(FATAL|PANIC|CRITICAL|ERROR|SEVERE|WARN(?:ING)?|INFO|DEBUG|TRACE)\b|"level"\s*:\s*"(\w+)"|\blevel=(\w+)/i;
/** Every level that is one: what programs write freely must not make as many levels as they have words. */
const LEVELS: Record<string, string> = {
  TRACE: 'TRACE',
  DEBUG: 'DEBUG',
  INFO: 'INFO',
  INFORMATION: 'INFO',
  NOTICE: 'NOTICE',
  WARN: 'WARN',
  ERROR: 'ERROR',
  ALERT: 'FATAL',
  EMERG: 'FATAL',
  EMERGENCY: 'FATAL',
  FATAL: 'FATAL',
  CRIT: 'FATAL',
  WARNING: 'WARN',
  SEVERE: 'ERROR',
  CRITICAL: 'FATAL',
  PANIC: 'FATAL',
  ERR: 'ERROR',
};

/** `ERROR`, `WARN`, `INFO` …, from the record's own level, else from the start of its text; empty where neither says one that is known. */
export function levelOf(record: LogRecord): string {
  const said = record.severityText ?? '';
  const found = said === '' ? LEVEL_IN_TEXT.exec(record.body.slice(0, 120)) : null;
  const level = (found ? (found[1] ?? found[2] ?? found[3] ?? '') : said).toUpperCase();
  return Object.hasOwn(LEVELS, level) ? LEVELS[level]! : '';
}

/** Whether a level says that something went wrong. */
export const isBad = (level: string): boolean => level === 'ERROR' || level === 'FATAL';
