/** `inquest replay --verify`: today's workflow on the answers of one journal, or of a folder of them. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Verified, verify } from '../app/verify.ts';
import { type ConfigFlags, loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { byText } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { plural } from '../core/text.ts';
import type { StepContext } from '../core/types.ts';
import type { Verdict } from '../core/verdict.ts';
import { safeJson } from '../safety/safe-json.ts';
import { readBundleInfo } from '../sources/bundle/_info.ts';
import { printDifferences } from './_differences.ts';
import { playbooksOf, stepsOf } from './_session.ts';
import { type StoredRun, storedRunOrFile } from './_stored.ts';
import { printTable } from './_table.ts';

export interface VerifyFlags {
  json?: boolean;
  config?: string;
}

/** Exit 0 where everything is said as it was, else 1. */
export async function verifyCommand(io: Io, named: string, flags: VerifyFlags): Promise<void> {
  const journals = journalsIn(resolve(io.cwd, named));
  if (journals) return verifyMany(io, journals, flags);
  const stored = await storedRunOrFile(io, named);
  const told = await verified(io, stored, flags);
  if (flags.json) io.stdout.write(`${safeJson(toJson(stored, told), 2)}\n`);
  else {
    printDifferences(io, told.differences, { a: `recorded in ${shortId(stored.run)}`, b: "today's workflow" });
    for (const u of told.unrecorded) io.stdout.write(`not recorded: ${u.tool} ${safeJson(u.question)}\n`);
  }
  io.exitCode = told.differences.length === 0 ? 0 : 1;
}

/** A change of the workflow, reviewed on yesterday's incidents: a row a journal, old and new side by side. */
async function verifyMany(io: Io, journals: string[], flags: VerifyFlags): Promise<void> {
  const rows: string[][] = [];
  const all: object[] = [];
  let changed = 0;
  for (const file of journals) {
    try {
      const stored = await storedRunOrFile(io, file);
      const told = await verified(io, stored, flags);
      const same = told.differences.length === 0;
      if (!same) changed++;
      all.push(toJson(stored, told));
      const { before, after } = told;
      const what = same ? 'same' : plural(told.differences.length, 'difference');
      rows.push([shortId(stored.run), what, said(before.verdict), said(after.verdict), before.alert?.title ?? '']);
    } catch (e) {
      // A journal that cannot be verified (unfinished before it began, a lost payload) must not hide the others.
      if (!(e instanceof UserError)) throw e;
      changed++;
      all.push({ journal: file, problem: e.message });
      rows.push([file, 'not verified', '', '', e.message]);
    }
  }
  if (flags.json) io.stdout.write(`${safeJson(all, 2)}\n`);
  else printTable(io, ['RUN', 'DIFFERS', 'RECORDED', 'TODAY', 'WHAT'], rows);
  io.stderr.write(`${plural(journals.length, 'journal')}: ${journals.length - changed} same, ${changed} not\n`);
  io.exitCode = changed === 0 ? 0 : 1;
}

const said = (v: Verdict | undefined): string =>
  v ? `${v.outcome} ${v.confidence.toFixed(2)} ${v.change ?? v.entity?.name ?? ''}`.trim() : 'unfinished';

/** The journals in the folders of a folder; undefined where it is no such folder. */
function journalsIn(folder: string): string[] | undefined {
  if (!existsSync(folder) || existsSync(join(folder, 'journal.ndjson')) || /\.ndjson$/.test(folder)) return undefined;
  const found = readdirSync(folder).sort(byText);
  const journals = found.map((name) => join(folder, name, 'journal.ndjson')).filter(existsSync);
  if (journals.length > 0) return journals;
  throw new UserError(`no journal in ${folder}`, { hints: ['Name a run, a journal, or a folder of run folders.'] });
}

async function verified(io: Io, stored: StoredRun, flags: VerifyFlags): Promise<Verified> {
  const named = flags.config ? { config: flags.config } : configOf(stored);
  const config = await loadConfig(named, io.env, io.cwd, paths(io.env).userConfig);
  const steps = await stepsOf(io);
  const playbooks = await playbooksOf(io, config, steps);
  const { events, load } = stored;
  const { now, signal } = io;
  return verify({ root: io.root, events, load, steps, playbooks, baselines: await baselinesOf(stored), now, signal });
}

const toJson = ({ run }: StoredRun, { differences, unrecorded, hash, recordedHash }: Verified): object => ({
  schema: 'inquest.verify/v1',
  run,
  same: differences.length === 0,
  hash,
  recordedHash,
  differences,
  unrecorded,
});

/** The config file that the run was started with, where it named one. */
function configOf({ state }: StoredRun): ConfigFlags {
  const flags = state.settings.flags as ConfigFlags | undefined;
  return flags?.config ? { config: flags.config } : {};
}

/** The fault-free times that the run knew of; older journals name only the folder that knows them. */
export async function baselinesOf({ state }: StoredRun): Promise<StepContext['baselines']> {
  const { baselines, bundle } = state.settings as { baselines?: StepContext['baselines']; bundle?: string };
  if (baselines) return baselines;
  return bundle
    ? readBundleInfo(bundle).then(
        (info) => info.baselineWindows,
        () => [],
      )
    : [];
}
