/** The commands that set inquest up and try it by hand: flags → call. */
import type { Command } from 'commander';
import type { Io } from '../core/ports.ts';
import { questionFlags } from './_question.ts';

type WithSources = (c: Command) => Command;

/** Adds `init`. */
export function initCommands(root: Command, io: Io): void {
  root
    .command('init')
    .description('set it up in two minutes: finds what is there, asks little, checks each source, writes the config')
    .option('--yes', 'ask nothing: take what is found')
    .option('--print', 'print the config, write nothing')
    .option('--answers <file>', 'answers instead of a terminal, a line each; - for stdin')
    .option('--config <file>', 'instead of ./inquest.config.json')
    .option('--force', 'with --yes: change a config that is there')
    .option('--schema', 'print the JSON Schema of the config, for editors')
    .action(async (flags) => (await import('./init.ts')).initCommand(io, flags));
}

/** Adds `tools list|show|call`. */
export function toolsCommands(root: Command, io: Io, withSources: WithSources): Command {
  const tools = root.command('tools').description('what the sources can be asked, and one question by hand');
  const common = (command: Command): Command =>
    withSources(command)
      .optionsGroup('More:')
      .option('--bundle <dir>', 'of a recorded incident')
      .option('--now <time>', 'as if it were then')
      .option('--json', 'as JSON');
  common(tools.command('list', { isDefault: true }))
    .description('all tools of the configured sources: name, cost, what each asks')
    .action(async (flags) => (await import('./tools.ts')).listTools(io, flags));
  common(tools.command('show <tool>'))
    .description('one tool: what it is for, the fields of its question, an example')
    .action(async (tool: string, flags) => (await import('./tools.ts')).showTool(io, tool, flags));
  const call = common(tools.command('call <tool>'))
    .description('put one question, through the same door as an investigation; it can only read')
    .option('--question <json>', 'the question as JSON; flags win over it')
    .option('--rows <count>', 'rows of each table (20)')
    .option('--timeout <duration>', 'limit of the question (20s)')
    .optionsGroup('The question (inquest tools show TOOL says which of them it has):');
  const fields = questionFlags();
  for (const { flags, about } of fields) call.option(flags, about);
  call.action(async (tool: string, all: Record<string, unknown>) => {
    const typed = call.options.map((o) => o.attributeName()).filter((n) => fields.some((f) => f.name === n));
    const question = Object.fromEntries(typed.filter((n) => all[n] !== undefined).map((n) => [n, all[n]]));
    await (await import('./tools.ts')).callTool(io, tool, all, question);
  });
  return tools;
}
