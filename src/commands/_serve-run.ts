/** `inquest serve-run`: one investigation for `serve`, told over standard input. People never call it. */
import { createInterface } from 'node:readline';
import { takeIn } from '../app/intake.ts';
import { endOfRun, stateOfRun } from '../app/served.ts';
import { paths } from '../config/paths.ts';
import type { JoinedAlert } from '../core/alerts.ts';
import { UserError } from '../core/errors.ts';
import type { Emit, Io } from '../core/ports.ts';
import { loadRun } from '../journal/runs.ts';
import { type Otlp, sendSpans } from '../serve/otlp.ts';
import { spansOf } from '../serve/otlp-trace.ts';
import type { Job } from '../serve/runs.ts';
import { END, type WorkerLine } from '../serve/worker.ts';
import type { InvestigateFlags } from './_investigate-flags.ts';
import { reportNamed } from './_show.ts';
import { investigateSubject } from './investigate.ts';
import { resumeCommand } from './resume.ts';

/** Runs the job of the first line; later lines are alerts that join it. The end of the input ends the run. */
export async function serveRun(io: Io): Promise<void> {
  const lines = createInterface({ input: io.stdin });
  const early: JoinedAlert[] = [];
  let emit: Emit | undefined;
  // A journal that cannot be written ends the run at its own next word.
  const join = (joined: JoinedAlert): void => void emit?.({ type: 'alert.joined', ...joined }).catch(() => {});
  const hear = (to: Emit): void => {
    emit = to;
    for (const joined of early) join(joined);
  };
  let over = false;
  const first = await new Promise<WorkerLine>((done, reject) => {
    let begun = false;
    lines.on('line', (text) => {
      const line = JSON.parse(text) as WorkerLine;
      if (!begun) done(line);
      else if ('joined' in line) emit ? join(line.joined) : early.push(line.joined);
      begun = true;
    });
    lines.once('close', () => {
      reject(
        new UserError('serve-run is told its job by serve', { hints: ['Investigate yourself: inquest alert.json'] }),
      );
      if (begun && !over) io.stop();
    });
  });
  try {
    await work(io, first, early, hear);
    if ('job' in first) await sayEnd(io, first);
  } finally {
    over = true;
    lines.close();
    io.stdin.destroy();
  }
}

/** So often, and so far apart in ms, a run is tried that a process of an earlier server is just letting go. */
const TRIES = 100;
const APART = 300;

async function work(io: Io, first: WorkerLine, early: JoinedAlert[], hear: (to: Emit) => void): Promise<void> {
  if (!('job' in first)) throw new Error('the first line is no job');
  const { job } = first;
  early.unshift(...job.joined);
  const flags = { ...(first.flags as InvestigateFlags), quiet: true, events: true };
  if (!job.model) flags.model = false;
  for (let tries = 1; ; tries++) {
    const before = await stateOfRun(paths(io.env).runs, job.run);
    try {
      return await go(io, job, flags, before?.alert !== undefined, hear);
    } catch (e) {
      // It has the run open, or has begun it since we looked.
      const held = e instanceof UserError && /is being written by process|already holds "run.started"/.test(e.message);
      if (!held || tries === TRIES || io.signal.aborted) throw e;
      await new Promise((on) => setTimeout(on, APART));
    }
  }
}

async function go(io: Io, job: Job, flags: InvestigateFlags, begun: boolean, hear: (to: Emit) => void): Promise<void> {
  if (begun) await resumeCommand(io, job.run, flags, hear);
  else {
    const { bundle } = flags;
    const recorded =
      bundle === undefined ? undefined : await takeIn(undefined, { bundle }, { ...io, readStdin: nothing });
    const subject = { notes: [], baselines: [], now: io.now(), ...recorded, alert: job.alert, origin: job.origin };
    const report = await reportNamed(io, 'json');
    await investigateSubject(io, subject, flags, { report: () => report(), run: job.run, onOpen: hear });
  }
}

/** Says how the run ended, and sends its trace. */
async function sayEnd(io: Io, { job, otlp }: { job: Job; otlp?: Otlp }): Promise<void> {
  if (otlp) await sendTrace(io, job.run, otlp);
  const end = await endOfRun(paths(io.env).runs, job.run);
  if (end) io.stderr.write(`${END}${JSON.stringify(end)}\n`);
}

/** The whole trace, whatever number of processes it took. The verdict is safe whether or not it arrives. */
async function sendTrace(io: Io, run: string, otlp: Otlp): Promise<void> {
  const { events } = await loadRun(paths(io.env).runs, run);
  await sendSpans(otlp, spansOf(events), fetch).catch((e: unknown) => {
    io.stderr.write(`! the trace was not sent: ${e instanceof Error ? e.message : e}\n`);
  });
}

const nothing = (): Promise<Uint8Array> => Promise.resolve(new Uint8Array());
