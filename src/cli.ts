/** The program: streams and environment in, errors to exit codes. The only file that touches `process`. */
import { writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT, Interrupted, UserError } from './core/errors.ts';
import type { Io } from './core/ports.ts';

const { env, stderr, stdout } = process;

// chalk 5 and Ink know FORCE_COLOR only; DEV makes Ink look for React's devtools.
if (env.NO_COLOR || env.TERM === 'dumb' || process.argv.includes('--no-color')) env.FORCE_COLOR = '0';
Reflect.deleteProperty(env, 'DEV');

/** Last words: written before the process ends, whatever streams still hold. */
function say(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody listens any more.
  }
}

const stop = new AbortController();
let stoppedAt = 0;
const onStop = (name: string, atOnce = false): void => {
  const again = stop.signal.aborted && Date.now() - stoppedAt < 2000;
  if (again || atOnce) {
    say('stopped at once; what was found is saved. Go on: inquest resume --last\n');
    process.exit(EXIT.interrupted);
  }
  stoppedAt = Date.now();
  stop.abort(new Interrupted(name));
};
process.on('SIGINT', () => onStop('SIGINT'));
process.on('SIGTERM', () => onStop('SIGTERM'));
process.on('SIGHUP', () => onStop('SIGHUP'));

for (const stream of [stdout, stderr]) {
  // Whoever reads us has gone (`| head`): that is their right.
  stream.on('error', (e: NodeJS.ErrnoException) => {
    // EIO: the terminal itself has gone.
    if (e.code === 'EPIPE' || e.code === 'EIO') process.exit(EXIT.done);
    const name = stream === stdout ? 'standard output' : 'standard error';
    say(`✗ cannot write to ${name}: ${e.message}\n  The run is stored: inquest list\n`);
    process.exit(EXIT.usage);
  });
}

const io: Io = {
  stdout,
  stderr,
  stdin: process.stdin,
  env,
  cwd: process.cwd(),
  root: dirname(fileURLToPath(import.meta.url)),
  pid: process.pid,
  alive(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (e) {
      return (e as NodeJS.ErrnoException).code !== 'ESRCH';
    }
  },
  now: Date.now,
  signal: stop.signal,
  stop: (atOnce) => onStop('key', atOnce),
  onExit: (restore) => void process.on('exit', restore),
  suspend(back) {
    process.once('SIGCONT', back);
    process.kill(process.pid, 'SIGTSTP');
  },
  exitCode: EXIT.done,
};

async function fail(e: unknown): Promise<void> {
  // Loaded only when something went wrong.
  const { lastWords } = await import('./safety/last-words.ts');
  if (e instanceof UserError) {
    const sign = e.exit === EXIT.waiting ? '?' : '✗';
    stderr.write(lastWords(`${sign} ${e.message}\n${e.hints.map((h) => `  ${h}\n`).join('')}`));
    io.exitCode = e.exit;
  } else if (e instanceof Interrupted || stop.signal.aborted) {
    io.exitCode = EXIT.interrupted;
  } else {
    const what = e instanceof Error ? e : new Error(String(e));
    stderr.write(lastWords(`✗ a bug in inquest: ${what.message}\n  What was found is in the journal: inquest list\n`));
    stderr.write(
      env.INQUEST_DEBUG
        ? `${lastWords(what.stack ?? '')}\n`
        : '  Set INQUEST_DEBUG=1 to see where, and please report it.\n',
    );
    io.exitCode = EXIT.bug;
  }
}

try {
  const { program } = await import('./commands/_program.ts');
  await program(io).parseAsync(process.argv);
} catch (e) {
  // Commander has said what is wrong itself; it knows help and version (0) from mistakes (its 1, our 2).
  const code = (e as { code?: unknown }).code;
  if (typeof code === 'string' && code.startsWith('commander.')) {
    io.exitCode = (e as { exitCode?: number }).exitCode === 0 ? EXIT.done : EXIT.usage;
  } else await fail(e);
}
process.exitCode = io.exitCode;
