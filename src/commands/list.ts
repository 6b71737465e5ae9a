/** `inquest list`: the stored runs, derived from their journals. */
import { paths } from '../config/paths.ts';
import { byText } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { outcomeOf } from '../journal/prune.ts';
import { listRuns, type RunSummary } from '../journal/runs.ts';
import { safeJson } from '../safety/safe-json.ts';
import { shareRight } from './_share.ts';
import { printTable } from './_table.ts';

/** Most runs of an engine that a list asks for. */
const ENGINE_MAX = 1000;
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
  const here = await listRuns(runs);
  const there = await onEngine(io, here);
  const all = [...there, ...here.filter((r) => !there.some((x) => x.id === r.id))].sort((a, b) => byText(b.id, a.id));
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
    there.includes(r) && r.state === 'unfinished' ? 'running' : outcomeOf(r),
    r.confidence === undefined ? '' : r.confidence.toFixed(2),
    r.feedback ?? '',
    r.service ?? '',
    r.problem ?? (r.headline ? `${r.headline} (${r.title})` : r.title),
  ]);
  if (rows.length > 0) printTable(io, ['RUN', 'STARTED', 'OUTCOME', 'CONF', 'SAID', 'SERVICE', 'WHAT'], rows);
  const share = shareRight(all);
  if (share) io.stderr.write(`${share}\n`);
}

/** Runs of the configured engine that our own store does not hold finished. An engine that is away is said. */
async function onEngine(io: Io, here: RunSummary[]): Promise<RunSummary[]> {
  const { configuredEngine, summaryOf } = await import('./_engine.ts');
  try {
    const client = await configuredEngine(io);
    const finished = new Set(here.flatMap((r) => (r.state === 'finished' ? [r.id] : [])));
    return ((await client?.list(ENGINE_MAX)) ?? []).filter((l) => !finished.has(l.run)).map(summaryOf);
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    io.stderr.write(`! ${e.message}; these are the runs of this machine\n`);
    return [];
  }
}
