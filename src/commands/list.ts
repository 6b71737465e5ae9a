/** `inquest list`: the stored runs, derived from their journals. */
import { paths } from '../config/paths.ts';
import { UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { outcomeOf } from '../journal/prune.ts';
import { listRuns } from '../journal/runs.ts';
import { safeJson } from '../safety/safe-json.ts';
import { shareRight } from './_share.ts';
import { printTable } from './_table.ts';

const OUTCOMES = ['cause', 'healthy', 'inconclusive', 'unfinished', 'unreadable'];

export async function listCommand(
  io: Io,
  flags: { outcome?: string; service?: string; limit: string; json?: boolean },
): Promise<void> {
  const limit = Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 1) throw new UserError(`--limit: "${flags.limit}" is no number of runs`);
  if (flags.outcome && !OUTCOMES.includes(flags.outcome)) {
    throw new UserError(`--outcome: "${flags.outcome}" is none`, { hints: [`Known: ${OUTCOMES.join(', ')}`] });
  }
  const { runs } = paths(io.env);
  const all = await listRuns(runs);
  const found = all
    .filter((r) => !flags.outcome || outcomeOf(r) === flags.outcome)
    .filter((r) => !flags.service || r.service === flags.service)
    .slice(0, limit);
  if (flags.json) {
    io.stdout.write(`${safeJson(found, 2)}\n`);
    return;
  }
  if (found.length === 0 && io.stdout.isTTY) io.stderr.write(`no run in ${runs}\n`);
  const rows = found.map((r) => [
    shortId(r.id),
    r.startedAt ? `${r.startedAt.slice(0, 16)}Z` : '?',
    outcomeOf(r),
    r.confidence === undefined ? '' : r.confidence.toFixed(2),
    r.feedback ?? '',
    r.service ?? '',
    r.problem ?? (r.headline ? `${r.headline} (${r.title})` : r.title),
  ]);
  if (rows.length > 0) printTable(io, ['RUN', 'STARTED', 'OUTCOME', 'CONF', 'SAID', 'SERVICE', 'WHAT'], rows);
  const share = shareRight(all);
  if (share) io.stderr.write(`${share}\n`);
}
