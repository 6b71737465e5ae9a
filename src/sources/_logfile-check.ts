/** What `doctor` says of log files: what was found, of whom, how new, and what cannot be read. */
import { byText } from '../core/canonical.ts';
import { bytes, plural } from '../core/text.ts';
import { formatDuration, toIso } from '../core/time.ts';
import type { Check } from '../core/types.ts';
import { type LogSource, lookAt } from './_logfile-ask.ts';
import type { Peek } from './_logfile-peek.ts';

const LISTED = 20;

/** One line a log, one a file that cannot be read. Reads both ends of each file and no more. */
export async function checkLogs(
  source: LogSource,
  service: string | undefined,
  names: ReadonlySet<string>,
): Promise<Check[]> {
  const reading = { bytes: 0, limit: Number.POSITIVE_INFINITY, overlong: 0 };
  const { peeks, notRead } = await lookAt(source, source.now, reading);
  const where = source.paths.join(', ');
  if (peeks.length === 0) {
    const fix = 'set "paths" to files, folders or patterns such as "/var/log/shop/*.log"';
    return [{ what: where, state: 'fail', detail: notRead ?? 'no file is called so', fix }];
  }
  const logs = [...new Set(peeks.map((p) => p.file.log))].sort(byText);
  const lines = logs.map((log) =>
    checkLog(
      log,
      peeks.filter((p) => p.file.log === log),
      source,
    ),
  );
  const bad = peeks.filter((p) => p.kind === 'unreadable');
  const checks = [
    ...lines.filter((c) => c !== undefined),
    ...bad.map((p): Check => ({ what: p.file.path, state: 'fail', detail: p.problem!, fix: p.fix! })),
  ];
  if (notRead !== undefined && bad.length === 0)
    checks.push({ what: where, state: 'fail', detail: notRead, fix: 'give this user read access to it' });
  const more = checks.length - LISTED;
  const shown =
    more > 0 ? [...checks.slice(0, LISTED), { what: where, state: 'ok' as const, detail: `and ${more} more` }] : checks;
  if (service === undefined) return shown;
  const own = peeks.filter((p) => ownersOf(p, source).some((s) => names.has(s)));
  const found: Check =
    own.length > 0
      ? { what: `service ${service}`, state: 'ok', detail: `found in ${plural(own.length, 'file')}` }
      : {
          what: `service ${service}`,
          state: 'warn',
          detail: 'no file names it',
          fix: `set services.${service}.aliases to the name it has in the logs, or "service" of this source`,
        };
  return [...shown, found];
}

const ownersOf = (p: Peek, source: LogSource): string[] =>
  [...p.services, ...(p.unnamed ? [source.service ?? p.file.service] : [])].filter((s) => s !== undefined);

function checkLog(log: string, files: Peek[], source: LogSource): Check | undefined {
  const dated = files.filter((p) => p.first !== undefined);
  const size = bytes(files.reduce((n, p) => n + p.file.size, 0));
  if (dated.length === 0)
    return files.every((p) => p.kind === 'empty')
      ? { what: log, state: 'warn', detail: 'empty', fix: 'is it written to?' }
      : undefined;
  const newest = Math.max(...dated.map((p) => p.last ?? p.first!));
  const owners = [...new Set(dated.flatMap((p) => ownersOf(p, source)))].sort(byText).slice(0, 5);
  const format = [
    ...new Set(dated.map((p) => (p.kind === 'jsonl' ? 'JSON lines' : `text (${p.formats[0]?.name ?? 'JSON'})`))),
  ].join(', ');
  const age = newest > source.now ? 'in the future' : `${formatDuration(source.now - newest)} ago`;
  const detail = `${plural(files.length, 'file')}, ${size}, ${format}, of ${owners.join(', ') || 'no service'}; newest record ${age} (${toIso(newest)})`;
  const open = dated.some((p) => p.kind === 'text' && p.formats[0]?.zone === 'open') && newest > source.now;
  if (open)
    return {
      what: log,
      state: 'warn',
      detail,
      fix: 'its times name no zone and were read as UTC: set "utcOffset", such as "+02:00"',
    };
  if (owners.length === 0) return { what: log, state: 'warn', detail, fix: 'set "service" of this source' };
  return { what: log, state: 'ok', detail };
}
