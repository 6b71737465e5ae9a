/** The command tree: flags → call. Each action loads its own file, so `--help` pays for none of them. */
import { Command, type CommanderError } from 'commander';
import type { Io } from '../core/ports.ts';
import { PROGRAM } from '../core/program.ts';
import { safeText } from '../safety/safe-text.ts';
import { evalCommand } from './_eval-flags.ts';
import { journalCommands } from './_journal-program.ts';
import { machineCommands } from './_machine-program.ts';
import { serveCommands } from './_serve-program.ts';
import { initCommands, toolsCommands } from './_tools-program.ts';
import { HELP_TOPICS } from './_topics.ts';

/** Files of `reports/`; a test holds this list. */
const REPORTS = 'text, markdown, html, postmortem, slack, note, junit or json';

const collect = (value: string, all: string[] = []): string[] => [...all, value];

/** Where to look: the same flags wherever something is looked at. */
function withSources(command: Command): Command {
  return command
    .optionsGroup('Where to look:')
    .option('--prometheus <url>', 'Prometheus, Thanos, Mimir or VictoriaMetrics')
    .option('--alertmanager <url>', 'related alerts and silences')
    .option('--git <path>', 'a repository with deploy tags (repeatable)', collect)
    .option('--logs <path>', 'a log file, folder or pattern (repeatable)', collect)
    .option('--github <repo>', 'OWNER/REPO; the token from GH_TOKEN or GITHUB_TOKEN (repeatable)', collect)
    .option('--datadog [site]', 'as datadoghq.eu; the keys from DD_API_KEY and DD_APP_KEY')
    .option('--config <file>', 'instead of ./inquest.config.json');
}

/** How to show it: stdout is the result, stderr the talk. */
function withOutput(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .option('--report <format>', REPORTS, 'text')
    .option('--json', 'the same as --report json')
    .option('-o, --output <file>', 'write the report there instead of stdout')
    .option('--events', 'NDJSON on stdout, equal to the journal, as it happens')
    .option('-q, --quiet', 'no progress on stderr')
    .option('--plain', 'one line an event, no live screen')
    .option('--ascii', 'no character above 7 bit in our own drawing')
    .option('--no-motion', 'no spinner')
    .option('--no-color', 'no colour (as NO_COLOR=1)');
}

function withRun(command: Command): Command {
  return command
    .optionsGroup('The investigation:')
    .option('--bundle <dir>', 'a recorded incident instead of live sources')
    .option('--text <sentence>', 'say the alert instead of giving a file')
    .option('--service <name>', 'the service that alerts')
    .option('--env <name>', 'its environment')
    .option('--pick <which>', 'which alert of a payload: number, fingerprint or name')
    .option('--since <time>', 'begin of the window: ISO time or 2h for two hours ago')
    .option('--until <time>', 'end of the window')
    .option('--now <time>', 'the moment of the investigation; nothing later exists')
    .option('--playbook <name>', 'instead of the one that fits best')
    .option('--confidence <0..1>', 'what the gate asks of a verdict (0.7)')
    .option('--model <name>', 'who looks further where the gate escalates: claude-opus-5-5, openai:llama3')
    .option('--no-model', 'nobody, whatever the config says')
    .option(
      '--mode <mode>',
      'workflow, hybrid (a model where the gate escalates), specialists (several there) or agent (it alone)',
    )
    .option('--wait-for-human [duration]', 'without a screen: leave a question to a person open and end with exit 11')
    .option('--engine <name>', 'who does the work: local (this process) or restate (the workers of an engine)')
    .option('--notify <name>', 'at the end, tell this one of the config (repeatable)', collect)
    .option('--live <dir>', 'also record a redacted bundle of it there')
    .option('--timeout <duration>', 'limit of one question (20s)')
    .option('--wall <duration>', 'limit of the whole run (120s)');
}

