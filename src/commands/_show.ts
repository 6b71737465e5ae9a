/** What a run shows: the live screen, plain lines or NDJSON, and its report at the end. */
import { stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Desk } from '../app/desk.ts';
import { loadPlugin, pluginFile } from '../app/plugins.ts';
import { renderSafely } from '../app/render.ts';
import { errorCode, UserError } from '../core/errors.ts';
import type { Io, Load, Report, Sink } from '../core/ports.ts';
import { emptyState, type State } from '../core/run-state.ts';
import type { OpenJournal } from '../journal/open.ts';
import type { Gates } from '../safety/gates.ts';
import { prefersAscii } from '../ui/symbols.ts';

export interface OutputFlags {
  report?: string;
  json?: boolean;
  output?: string;
  events?: boolean;
  quiet?: boolean;
  plain?: boolean;
  ascii?: boolean;
  motion?: boolean;
  color?: boolean;
  /** Wait so long after each answer on the live screen, ms. */
  paceMs?: number;
}

export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (s) => s.isDirectory(),
    () => false,
  );

/** A report format by name: whether it exists is known at once, it is loaded when it is needed. */
export async function reportNamed(io: Io, name: string): Promise<() => Promise<Report>> {
  await pluginFile(io.root, 'reports', name, 'report format');
  return () => loadPlugin<Report>(io.root, 'reports', name, 'report', 'report format');
}

/** Whether this run gets a live screen. */
async function isLive(io: Io, flags: OutputFlags): Promise<boolean> {
  if (flags.quiet || flags.plain) return false;
  return (await import('../sinks/can-draw.ts')).canDraw(io.stderr, io.env);
}

/** Whether the report can be written to its file is known before the run, not after it. */
export async function checkOutput(io: Io, flags: OutputFlags): Promise<void> {
  if (!flags.output) return;
  const file = resolve(io.cwd, flags.output);
  if (await isFolder(file)) {
    throw new UserError(`-o ${flags.output} is a folder`, { hints: ['Name a file in it: -o report.md'] });
  }
  if (!(await isFolder(dirname(file)))) throw new UserError(`-o ${flags.output}: there is no folder ${dirname(file)}`);
}

/** Begins to load the screen while the alert is read and the sources are opened; it is the heaviest part by far. */
export async function warmUp(io: Io, flags: OutputFlags): Promise<void> {
  if (!(await isLive(io, flags))) return;
  // Ink has its own idea of CI (any variable CI_*) and would draw nothing until the end.
  io.env.CI = '0';
  await import('../sinks/live.tsx');
}

export interface Shown {
  sinks: Sink[];
  /** The live screen ends with the verdict, or with how to go on: it need not be said again on the same terminal. */
  live: boolean;
  /** The keys of whoever sits in front of it. */
  desk: Desk;
}

/** The subscribers that show the run: NDJSON, the live screen, or plain lines. */
export async function sinksFor(
  io: Io,
  flags: OutputFlags,
  journal: Pick<OpenJournal, 'line' | 'past'>,
): Promise<Shown> {
  const { stderr, stdout, env, now } = io;
  const sinks: Sink[] = [];
  const desk = new Desk();
  const gone = (): void => io.stop();
  if (flags.events) {
    const { openNdjson } = await import('../sinks/ndjson.ts');
    const ndjson = openNdjson({ stream: stdout, line: journal.line, onClosed: gone });
    for (const e of journal.past) await ndjson.on(e, emptyState());
    sinks.push(ndjson);
  }
  if (flags.quiet) return { sinks, live: false, desk };
  const ascii = flags.ascii || Boolean(env.INQUEST_ASCII) || prefersAscii(env);
  const color = flags.color !== false && !env.NO_COLOR && env.TERM !== 'dumb' && Boolean(stderr.isTTY);
  if (!(await isLive(io, flags))) {
    const { openPlain } = await import('../sinks/plain.ts');
    return { sinks: [...sinks, openPlain({ stream: stderr, color, ascii, now, onClosed: gone })], live: false, desk };
  }
  await warmUp(io, flags);
  const { openLive } = await import('../sinks/live.tsx');
  const motion = flags.motion !== false && env.INQUEST_MOTION !== '0';
  const onStop = (press: number): void => io.stop(press > 1);
  const live = openLive({
    stderr,
    stdin: io.stdin,
    env,
    color,
    ascii,
    motion,
    now,
    onStop,
    suspend: io.suspend,
    hands: desk,
  });
  desk.someone = live.hasKeys;
  desk.who = env.USER ?? env.LOGNAME;
  io.onExit(live.restore);
  const pace = flags.paceMs ? [(await import('../sinks/pace.ts')).openPace(flags.paceMs)] : [];
  return { sinks: [...sinks, live, ...pace], live: true, desk };
}

/** Renders the report and writes it to its file or to stdout. */
export async function printReport(
  io: Io,
  flags: OutputFlags & { live?: boolean },
  report: () => Promise<Report>,
  state: State,
  load: Load,
  gates?: Gates,
): Promise<void> {
  if (flags.events && !flags.output) return;
  const said = flags.live && io.stdout.isTTY && !flags.json && (flags.report ?? 'text') === 'text';
  if (said && !flags.output) return;
  const ascii = flags.ascii || Boolean(io.env.INQUEST_ASCII) || prefersAscii(io.env);
  const text = await renderSafely(await report(), state, load, { ascii, ...(gates ? { gates } : {}) });
  if (!flags.output) {
    io.stdout.write(text);
    return;
  }
  const file = resolve(io.cwd, flags.output);
  await writeFile(file, text).catch((e: unknown) => {
    throw new UserError(`cannot write the report ${file}: ${errorCode(e) ?? e}`, {
      hints: [`Does the folder ${dirname(file)} exist?`, `The run is stored: inquest report ${state.run.slice(-6)}`],
    });
  });
  io.stderr.write(`wrote ${flags.output}\n`);
}
