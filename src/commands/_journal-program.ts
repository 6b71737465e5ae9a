/** The commands that live on stored runs: flags → call. */
import type { Command } from 'commander';
import type { Io } from '../core/ports.ts';

const collect = (value: string, all: string[] = []): string[] => [...all, value];
type WithOutput = (c: Command) => Command;

/** Adds `resume`, `replay`, `fork`, `ask`, `answer`, `diff`, `feedback`, `record`, `notify` and `prune`. */
export function journalCommands(root: Command, io: Io, withOutput: WithOutput): void {
  withOutput(root.command('resume [run]'))
    .description('finish an interrupted run, or go on with a finished one; what was answered is not asked again')
    .optionsGroup('What to do:')
    .option('--last', 'the newest unfinished run')
    .option('--note <text>', 'add what you found as evidence and conclude again (repeatable)', collect)
    .option('--refresh [which]', 'ask again what is too old, "all", or ids such as E3.2,E4.1')
    .option('--add-budget <duration>', 'more time; asks again what was cut off by time')
    .option('--wait-for-human [duration]', 'without a screen: leave a question to a person open and end with exit 11')
    .option('--notify <name>', 'at the end, tell this one of the config (repeatable)', collect)
    .option('--config <file>', 'instead of ./inquest.config.json')
    .action(async (run: string | undefined, flags) => (await import('./resume.ts')).resumeCommand(io, run, flags));
  withOutput(root.command('replay <run>'))
    .description('watch a stored run (or a journal file) again; asks nothing and writes nothing')
    .optionsGroup('What to do:')
    .option('--speed <factor>', '4 = four times as fast')
    .option('--step', 'go on at each key')
    .option(
      '--verify',
      "run today's workflow on the recorded answers (of a run, or of a folder of runs) and show each difference (exit 1)",
    )
    .option('--config <file>', 'instead of ./inquest.config.json')
    .action(async (run: string, flags) => (await import('./replay.ts')).replayCommand(io, run, flags));
  withOutput(root.command('fork <run>'))
    .description('a new run that shares the answers of an old one up to a point and asks only what comes after')
    .optionsGroup('What to do:')
    .option('--at <point>', 'the last thing shared: evidence E3.2 (E3 = all of step 3) or step S3; default: everything')
    .option('--with <note>', 'what to assume: "the deploy is innocent" (repeatable)', collect)
    .option('--playbook <name>', 'another playbook')
    .option('--threshold <0..1>', 'another confidence that the gate asks for')
    .option('--config <file>', 'instead of ./inquest.config.json')
    .option('--engine <name>', 'who does the work: local (this process) or restate (the workers of an engine)')
    .action(async (run: string, flags) => (await import('./fork.ts')).forkCommand(io, run, flags));
  root
    .command('ask <run> [question]')
    .description('ask about a run: answered from its evidence and a few new questions; alone: what was asked before')
    .option('--budget <count>', 'at most so many new questions to the sources', '6')
    .option('--wall <duration>', 'limit of all of it', '60s')
    .option('--model <name>', 'who answers instead of code, or instead of the model of the config')
    .option('--no-model', 'code answers, whatever the config says')
    .option('--config <file>', 'instead of ./inquest.config.json')
    .option('--json', 'as JSON')
    .action(async (run: string, question: string | undefined, flags) =>
      (await import('./ask.ts')).askCommand(io, run, question, flags),
    );
  root
    .command('cancel <run>')
    .description('end a run that a distributed engine is working on; what it found stays')
    .action(async (run: string) => (await import('./cancel.ts')).cancelCommand(io, run));
  root
    .command('answer <run> [question] [choice]')
    .description('answer a question that a run has put to a person (Q1), from any terminal; alone: which are open')
    .option('--json', 'as JSON')
    .action(async (run: string, question: string | undefined, choice: string | undefined, flags) =>
      (await import('./answer.ts')).answerCommand(io, run, question, choice, flags),
    );
  root
    .command('diff <a> <b>')
    .description('what differs between two runs: steps, evidence, hypotheses, verdict, cost (exit 1 if anything does)')
    .option('--json', 'as JSON')
    .action(async (a: string, b: string, flags) => (await import('./diff.ts')).diffCommand(io, a, b, flags));
  root
    .command('feedback <run> <right|wrong>')
    .description('say whether the verdict was right; counted by "inquest list"')
    .option('--cause <text>', 'what it really was')
    .action(async (run: string, said: string, flags) =>
      (await import('./feedback.ts')).feedbackCommand(io, run, said, flags),
    );
  root
    .command('record <run>')
    .description('write a run as a redacted bundle with a truth template, for "inquest eval"')
    .requiredOption('-o, --output <dir>', 'a new or empty folder')
    .option('--check', 'investigate the bundle and prove that it gives the same verdict')
    .option('--config <file>', 'instead of ./inquest.config.json')
    .action(async (run: string, flags) => (await import('./record.ts')).recordCommand(io, run, flags));
  root
    .command('notify [run]')
    .description('tell others of a run: whom the config names under "notify"')
    .option('--to <name>', 'only this one (repeatable)', collect)
    .option('--retry', 'send again what did not arrive; without a run: of all runs')
    .option('--dry-run', 'show what would be sent, and send nothing')
    .option('--config <file>', 'instead of ./inquest.config.json')
    .option('--json', 'the outcomes as JSON lines')
    .action(async (run: string | undefined, flags) => (await import('./notify.ts')).notifyCommand(io, run, flags));
  root
    .command('prune')
    .description('remove old runs; what goes is listed first')
    .option('--older-than <duration>', 'runs that started earlier: 90d')
    .option('--size <size>', 'the oldest, until the rest fits: 2GiB')
    .option(
      '--keep-outcome <outcome>',
      'cause, healthy, inconclusive, unfinished or unreadable stays (repeatable)',
      collect,
    )
    .option('--dry-run', 'only list')
    .option('-y, --yes', 'do not ask')
    .option('--config <file>', 'instead of ./inquest.config.json')
    .option('--json', 'the list as JSON')
    .action(async (flags) => (await import('./prune.ts')).pruneCommand(io, flags));
}