/** Builds the program on the given process. */
export function program(io: Io): Command {
  const root = new Command('inquest');
  root
    .description(
      'What broke, since when, and what changed? Takes an alert, looks with a fixed read-only workflow,\nand gives a verdict in which every claim cites evidence. It changes nothing and needs no model.',
    )
    .version(PROGRAM, '-V, --version')
    .configureOutput({ writeOut: (s) => io.stdout.write(s), writeErr: (s) => io.stderr.write(s) })
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('beforeAll', '')
    .addHelpText('after', EXAMPLES)
    .helpCommand('help [topic]', `help on a command or on ${Object.keys(HELP_TOPICS).join(', ')}`);

  withOutput(withSources(withRun(root.command('investigate [alert]', { isDefault: true }))))
    .description('investigate an alert: a file, - for stdin, a recorded incident, or a sentence')
    .action(async (alert: string | undefined, flags) => {
      proofOfLife(io, flags, alert === '-' ? 'stdin' : (alert ?? flags.bundle ?? flags.text));
      await (await import('./investigate.ts')).investigateCommand(io, alert, flags, root);
    });
  withOutput(root.command('demo'))
    .description('watch it solve a recorded incident: offline, no key')
    .action(async (flags) => {
      proofOfLife(io, flags, 'a recorded incident, offline');
      return (await import('./investigate.ts')).demoCommand(io, flags);
    });
  machineCommands(root, io, { withOutput, withSources, withRun });
  journalCommands(root, io, withOutput);
  root
    .command('list')
    .description('stored runs, newest first')
    .option('--outcome <outcome>', 'cause, healthy, inconclusive or unfinished')
    .option('--service <name>', 'of this service only')
    .option('-n, --limit <count>', 'at most so many', '30')
    .option('--json', 'as JSON')
    .action(async (flags) => (await import('./list.ts')).listCommand(io, flags));
  root
    .command('show <run> [item]')
    .description('one run, or one evidence (E3.2), hypothesis (H1) or step (S2) of it')
    .option('--data', 'the whole data of an evidence as JSON')
    .option('--why <id>', 'which evidence moved H1, who asked E7 and why, what the gate decided on')
    .option('--all', 'the ordered journal, in a pager on a terminal')
    .option('--step <name>', 'of the journal, what belongs to this step')
    .option('--tool <name>', 'of the journal, what this tool was asked')
    .option('--entity <name>', 'of the journal, what speaks of this service, pod or host')
    .option('--since <time>', 'of the journal, what is not older')
    .option('--until <time>', 'of the journal, what is not newer')
    .option('--json', 'as JSON')
    .action(async (run: string, item: string | undefined, flags) =>
      (await import('./show.ts')).showCommand(io, run, item, flags),
    );
  root
    .command('report <run>')
    .description('the report of a stored run')
    .option('--format <format>', REPORTS, 'text')
    .option('-o, --output <file>', 'write it there instead of stdout')
    .action(async (run: string, flags) => (await import('./report.ts')).reportCommand(io, run, flags));
  initCommands(root, io);
  root
    .command('schema [name]')
    .description('the JSON Schema of what other programs read: report; alone: which there are')
    .action(async (name: string | undefined) => (await import('./schema.ts')).schemaCommand(io, name));
  withSources(root.command('doctor [source]'))
    .description('check each source, and say how to mend what is wrong')
    .optionsGroup('More:')
    .option('--service <name>', 'also say what is found for this service, and how')
    .option('--bundle <dir>', 'check a recorded incident')
    .option('--now <time>', 'as if it were then')
    .option('--model', 'also call the model once (costs a few tokens)')
    .option('--json', 'as JSON')
    .action(async (source: string | undefined, flags) =>
      (await import('./doctor.ts')).doctorCommand(io, source, flags),
    );
  const tools = toolsCommands(root, io, withSources);
  const playbooks = root.command('playbooks').description('the triage playbooks');
  playbooks
    .command('list', { isDefault: true })
    .description('all of them; with --for, which would match and why')
    .option('--for <alert>', 'an alert file')
    .option('--config <file>', 'instead of ./inquest.config.json')
    .action(async (flags) => (await import('./playbooks.ts')).listPlaybooks(io, flags));
  playbooks
    .command('show <name>')
    .description('one playbook')
    .option('--config <file>', 'instead of ./inquest.config.json')
    .action(async (name: string, flags) => (await import('./playbooks.ts')).showPlaybook(io, name, flags));
  playbooks
    .command('lint <file...>')
    .description('check playbook files')
    .action(async (files: string[]) => (await import('./playbooks.ts')).lintPlaybooks(io, files));
  serveCommands(root, io, withSources);
  evalCommand(root, io);
  for (const command of [root, ...root.commands, ...playbooks.commands, ...tools.commands]) {
    command.exitOverride((e: CommanderError) => {
      throw e;
    });
  }
  const investigate = root.commands.find((c) => c.name() === 'investigate')!;
  // A misspelled command is taken for an alert, and what follows it for a second one.
  investigate.configureOutput({
    outputError: (text, write) =>
      write(
        /too many arguments/.test(text) ? `${text}One alert at a time; "inquest --help" lists the commands.\n` : text,
      ),
  });
  helpTopics(root, io);
  return root;
}

/** The first line, before anything heavy is loaded. */
function proofOfLife(io: Io, flags: { quiet?: boolean }, what: string | undefined): void {
  if (what !== undefined && !flags.quiet) io.stderr.write(`inquest  reading ${safeText(what)}\n`);
}

/** `help exit-codes` and the like, besides `help <command>`. */
function helpTopics(root: Command, io: Io): void {
  const help = root.commands.find((c) => c.name() === 'help') ?? root.command('help [topic]', { hidden: true });
  help.action((topic: string | undefined) => {
    if (topic === undefined) root.outputHelp();
    else if (topic in HELP_TOPICS) io.stdout.write(HELP_TOPICS[topic as keyof typeof HELP_TOPICS]);
    else {
      const command = root.commands.find((c) => c.name() === topic);
      if (!command) root.error(`error: no help on '${topic}' (topics: ${Object.keys(HELP_TOPICS).join(', ')})`);
      else command.outputHelp();
    }
  });
}

const EXAMPLES = `
Examples:
  inquest alert.json                                   investigate a payload
  pbpaste | inquest -                                  from the clipboard
  inquest --text "checkout is slow" --service checkout
  inquest demo                                         no key, no network
  inquest resume --last                                go on after an interruption
  inquest ask 7k3f9q "was payments slow too?"           about a run, from its evidence
  inquest help exit-codes`;
