/** The flags of a new run: what they may say, and which of them a resumed run needs again. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { IntakeFlags, Subject } from '../app/intake.ts';
import type { Config, ConfigFlags } from '../config/load.ts';
import { UserError } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import { nearest } from '../core/text.ts';
import { parseInstant } from '../core/time.ts';
import { withoutUserinfo } from '../core/userinfo.ts';
import type { OutputFlags } from './_show.ts';

export interface InvestigateFlags extends IntakeFlags, ConfigFlags, OutputFlags {
  since?: string;
  until?: string;
  playbook?: string;
  /** Folder for a bundle of this run. */
  live?: string;
  /** Who is told at the end, by their names in the config. */
  notify?: string[];
  /** The alert itself, where it was already read; `origin` says from where. */
  given?: { bytes: Uint8Array; origin: string };
  /** Called when the talk is over and the report comes. */
  beforeReport?: () => void;
}

/** What `resume` needs to open the same sources again: no secret is among it. */
export function settingsOf(
  io: Io,
  flags: InvestigateFlags,
  { files }: Config,
  { bundle, baselines }: Subject,
): Record<string, unknown> {
  const { prometheus, alertmanager, git, logs, github, datadog, timeout, wall, confidence, model, mode, waitForHuman } =
    flags;
  // Whole paths: the run may be resumed from another folder.
  const whole = (path: string): string => resolve(io.cwd, path);
  const project = whole(flags.config ?? io.env.INQUEST_CONFIG ?? 'inquest.config.json');
  const config = files.includes(project) ? project : undefined;
  const bare = (url: string | undefined): string | undefined => url && withoutUserinfo(url);
  const kept = {
    prometheus: bare(prometheus),
    alertmanager: bare(alertmanager),
    git: git?.map(whole),
    logs: logs?.map(whole),
    github: github?.map(withoutUserinfo),
    datadog: typeof datadog === 'string' ? withoutUserinfo(datadog) : datadog,
    config,
    timeout,
    wall,
    confidence,
    model,
    mode,
    waitForHuman,
  };
  const known = baselines.length > 0 ? { baselines } : {};
  return JSON.parse(JSON.stringify({ flags: kept, bundle, ...known })) as Record<string, unknown>;
}

export function instant<K extends 'since' | 'until'>(
  key: K,
  text: string | undefined,
  now: number,
): { [P in K]?: number } {
  if (text === undefined) return {};
  const at = parseInstant(text, now);
  if (at === undefined)
    throw new UserError(`--${key}: "${text}" is no time`, {
      hints: ['Write 2026-01-31T14:05:00Z, or 2h for two hours ago.'],
    });
  return { [key]: at } as { [P in K]?: number };
}

/** A window runs forward and does not begin after the moment of the question. */
export function inOrder({ since, until }: InvestigateFlags, now: number): void {
  const [from, to] = [since, until].map((text) => (text === undefined ? undefined : parseInstant(text, now)));
  if (from !== undefined && from >= now) throw new UserError(`--since ${since} lies in the future`);
  if (from !== undefined && to !== undefined && from >= to) {
    throw new UserError(`--since ${since} is not before --until ${until}`, { hints: ['Exchange them?'] });
  }
}

/** A lone word that is no file but nearly a command was meant as one. */
export function mistypedCommand(argument: string | undefined, program: Command | undefined): void {
  if (!argument || !program || /[./\\]|^-$/.test(argument)) return;
  const near = nearest(
    argument,
    program.commands.map((c) => c.name()),
  );
  if (near)
    throw new UserError(`there is no command "${argument}"`, {
      hints: [`Did you mean "inquest ${near}"?`, `A file of that name? inquest ./${argument}`],
    });
}
