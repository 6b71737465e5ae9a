/** `inquest serve` on the command line, and the process that it starts for each investigation. */
import type { Command } from 'commander';
import type { Io } from '../core/ports.ts';

export function serveCommands(root: Command, io: Io, withSources: (c: Command) => Command): void {
  const serve = withSources(root.command('serve'))
    .description('take alerts as webhooks and investigate them; until it is stopped')
    .optionsGroup('The server:')
    .option('--listen <address>', 'where to listen (127.0.0.1:8787)')
    .option('--bundle <dir>', 'all investigations look at this recorded incident: to try it out')
    .option(
      '--dry-run <payload>',
      'say what would become of a payload (a file, or -), and why; nothing is started or stored',
    )
    .option('--hook <name>', 'with --dry-run: the hook that it would come to')
    .option('--json', 'with --dry-run: as JSON')
    .optionsGroup('The investigations:')
    .option(
      '--engine <name>',
      'who does the work: local (processes of this machine) or restate (the workers of an engine)',
    )
    .option('--model <name>', 'who looks further where the gate escalates')
    .option('--no-model', 'nobody, whatever the config says')
    .option('--mode <mode>', 'workflow, hybrid, specialists or agent')
    .option('--timeout <duration>', 'limit of one question (20s)')
    .option('--wall <duration>', 'limit of a whole run (120s)')
    .addHelpText('after', EXAMPLES)
    .action(async (flags) => {
      if (flags.dryRun !== undefined) return (await import('./_serve-dry-run.ts')).dryRun(io, flags);
      return (await import('./serve.ts')).serveCommand(io, flags);
    });
  serve.summary('take alerts as webhooks and investigate them');
  root
    .command('serve-run', { hidden: true })
    .description('one investigation of serve; told over standard input')
    .action(async () => (await import('./_serve-run.ts')).serveRun(io));
}

const EXAMPLES = `
It listens on 127.0.0.1 only, unless it is told otherwise, and speaks no TLS: put a proxy in front. Whom it hears stands in the
config (inquest help serve-config). An alert is acknowledged when it is on disk; after a crash everything goes on.

  POST /hooks/<name>[/<secret path>]   alerts           GET /          the investigations
  GET  /healthz, /readyz               for supervisors  GET /metrics   for Prometheus

Examples:
  inquest serve --prometheus http://127.0.0.1:9090 --logs '/var/log/app/*'
  inquest serve --dry-run alert.json --hook alertmanager      what would become of it, and why`;
