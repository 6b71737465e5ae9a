/** Commands that machines call: a CI job, and the workers of a distributed engine. */
import type { Command } from 'commander';
import type { Io } from '../core/ports.ts';

type With = (command: Command) => Command;

/** Adds `ci` and `worker`. */
export function machineCommands(
  root: Command,
  io: Io,
  { withOutput, withSources, withRun }: { withOutput: With; withSources: With; withRun: With },
): void {
  withOutput(withSources(withRun(root.command('ci [alert]'))))
    .description('investigate in a CI job: no questions, plain lines, summary, annotations, exit code')
    .optionsGroup('In CI:')
    .option('--artifact <dir>', 'write all reports and the journal there')
    .option('--comment [number]', 'one comment on the pull request or issue, edited in place (GITHUB_TOKEN)')
    .option('--fail-on <what>', 'cause, inconclusive, error (a list), or never (default: inconclusive,error)')
    .action(async (alert: string | undefined, flags) => (await import('./ci.ts')).ciCommand(io, alert, flags));
  withSources(root.command('worker'))
    .description('work on runs that a distributed engine (Restate) hands over')
    .optionsGroup('The worker:')
    .option('--port <port>', 'where the engine reaches it', '9080')
    .option('--host <address>', 'private unless told otherwise', '127.0.0.1')
    .option('--register <url>', 'tell the engine that workers are reached there')
    .option('--drain <duration>', 'how long a stop waits for what is running', '30s')
    .option('--bundle <dir>', 'a recorded incident instead of live sources')
    .option('--timeout <duration>', 'limit of one question (20s)')
    .option('--wall <duration>', 'limit of a whole run (120s)')
    .option('--model <name>', 'who looks further where the gate escalates')
    .option('--mode <mode>', 'workflow, hybrid, specialists or agent')
    .action(async (flags) => (await import('./worker.ts')).workerCommand(io, flags));
}
