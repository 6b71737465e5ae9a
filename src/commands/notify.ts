/** `inquest notify`: tells others of a stored run, or sends again what did not arrive. */
import { type Outcome, sendAgain, tellAll } from '../app/notify.ts';
import { messageFor, openTargets } from '../app/notify-targets.ts';
import { type Config, loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { EXIT, UserError } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import { readLetters } from '../journal/receipts.ts';
import { findRun } from '../journal/runs.ts';
import { openGates } from '../safety/gates.ts';
import { guardStream } from '../safety/guard.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';
import { safeJson } from '../safety/safe-json.ts';
import { safeText } from '../safety/safe-text.ts';
import { linesOf, settingFor } from './_notify.ts';
import { storedRun } from './_stored.ts';
import { printTable } from './_table.ts';

export interface NotifyFlags {
  to?: string[];
  retry?: boolean;
  dryRun?: boolean;
  config?: string;
  json?: boolean;
}

/** Exit 4 where something could not be delivered. */
export async function notifyCommand(io: Io, suffix: string | undefined, flags: NotifyFlags): Promise<void> {
  const { userConfig } = paths(io.env);
  const config = await loadConfig(flags.config ? { config: flags.config } : {}, io.env, io.cwd, userConfig);
  for (const stream of [io.stdout, io.stderr]) guardStream(stream, config.secrets);
  if (flags.retry) return retry(io, config, suffix, flags);
  if (suffix === undefined) {
    throw new UserError('which run?', {
      hints: ['inquest notify RUN --to NAME', 'All that did not arrive: inquest notify --retry'],
    });
  }
  const names = flags.to ?? Object.keys(config.notify ?? {});
  if (names.length === 0) {
    throw new UserError('there is nobody to notify: no notifier is configured', {
      hints: ['Add "notify" to the config: inquest help config'],
    });
  }
  const setting = settingFor(io, config);
  const targets = await openTargets(setting, config.notify, names);
  const stored = await storedRun(io, suffix);
  const gates = openGates(config.secrets, await loadRuleSet());
  if (flags.dryRun) {
    for (const { name, notifier } of targets) {
      const { text } = await messageFor(io.root, notifier.format, stored.state, stored.load, gates);
      io.stderr.write(
        safeText(`would notify ${name}: ${notifier.target} (${notifier.format}, ${[...text].length} characters)\n`),
      );
      io.stdout.write(safeText(text));
    }
    return;
  }
  print(io, await tellAll(setting, targets, { ...stored, gates }), stored.run, flags);
}

async function retry(io: Io, config: Config, suffix: string | undefined, flags: NotifyFlags): Promise<void> {
  const { runs, deadLetters } = paths(io.env);
  const run = suffix === undefined ? undefined : await findRun(runs, suffix);
  const all = await readLetters(deadLetters, run === undefined ? {} : { run });
  const letters = all.filter((l) => flags.to === undefined || flags.to.includes(l.name));
  if (letters.length === 0) {
    io.stderr.write('nothing waits to be sent again\n');
    return;
  }
  if (flags.dryRun) {
    printTable(
      io,
      ['RUN', 'WHO', 'TARGET', 'SINCE', 'WHY'],
      letters.map((l) => [l.message.run, l.name, l.target, l.at, l.why]),
    );
    return;
  }
  const setting = settingFor(io, config);
  const names = letters.map((l) => l.name).filter((name) => config.notify?.[name] && !config.notify[name].broken);
  const targets = await openTargets(setting, config.notify, names);
  const outcomes = await sendAgain(setting, targets, letters);
  for (const [i, outcome] of outcomes.entries()) print(io, [outcome], letters[i]!.message.run, flags);
}

/** What arrived to stdout, what did not to stderr. */
function print(io: Io, outcomes: Outcome[], run: string, flags: NotifyFlags): void {
  for (const o of outcomes) {
    if (flags.json) io.stdout.write(`${safeJson({ run, ...o })}\n`);
    const stream = o.how === 'failed' ? io.stderr : io.stdout;
    if (!flags.json || o.how === 'failed')
      stream.write(
        linesOf(o, run)
          .map((line) => `${line}\n`)
          .join(''),
      );
    if (o.how === 'failed') io.exitCode = EXIT.sources;
  }
}
