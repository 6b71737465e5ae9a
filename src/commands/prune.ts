/** `inquest prune`: removes old runs. What goes is listed first. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { bytes, plural } from '../core/text.ts';
import { parseDuration } from '../core/time.ts';
import { isHeld } from '../journal/lock.ts';
import { type Doomed, doomed, outcomeOf, type PruneRules, removeLeftovers, removeRun } from '../journal/prune.ts';
import { listRuns } from '../journal/runs.ts';
import { safeJson } from '../safety/safe-json.ts';
import { printTable } from './_table.ts';

export interface PruneFlags {
  olderThan?: string;
  size?: string;
  keepOutcome?: string[];
  dryRun?: boolean;
  yes?: boolean;
  config?: string;
  json?: boolean;
}

const OUTCOMES = ['cause', 'healthy', 'inconclusive', 'unfinished', 'unreadable'];

export async function pruneCommand(io: Io, flags: PruneFlags): Promise<void> {
  const { runs, userConfig } = paths(io.env);
  const config = await loadConfig(flags.config ? { config: flags.config } : {}, io.env, io.cwd, userConfig);
  const rules = rulesOf(flags, config.retention ?? {});
  const all = existsSync(runs) ? await listRuns(runs) : [];
  const busy = new Set(all.filter((r) => isHeld(join(runs, r.id), hostname(), io.alive)).map((r) => r.id));
  const going = doomed(runs, all, rules, { now: io.now(), busy: (r) => busy.has(r.id) });
  const total = going.reduce((sum, d) => sum + d.bytes, 0);
  if (flags.json) io.stdout.write(`${safeJson(going.map(toJson), 2)}\n`);
  else if (going.length > 0) {
    printTable(
      io,
      ['RUN', 'STARTED', 'OUTCOME', 'SIZE', 'BECAUSE', 'WHAT'],
      going.map(({ run, bytes: n, why }) => [
        shortId(run.id),
        run.startedAt ? `${run.startedAt.slice(0, 16)}Z` : '?',
        outcomeOf(run),
        bytes(n),
        why,
        run.problem ?? run.title,
      ]),
    );
  }
  const what = `${plural(going.length, 'run')} of ${all.length}, ${bytes(total)}`;
  if (flags.dryRun || going.length === 0) {
    io.stderr.write(`${going.length === 0 ? 'nothing to remove' : `would remove ${what}`}\n`);
    return;
  }
  if (!flags.yes && io.stdin.isTTY && !(await confirmed(io, `remove ${what}? [y/N] `))) {
    io.stderr.write('nothing was removed\n');
    return;
  }
  for (const { run } of going) await removeRun(runs, run.id);
  await removeLeftovers(runs);
  io.stderr.write(`removed ${what}\n`);
}

const toJson = ({ run, bytes: size, why }: Doomed): unknown => ({
  id: run.id,
  startedAt: run.startedAt,
  outcome: outcomeOf(run),
  bytes: size,
  why,
});

/** Flags, else the config. Throws UserError where neither says what is to go. */
function rulesOf(
  flags: PruneFlags,
  config: { age?: string | undefined; size?: string | undefined; keepOutcomes?: string[] | undefined },
): PruneRules {
  const named = flags.olderThan !== undefined || flags.size !== undefined;
  const age = named ? flags.olderThan : config.age;
  const size = named ? flags.size : config.size;
  if (age === undefined && size === undefined) {
    throw new UserError('what shall go?', {
      hints: [
        'inquest prune --older-than 90d --dry-run',
        'inquest prune --size 2GiB --dry-run',
        'Or "retention" in the config: inquest help config',
      ],
    });
  }
  const olderThanMs = age === undefined ? undefined : parseDuration(age);
  if (age !== undefined && olderThanMs === undefined)
    throw new UserError(`--older-than: "${age}" is no duration`, { hints: ['Write 90d, 12w, 36h.'] });
  const cap = size === undefined ? undefined : parseSize(size);
  if (size !== undefined && cap === undefined)
    throw new UserError(`--size: "${size}" is no size`, { hints: ['Write 500MB, 2GiB.'] });
  const keep = flags.keepOutcome ?? config.keepOutcomes ?? [];
  for (const k of keep) {
    if (!OUTCOMES.includes(k))
      throw new UserError(`--keep-outcome: "${k}" is none`, { hints: [`Known: ${OUTCOMES.join(', ')}`] });
  }
  return { ...(olderThanMs === undefined ? {} : { olderThanMs }), ...(cap === undefined ? {} : { bytes: cap }), keep };
}

/** Bytes of `500MB`, `2GiB`; undefined where it is none. */
function parseSize(text: string): number | undefined {
  const m = /^(\d+(?:\.\d+)?) ?([kMGT]?)(i?)B$/.exec(text);
  if (!m) return undefined;
  const power = ['', 'k', 'M', 'G', 'T'].indexOf(m[2] ?? '');
  return Number(m[1]) * (m[3] ? 1024 : 1000) ** power;
}

async function confirmed(io: Io, question: string): Promise<boolean> {
  const ask = createInterface({ input: io.stdin, output: io.stderr });
  try {
    return /^y/i.test((await ask.question(question, { signal: io.signal })).trim());
  } finally {
    ask.close();
  }
}
