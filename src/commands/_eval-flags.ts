/** The flags of `inquest eval`. */
import type { Command } from 'commander';
import type { Io } from '../core/ports.ts';

/** As commander hands them over; values are text until `_eval-options.ts` has read them. */
export interface EvalFlags {
  json?: boolean;
  timings: boolean;
  shift?: string[];
  perturb?: string;
  seed: string;
  without?: string[];
  twins?: boolean;
  set?: string[];
  only?: string[];
  jobs?: string;
  caseTimeout: string;
  compare?: string;
  plot?: string;
  method?: string;
  before?: string;
  gap?: string;
  baselineWindows?: boolean;
  metrics?: string;
  instancesOnly?: boolean;
  poolInstances?: boolean;
  absolute?: boolean;
  fill?: boolean;
  keepConstant?: boolean;
  megabytes?: boolean;
  changedFirst?: boolean;
  changes?: string;
  alertService?: boolean;
}

const collect = (value: string, all: string[] = []): string[] => [...all, value];

export function evalCommand(root: Command, io: Io): void {
  root
    .command('eval <dir...>')
    .description('score every recorded incident below the folders: no model, no network')
    .option('--json', 'figures and cases as JSON')
    .option('--no-timings', 'leave time and memory out, so that two runs compare byte for byte')
    .option('--compare <file>', 'an earlier --json: what got better and worse, exit 1 on a loss')
    .option('--plot <file>', 'write the risk-coverage curve there, as SVG')
    .optionsGroup('Which cases:')
    .option('--set <name>', 'of this set only (repeatable)', collect)
    .option('--only <name>', 'with this name only, * for any letters (repeatable)', collect)
    .option('--jobs <count>', 'worker processes (as many as cores)')
    .option('--case-timeout <duration>', 'a case that takes longer has failed', '5m')
    .optionsGroup('Stress:')
    .option(
      '--shift <duration>',
      "move the alert's time: 60s later, -60s earlier; several are set beside the alert as it is",
      collect,
    )
    .option(
      '--perturb <names>',
      'each case also changed a little: rename, drop, hide-change, mix-decoys, window (commas)',
    )
    .option('--seed <number>', 'what --perturb draws by', '1')
    .option('--without <part>', 'leave a part of the analysis out: what does it buy? (repeatable)', collect)
    .option('--twins', 'also run each case cut off before its onset: is a cause found where none is?')
    .optionsGroup('A plain reference method instead of the investigation:')
    .option('--method <name>', 'nsigma, baro or latest-change')
    .option('--before <duration>', 'compare with so much before the alert (all that was recorded)')
    .option('--gap <duration>', 'leave out so much just before the alert')
    .option('--baseline-windows', "compare with the bundle's fault-free windows")
    .option('--metrics <which>', 'all, alert (the one that alerts), or names and kinds with commas (all)')
    .option('--instances-only', 'only series of an instance')
    .option('--pool-instances', 'the instances of a service as one series')
    .option('--absolute', 'falls count like rises')
    .option('--fill', 'a missing sample has the value before it')
    .option('--keep-constant', 'also series that are constant before or after')
    .option('--megabytes', 'memory in MB instead of bytes')
    .option('--changed-first', 'changed services first')
    .option('--changes <kinds>', 'latest-change: only these kinds, with commas')
    .option('--alert-service', 'latest-change: only changes of the alerting service')
    .action(async (dirs: string[], flags: EvalFlags) => (await import('./eval.ts')).runEval(io, dirs, flags));
}
