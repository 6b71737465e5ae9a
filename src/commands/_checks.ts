/** The checks of a source: run, told in lines, and what they mean for the exit code. */
import { openSource } from '../app/sources.ts';
import type { Config, SourceConfig } from '../config/load.ts';
import { wrap } from '../core/columns.ts';
import { EXIT, type ExitCode, UserError } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import { formatDuration } from '../core/time.ts';
import type { Check } from '../core/types.ts';
import { createRedactor } from '../safety/redact.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';
import { toSafeError } from '../safety/safe-error.ts';
import { safeText } from '../safety/safe-text.ts';
import { ASCII, prefersAscii, UNICODE } from '../ui/symbols.ts';

/** The longest that one source may take, ms. */
const LIMIT_MS = 30_000;

export interface CheckOptions {
  services: Config['services'];
  /** Every secret that could be told, for the redaction. */
  secrets: readonly string[];
  now: number;
  service?: string;
  limitMs?: number;
}

/** Opens a source, lets it check itself, closes it. A source that cannot be opened is a failed check. */
export async function checkSource(io: Io, name: string, s: SourceConfig, opts: CheckOptions): Promise<Check[]> {
  const redact = createRedactor(opts.secrets, { rules: await loadRuleSet() });
  const limitMs = opts.limitMs ?? LIMIT_MS;
  const late = AbortSignal.timeout(limitMs);
  const env = { cwd: io.cwd, fetch, now: () => opts.now, services: opts.services };
  try {
    const source = await openSource(io.root, name, s, env);
    try {
      const signal = AbortSignal.any([io.signal, late]);
      const found = await source.check({ signal, ...(opts.service ? { service: opts.service } : {}) });
      return redact.value(found).value;
    } finally {
      await source.close?.();
    }
  } catch (e) {
    if (io.signal.aborted) throw io.signal.reason;
    if (late.aborted) return [tooLate(limitMs)];
    const known = e instanceof UserError;
    const check: Check = {
      what: 'open',
      state: 'fail',
      detail: known ? e.message : toSafeError(e, redact),
      ...(known && e.hints[0] ? { fix: e.hints[0] } : {}),
      status: known && e.exit === EXIT.credentials ? 'denied' : 'failed',
    };
    return redact.value([check]).value;
  }
}

const tooLate = (limitMs: number): Check => ({
  what: 'answers',
  state: 'fail',
  detail: `not all of it within ${formatDuration(limitMs)}`,
  fix: 'Is it overloaded, or far away? An investigation waits for each question apart.',
  status: 'timeout',
});

/** Each check on a line, and under it how to mend it; on a terminal of so many columns long ones hang below their sign. */
export function checkLines(io: Io, checks: readonly Check[], columns = Number.POSITIVE_INFINITY): string[] {
  const symbols = prefersAscii(io.env) || io.env.INQUEST_ASCII ? ASCII : UNICODE;
  const sign = { ok: symbols.done, warn: symbols.limited, fail: symbols.failed };
  const hanging = (front: string, text: string): string[] =>
    Number.isFinite(columns) ? folded(front, text, columns) : [front + text];
  return checks.flatMap((c) => [
    ...hanging(`  ${sign[c.state]} ${safeText(c.what).padEnd(14)} `, safeText(c.detail)),
    ...(c.fix ? hanging('    fix: ', safeText(c.fix)) : []),
  ]);
}

/** Continued lines stand below the first word, but leave room where that is far to the right. */
const HANG = 19;

function folded(front: string, text: string, columns: number): string[] {
  const [first = '', ...rest] = wrap(text, Math.max(20, columns - front.length));
  const hang = Math.min(front.length, HANG);
  const more = rest.length === 0 ? [] : wrap(rest.join(' '), Math.max(20, columns - hang));
  return [front + first, ...more.map((line) => ' '.repeat(hang) + line)];
}

/** Columns of a stream; undefined where it is no terminal. */
export const columnsOf = (stream: NodeJS.WriteStream): number | undefined =>
  stream.isTTY ? stream.columns || 80 : undefined;

/** 0 where nothing failed, 3 where credentials are refused or missing, 4 where it is something else. */
export function exitOf(checks: readonly Check[]): ExitCode {
  const failed = checks.filter((c) => c.state === 'fail');
  if (failed.some((c) => c.status === 'denied')) return EXIT.credentials;
  return failed.length > 0 ? EXIT.sources : EXIT.done;
}
