/** The flags of `inquest eval`, read: each mistake is said with the flag that it is in. */
import { PARTS } from '../analysis/ablation.ts';
import { UserError } from '../core/errors.ts';
import { nearest } from '../core/text.ts';
import { parseDuration } from '../core/time.ts';
import { DEFAULTS, METHODS, type MethodOptions } from '../eval/methods/options.ts';
import { PERTURBATIONS } from '../eval/perturb/perturb.ts';
import type { Variant } from '../eval/stress.ts';
import type { EvalFlags } from './_eval-flags.ts';

/** Milliseconds of a duration, with a sign if `signed`. Throws UserError naming the flag. */
export function durationOf(flag: string, text: string, signed = false): number {
  const sign = signed && text.startsWith('-') ? -1 : 1;
  const ms = parseDuration(signed ? text.replace(/^[-+]/, '') : text);
  if (ms !== undefined) return sign * ms;
  throw new UserError(`${flag}: "${text}" is no duration`, { hints: ['Write 90s, 15m, 1h30m.'] });
}

export function jobsOf(flag: string | undefined, cores: number): number {
  if (flag === undefined) return cores;
  const jobs = Number(flag);
  if (Number.isInteger(jobs) && jobs >= 1) return jobs;
  throw new UserError(`--jobs: "${flag}" is no number of processes`);
}

/**
 * What the cases are run under besides as they are. One --shift alone moves the alert of the run itself (`shiftMs`),
 * several are variants. Throws UserError naming the flag.
 */
export function stressOf(flags: EvalFlags): { shiftMs: number; variants: Variant[] } {
  const { shift = [], perturb, seed } = flags;
  const shifts = shift.map((text) => ({ name: `shift ${text}`, shiftMs: durationOf('--shift', text, true) }));
  const known = Object.keys(PERTURBATIONS);
  const perturbed = [...new Set(perturb === undefined ? [] : listOf(perturb))].flatMap((name): Variant[] => {
    if (Object.hasOwn(PERTURBATIONS, name))
      return PERTURBATIONS[name as keyof typeof PERTURBATIONS].map((p) => ({ name: p, perturbation: p, seed }));
    const near = nearest(name, known);
    throw new UserError(`--perturb: there is no "${name}"`, {
      hints: [...(near ? [`Did you mean "${near}"?`] : []), `Known: ${known.join(', ')}`],
    });
  });
  if (perturb !== undefined && perturbed.length === 0) {
    throw new UserError('--perturb: nothing is named', { hints: [`Known: ${known.join(', ')}`] });
  }
  if (!/^\d{1,15}$/.test(seed)) throw new UserError(`--seed: "${seed}" is no whole number`);
  const [only] = shifts;
  return shifts.length === 1 && only
    ? { shiftMs: only.shiftMs, variants: perturbed }
    : { shiftMs: 0, variants: [...shifts, ...perturbed] };
}

/** The parts of the analysis that are left out. Throws UserError for one that does not exist. */
export function withoutOf({ without = [], method }: EvalFlags): string[] {
  if (without.length > 0 && method !== undefined) throw new UserError('--without belongs to the investigation');
  const known = Object.keys(PARTS);
  const stray = without.find((part) => !known.includes(part));
  if (stray === undefined) return without;
  const near = nearest(stray, known);
  throw new UserError(`--without: the analysis has no part "${stray}"`, {
    hints: [...(near ? [`Did you mean "${near}"?`] : []), `Known: ${known.join(', ')}`],
  });
}

/** The reference method that was asked for; undefined = the investigation. */
export function methodOf(flags: EvalFlags): MethodOptions | undefined {
  if (flags.method === undefined) {
    const stray = METHOD_FLAGS.find(([key]) => flags[key] !== undefined);
    if (!stray) return undefined;
    throw new UserError(`${stray[1]} belongs to a reference method`, {
      hints: [`Name one with --method: ${METHODS.join(', ')}`],
    });
  }
  const name = METHODS.find((m) => m === flags.method);
  if (!name) {
    const near = nearest(flags.method, METHODS);
    throw new UserError(`--method: there is no reference method "${flags.method}"`, {
      hints: [...(near ? [`Did you mean "${near}"?`] : []), `Known: ${METHODS.join(', ')}`],
    });
  }
  if (flags.baselineWindows && (flags.before !== undefined || flags.gap !== undefined)) {
    throw new UserError('--baseline-windows replaces --before and --gap', { hints: ['Give one or the other.'] });
  }
  const { metrics = 'all' } = flags;
  return {
    ...DEFAULTS,
    name,
    ...(flags.before === undefined ? {} : { beforeMs: durationOf('--before', flags.before) }),
    ...(flags.gap === undefined ? {} : { gapMs: durationOf('--gap', flags.gap) }),
    metrics: metrics === 'all' || metrics === 'alert' ? metrics : listOf(metrics),
    changeKinds: flags.changes === undefined ? [] : listOf(flags.changes),
    baselineWindows: flags.baselineWindows ?? false,
    instancesOnly: flags.instancesOnly ?? false,
    poolInstances: flags.poolInstances ?? false,
    absolute: flags.absolute ?? false,
    fill: flags.fill ?? false,
    keepConstant: flags.keepConstant ?? false,
    megabytes: flags.megabytes ?? false,
    changedFirst: flags.changedFirst ?? false,
    alertService: flags.alertService ?? false,
  };
}

const METHOD_FLAGS = [
  ['metrics', '--metrics'],
  ['before', '--before'],
  ['gap', '--gap'],
  ['baselineWindows', '--baseline-windows'],
  ['instancesOnly', '--instances-only'],
  ['poolInstances', '--pool-instances'],
  ['absolute', '--absolute'],
  ['fill', '--fill'],
  ['keepConstant', '--keep-constant'],
  ['megabytes', '--megabytes'],
  ['changedFirst', '--changed-first'],
  ['changes', '--changes'],
  ['alertService', '--alert-service'],
] as const satisfies [keyof EvalFlags, string][];

const listOf = (text: string): string[] => text.split(',').flatMap((part) => part.trim() || []);
