/** `inquest doctor`: each source, what it can do, what is wrong and how to mend it. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { readFolder } from '../app/playbooks.ts';
import { openSource } from '../app/sources.ts';
import type { Config, ConfigFlags } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { byText } from '../core/canonical.ts';
import { EXIT, UserError } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import { plural } from '../core/text.ts';
import { parseInstant } from '../core/time.ts';
import type { Check } from '../core/types.ts';
import { runIds } from '../journal/runs.ts';
import { createRedactor } from '../safety/redact.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';
import { toSafeError } from '../safety/safe-error.ts';
import { safeJson } from '../safety/safe-json.ts';
import { safeText } from '../safety/safe-text.ts';
import { configFor, stepsOf } from './_session.ts';

interface Section {
  name: string;
  from: string;
  checks: Check[];
}

/** Exit code 0 when nothing fails, 4 when a source fails, 3 when one refuses our credentials. */
export async function doctorCommand(
  io: Io,
  only: string | undefined,
  flags: ConfigFlags & { service?: string; bundle?: string; now?: string; json?: boolean },
): Promise<void> {
  const config = await configFor(io, flags, flags.bundle === undefined ? undefined : resolve(io.cwd, flags.bundle));
  const now = flags.now === undefined ? io.now() : parseInstant(flags.now, io.now());
  if (now === undefined)
    throw new UserError(`--now: "${flags.now}" is no time`, { hints: ['Write 2026-01-31T14:05:00Z.'] });
  const names = Object.keys(config.sources).sort(byText);
  if (only !== undefined && !names.includes(only)) {
    throw new UserError(`no source is named "${only}"`, {
      hints: [names.length > 0 ? `Configured: ${names.join(', ')}` : 'None is configured: inquest help config'],
    });
  }
  const redact = createRedactor(config.secrets, { rules: await loadRuleSet() });
  const sections: Section[] = only === undefined ? [await ourselves(io, config)] : [];
  for (const name of names.filter((n) => only === undefined || n === only)) {
    const definition = config.sources[name]!;
    const checks = await openSource(io.root, name, definition, {
      cwd: io.cwd,
      fetch,
      now: () => now,
      services: config.services,
    })
      .then(async (source) => {
        const signal = AbortSignal.any([io.signal, AbortSignal.timeout(30_000)]);
        const found = await source.check({ signal, ...(flags.service ? { service: flags.service } : {}) });
        await source.close?.();
        return found;
      })
      .catch((e: unknown): Check[] => [
        {
          what: 'open',
          state: 'fail',
          detail: e instanceof UserError ? e.message : toSafeError(e, redact),
          ...(e instanceof UserError && e.hints[0] ? { fix: e.hints[0] } : {}),
        },
      ]);
    sections.push({ name, from: definition.from, checks: redact.value(checks).value });
  }
  if (flags.json) io.stdout.write(`${safeJson(sections, 2)}\n`);
  else print(io, sections, names.length);
  const failed = sections.flatMap((s) => s.checks).filter((c) => c.state === 'fail');
  if (failed.some((c) => /credential|\(40[13]\)|\b40[13]\b|denied/i.test(c.detail))) io.exitCode = EXIT.credentials;
  else if (failed.length > 0) io.exitCode = EXIT.sources;
}

async function ourselves(io: Io, config: Config): Promise<Section> {
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
  return {
    name: 'inquest',
    from: hostname(),
    checks: [
      {
        what: 'config',
        state: 'ok',
        detail: files.length > 0 ? files.join(', ') : 'no config file; flags and environment only',
      },
      stored,
      ...mistakes,
      { what: 'model', state: 'ok', detail: 'none: verdicts come from the workflow alone' },
    ],
  };
}

function print(io: Io, sections: Section[], sources: number): void {
  const sign = { ok: '✓', warn: '!', fail: '✗' } as const;
  for (const s of sections) {
    io.stdout.write(`${safeText(`${s.name}  (${s.from})`)}\n`);
    for (const c of s.checks) {
      io.stdout.write(`  ${sign[c.state]} ${safeText(`${c.what.padEnd(14)} ${c.detail}`)}\n`);
      if (c.fix) io.stdout.write(`    ${safeText(`fix: ${c.fix}`)}\n`);
    }
  }
  const all = sections.flatMap((s) => s.checks);
  const [bad, odd] = [all.filter((c) => c.state === 'fail').length, all.filter((c) => c.state === 'warn').length];
  if (sources === 0) io.stdout.write('No source is configured. Try "inquest demo", or see "inquest help config".\n');
  io.stdout.write(`${plural(bad, 'problem')}, ${plural(odd, 'warning')}. inquest works with what it has.\n`);
}
