/** What makes the job fail: the exit code of a run, mapped as `--fail-on` says. */
import { EXIT, type ExitCode, UserError } from '../core/errors.ts';
import type { Verdict } from '../core/verdict.ts';

const WHEN = ['cause', 'inconclusive', 'error', 'never'] as const;
type When = (typeof WHEN)[number];

/** What the user wrote, a list with commas. Throws UserError for a word that is none. */
export function parseFailOn(text: string | undefined): Set<When> {
  if (text === undefined) return new Set(['inconclusive', 'error']);
  const words = text.split(',').map((w) => w.trim());
  for (const w of words) {
    if (!WHEN.includes(w as When))
      throw new UserError(`--fail-on: "${w}" is no reason`, { hints: [`Known: ${WHEN.join(', ')}`] });
  }
  if (words.includes('never') && words.length > 1) throw new UserError('--fail-on: "never" stands alone');
  return new Set(words as When[]);
}

/** Runs that ended without a verdict: inconclusive, waiting for a person, out of budget. */
const OPEN: ReadonlySet<ExitCode> = new Set([EXIT.inconclusive, EXIT.waiting, EXIT.budget]);
/** inquest itself could not do its work: never hidden. */
const BROKEN: ReadonlySet<ExitCode> = new Set([EXIT.bug, EXIT.usage, EXIT.credentials, EXIT.interrupted]);

/**
 * The exit code of the job. All sources failed (4) counts as an error; a bug, bad input and an interruption always fail;
 * a cause that was to fail the job does so with 1, as other commands that find what they were told to look for.
 */
export function exitOf(exit: ExitCode, outcome: Verdict['outcome'] | undefined, failOn: ReadonlySet<When>): ExitCode {
  if (BROKEN.has(exit)) return exit;
  if (exit === EXIT.sources) return failOn.has('error') || failOn.has('inconclusive') ? exit : EXIT.done;
  if (OPEN.has(exit)) return failOn.has('inconclusive') ? exit : EXIT.done;
  return outcome === 'cause' && failOn.has('cause') ? EXIT.bug : EXIT.done;
}
