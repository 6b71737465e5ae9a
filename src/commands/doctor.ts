/** `inquest doctor`: each source, what it can do, what is wrong and how to mend it. */
import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { readFolder } from '../app/playbooks.ts';
import { seenLines } from '../config/credentials.ts';
import type { Config, ConfigFlags } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { byText } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import { plural } from '../core/text.ts';
import { parseInstant } from '../core/time.ts';
import type { Check } from '../core/types.ts';
import { runIds } from '../journal/runs.ts';
import { safeJson } from '../safety/safe-json.ts';
import { safeText } from '../safety/safe-text.ts';
import { checkLines, checkSource, columnsOf, exitOf } from './_checks.ts';
import { checkModel } from './_model-check.ts';
import { configFor, stepsOf, typesOf } from './_session.ts';

interface Section {
  name: string;
  from: string;
  checks: Check[];
}

/** What doctor adds to the flags of the config. */
interface DoctorFlags {
  service?: string;
  bundle?: string;
  now?: string;
  json?: boolean;
  /** Call the model too. */
  model?: boolean;
}

/** Exit code 0 when nothing fails, 3 when credentials are refused or missing, 4 when a source fails otherwise. */
export async function doctorCommand(
  io: Io,
  only: string | undefined,
  { model: callModel, ...flags }: Omit<ConfigFlags, 'model'> & DoctorFlags,
): Promise<void> {
  const config = await configFor(io, flags, flags.bundle === undefined ? undefined : resolve(io.cwd, flags.bundle));
  const now = flags.now === undefined ? io.now() : parseInstant(flags.now, io.now());
  if (now === undefined)
    throw new UserError(`--now: "${flags.now}" is no time`, { hints: ['Write 2026-01-31T14:05:00Z.'] });
  const names = Object.keys(config.sources).sort(byText);
  if (only !== undefined && !names.includes(only)) {
    throw new UserError(`no source is named "${only}"`, {
      hints: [names.length > 0 ? `Configured: ${names.join(', ')}` : 'None is configured: inquest init'],
    });
  }
  const { services, secrets } = config;
  const opts = { services, secrets, now, ...(flags.service ? { service: flags.service } : {}) };
  // All at once: each waits for its own server.
  const found = await Promise.all(
    names
      .filter((n) => only === undefined || n === only)
      .map(async (name): Promise<Section> => {
        const definition = config.sources[name]!;
        return { name, from: definition.from, checks: await checkSource(io, name, definition, opts) };
      }),
  );
  const sections = [...(only === undefined ? [await ourselves(io, config, callModel ?? false)] : []), ...found];
  if (flags.json) io.stdout.write(`${safeJson(sections, 2)}\n`);
  else print(io, sections, names.length);
  io.exitCode = exitOf(sections.flatMap((s) => s.checks));
}

async function ourselves(io: Io, config: Config, callModel: boolean): Promise<Section> {
  const { files } = config;
  const steps = [...(await stepsOf(io)).keys()].sort(byText);
  const mistakes: Check[] = [];
  const broken = (e: UserError): void =>
    void mistakes.push({
      what: 'playbook',
      state: 'warn',
      detail: e.message,
      ...(e.hints[0] ? { fix: e.hints[0] } : {}),
    });
  for (const folder of config.playbooks) await readFolder(resolve(io.cwd, folder), steps, broken);
  const { runs } = paths(io.env);
  const stored = await runIds(runs).then(
    (ids): Check => ({ what: 'runs', state: 'ok', detail: `${plural(ids.length, 'run')} in ${runs}` }),
    (e: Error): Check => ({
      what: 'runs',
      state: 'fail',
      detail: e.message,
      fix: 'name a folder that you may read: INQUEST_HOME=/path',
    }),
  );
  const seen = config.sources.bundle ? [] : seenLines(io.env, typesOf(config));
  return {
    name: 'inquest',
    from: hostname(),
    checks: [
      {
        what: 'config',
        state: 'ok',
        detail: files.length > 0 ? files.join(', ') : 'no config file; flags and environment only',
      },
      ...(await keyChecks(config)),
      stored,
      ...mistakes,
      ...(await checkModel(io, config, callModel)),
      ...seen.map((detail): Check => ({ what: 'not used', state: 'ok', detail })),
    ],
  };
}

/** Keys that others can read: a file that is open to them, a config that holds one itself. */
async function keyChecks({ kept = { files: [], written: [] } }: Config): Promise<Check[]> {
  const open = await Promise.all(
    kept.files.map(async (file) => ((await stat(file).catch(() => undefined))?.mode ?? 0) & 0o077),
  );
  return [
    ...kept.files
      .filter((_, i) => open[i])
      .map(
        (file): Check => ({
          what: 'key',
          state: 'warn',
          detail: `${file} may be read by others`,
          fix: `chmod 600 ${file}`,
        }),
      ),
    ...kept.written.map(
      (where): Check => ({
        what: 'key',
        state: 'warn',
        detail: `${where} stands in the config itself`,
        fix: 'Write { "env": "NAME" } or { "file": "path" } instead, and make a new key.',
      }),
    ),
  ];
}

function print(io: Io, sections: Section[], sources: number): void {
  for (const s of sections) {
    io.stdout.write(
      `${safeText(`${s.name}  (${s.from})`)}\n${checkLines(io, s.checks, columnsOf(io.stdout))
        .map((l) => `${l}\n`)
        .join('')}`,
    );
  }
  const all = sections.flatMap((s) => s.checks);
  const [bad, odd] = [all.filter((c) => c.state === 'fail').length, all.filter((c) => c.state === 'warn').length];
  if (sources === 0)
    io.stdout.write('No source is configured. Set one up: "inquest init". Or look first: "inquest demo".\n');
  io.stdout.write(`${plural(bad, 'problem')}, ${plural(odd, 'warning')}. inquest works with what it has.\n`);
}
