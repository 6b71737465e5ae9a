/** Log files on this machine as a source of log records: JSON lines and plain text, rotated and gzip, by time. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorCode, UserError } from '../core/errors.ts';
import { toIso } from '../core/time.ts';
import type { SourceEnv, SourcePlugin } from '../tools/tool.ts';
import type { LogSource } from './_logfile-ask.ts';
import { checkLogs } from './_logfile-check.ts';
import { isPattern } from './_logfile-files.ts';
import { zoneOffset } from './_logfile-time.ts';
import { logTools } from './_logfile-tools.ts';

export interface LogfileConfig {
  /** Files, folders, or paths with `*` and `?`; relative to where the program was started. */
  paths: string[];
  /** Service of records that name none; without it the file's name says. */
  service?: string;
  /** `auto` decides line by line. */
  format?: 'auto' | 'jsonl' | 'text';
  /** Zone of time stamps that name none: `+02:00`; UTC without it. */
  utcOffset?: string;
}

const FORMATS = ['auto', 'jsonl', 'text'] as const;

export const source: SourcePlugin<LogfileConfig> = {
  title: 'log files: JSON lines or plain text, rotated and gzip',
  async open(name, config, env) {
    const checked = await validated(name, config, env);
    const open = (): LogSource => ({ ...checked, now: env.now() });
    const names = (service: string): ReadonlySet<string> =>
      new Set([service, ...(env.services[service]?.aliases ?? [])]);
    return {
      name,
      tools: logTools(name, open, names),
      check: ({ service }) => checkLogs(open(), service, service === undefined ? new Set() : names(service)),
    };
  },
};

async function validated(name: string, config: LogfileConfig, env: SourceEnv): Promise<Omit<LogSource, 'now'>> {
  const hints = [`For example "${name}": { "paths": ["/var/log/shop/*.log"], "service": "checkout" }.`];
  const bad = (why: string) => new UserError(`source ${name}: ${why}`, { hints });
  const { paths, format = 'auto', service, utcOffset = 'Z' } = config;
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every((p) => typeof p === 'string' && p !== ''))
    throw bad('"paths" is not a list of paths');
  if (!FORMATS.includes(format)) throw bad(`"format" is ${JSON.stringify(format)}, not one of ${FORMATS.join(', ')}`);
  if (!/^(?:Z|[+-]\d\d:\d\d)$/.test(utcOffset))
    throw bad(`"utcOffset" is ${JSON.stringify(utcOffset)}, not like "+02:00"`);
  for (const path of paths.filter((p) => !isPattern(p))) {
    const missing = await stat(resolve(env.cwd, path)).then(
      () => false,
      (e: unknown) => errorCode(e) === 'ENOENT',
    );
    if (missing) throw bad(`${resolve(env.cwd, path)} is not there (asked at ${toIso(env.now())})`);
  }
  return { paths, cwd: env.cwd, format, offset: zoneOffset(utcOffset), ...(service !== undefined && { service }) };
}
