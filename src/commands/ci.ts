/** `inquest ci`: an investigation as a CI job: no questions, plain lines, summary, annotations, artifacts, exit code. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Finished } from '../app/run.ts';
import { annotation, guardCommands } from '../ci/commands.ts';
import { commentPlace, givenAlert } from '../ci/event.ts';
import { exitOf, parseFailOn } from '../ci/fail-on.ts';
import { type Host, hostOf } from '../ci/host.ts';
import { COMMENT } from '../config/notify.ts';
import { closingOf, notChecked } from '../core/closing.ts';
import { errorCode, UserError } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import { oneLine } from '../core/text.ts';
import { safeText } from '../safety/safe-text.ts';
import { writeArtifacts, writeOutputs, writeSummary } from './_ci-files.ts';
import type { InvestigateFlags } from './_investigate-flags.ts';
import { investigateCommand } from './investigate.ts';

export interface CiFlags extends InvestigateFlags {
  /** Folder for the reports and the journal of the run. */
  artifact?: string;
  failOn?: string;
  /** One comment on the pull request or issue, edited in place; its number where the event does not tell it. */
  comment?: string | true;
}

/** A runner shows few annotations a step: the verdict, and so many gaps. */
const WARNINGS_MAX = 8;

/** Runs the investigation and tells the CI system; sets the exit code as `--fail-on` says. */
export async function ciCommand(io: Io, argument: string | undefined, flags: CiFlags): Promise<void> {
  const host = hostOf(io.env);
  const failOn = parseFailOn(flags.failOn);
  const tell = host.commands ? commandsOf(io) : undefined;
  try {
    const subject = argument ?? flags.bundle ?? flags.text;
    const commentOn =
      flags.comment === undefined ? undefined : await commentPlace(flags.comment, io.env, host, readEvent);
    const given = subject === undefined ? await givenAlert(io.env, host, readEvent) : undefined;
    if (subject === undefined && given === undefined) throw noAlert();
    tell?.('::group::inquest: what is looked at\n');
    const finished = await investigateCommand(io, argument, {
      ...flags,
      plain: true,
      motion: false,
      ...(given ? { given } : {}),
      ...(commentOn ? { commentOn, notify: [...(flags.notify ?? []), COMMENT] } : {}),
      ...(tell ? { beforeReport: () => tell('::endgroup::\n') } : {}),
    });
    await report(io, host, flags, finished, tell);
    const { verdict } = finished.state;
    io.exitCode = exitOf(finished.exit, verdict?.outcome, failOn);
    if (io.exitCode !== finished.exit)
      io.stderr.write(`exit code ${io.exitCode} instead of ${finished.exit}: --fail-on ${flags.failOn}\n`);
  } catch (e) {
    if (e instanceof UserError) tell?.(annotation('error', 'inquest', safeText([e.message, ...e.hints].join('\n'))));
    throw e;
  }
}

async function report(
  io: Io,
  host: Host,
  flags: CiFlags,
  finished: Finished,
  tell: ((command: string) => void) | undefined,
): Promise<void> {
  const { state } = finished;
  if (tell) {
    const { word, headline } = closingOf(state);
    const gaps = notChecked(state).slice(0, WARNINGS_MAX);
    tell(
      [
        annotation('notice', `inquest: ${word}`, safeText(oneLine(headline, 500))),
        ...gaps.map((gap) => annotation('warning', 'inquest: not checked', safeText(gap))),
      ].join(''),
    );
  }
  const written = [
    ...(host.summary ? [await writeSummary(io, host.summary, finished)] : []),
    ...(host.outputs ? [await writeOutputs(host.outputs, finished)] : []),
    ...(flags.artifact === undefined ? [] : [await writeArtifacts(io, resolve(io.cwd, flags.artifact), finished)]),
  ];
  for (const line of written) io.stderr.write(`${safeText(line)}\n`);
}

/**
 * Nothing that is printed from now on is a command, but for what the function given back is called with: the runner is
 * told to stop listening, and what looks like a command is made plain words for the case that it reads the streams out of order.
 */
function commandsOf(io: Io): (command: string) => void {
  const raw = guardCommands(io.stderr);
  guardCommands(io.stdout);
  let token = randomUUID();
  raw(`::stop-commands::${token}\n`);
  io.onExit(() => raw(`::${token}::\n`));
  return (command) => {
    raw(`::${token}::\n${command}`);
    token = randomUUID();
    raw(`::stop-commands::${token}\n`);
  };
}

const readEvent = (file: string): Promise<Uint8Array> =>
  readFile(file).catch((e: unknown) => {
    throw new UserError(`cannot read the event of this job, ${file}: ${errorCode(e) ?? e}`);
  });

const noAlert = (): UserError =>
  new UserError('no alert was given', {
    hints: [
      'A file:      inquest ci alert.json',
      'A pipe:      … | inquest ci -',
      'A variable:  INQUEST_ALERT holds the JSON of the alert',
      'On GitHub Actions the event that started the job is taken (repository_dispatch, deployment_status, workflow_run).',
    ],
  });
