/** Why a server gave no usable answer, as a status, a sentence and a way to mend it. */
import { errorCode } from '../core/errors.ts';
import { oneLine } from '../core/text.ts';
import type { Answer, Check, Status } from '../core/types.ts';
import { withoutUserinfo } from '../core/userinfo.ts';
import { answer } from '../tools/tool.ts';

export interface Refusal {
  status: Exclude<Status, 'ok' | 'empty'>;
  problem: string;
  retryable: boolean;
  /** The problem in two, for a check: what is wrong, and how to mend it where that is known. */
  what: string;
  fix?: string;
}

/** A question that got no answer. Thrown inside a source only; `asking` turns it into an answer. */
export class Refused extends Error {
  override name = 'Refused';
  readonly refusal: Refusal;
  constructor(status: Refusal['status'], what: string, retryable = false, fix?: string) {
    const problem = fix === undefined ? what : `${what}. ${fix}`;
    super(problem);
    this.refusal = { status, problem, retryable, what, ...(fix !== undefined && { fix }) };
  }
}

/** A failed check of a source; `otherwise` is how to mend what says nothing of that itself. Throws what is no `Refused`. */
export function failedCheck(what: string, e: unknown, otherwise: string): Check {
  if (!(e instanceof Refused)) throw e;
  const { what: detail, fix = otherwise, status } = e.refusal;
  return { what, state: 'fail', detail, fix, status };
}

/** Runs a tool's questions; a refusal becomes its answer. */
export async function asking<A extends Answer>(searched: string, ask: () => Promise<A>): Promise<A | Answer<never>> {
  try {
    return await ask();
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    const { status, problem, retryable } = e.refusal;
    return answer.problem(status, { summary: oneLine(problem, 120), searched, problem, retryable });
  }
}

const CERTIFICATE = /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|ERR_TLS_CERT_)/;

/** A failure of the connection itself. `base` is the configured URL without credentials. */
export function networkRefusal(base: string, e: unknown): Refused {
  const code = errorCode(e) ?? 'unknown error';
  const failed = (why: string, fix: string, retryable = false): Refused =>
    new Refused('failed', `${base} ${why} (${code})`, retryable, fix);
  if (code === 'ECONNREFUSED') {
    return failed('refused the connection', 'Is it running? Start it, or mend the host and port of the URL.', true);
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return failed(
      'has a host name that cannot be resolved',
      'Check the host of the URL, DNS and the VPN.',
      code === 'EAI_AGAIN',
    );
  }
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return failed('cannot be reached', 'Check the VPN.', true);
  if (code === 'ETIMEDOUT') return new Refused('timeout', `${base} did not answer the connection (${code})`, true);
  if (CERTIFICATE.test(code)) {
    return failed('has a certificate that is not trusted', 'Name the own authority as "ca": "path/to/ca.pem".');
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    return failed('does not speak TLS as we do', 'Should the URL begin with http:// ?');
  }
  if (code.startsWith('HPE_')) return failed('does not speak HTTP', 'Is this the right port, or is it https:// ?');
  return failed('broke the connection', `Try again. ${oneLine((e as Error).message ?? '', 80)}`, true);
}

/** A response other than 2xx. `said` is what its body says in JSON; `reason` its kind of error. */
export function statusRefusal(base: string, code: number, said: string, reason: string, location?: string): Refused {
  const told = said === '' ? '' : `: ${oneLine(said, 200)}`;
  if (code === 401) {
    const fix = 'Set "bearer" or "basic" for this source in the config, or INQUEST_PROMETHEUS_BEARER.';
    return new Refused('denied', `${base} wants credentials (401)${told}`, false, fix);
  }
  if (code === 403) {
    return new Refused('denied', `${base} forbids this read (403)${told}`, false, 'Do its credentials allow it?');
  }
  if (code >= 300 && code < 400) {
    const to = location === undefined ? '' : ` to ${oneLine(withoutUserinfo(location).split('?')[0] ?? '', 120)}`;
    return new Refused(
      'failed',
      `${base} redirects${to} (${code}); redirects are not followed`,
      false,
      'Give the last URL itself. A login page there wants credentials.',
    );
  }
  if (code === 404) {
    return new Refused(
      'failed',
      `${base} has no such path (404)${told}`,
      false,
      'Does another service answer there? Check host and port, and whether the URL needs a prefix such as /prometheus',
    );
  }
  if (code === 408 || code === 504 || (code === 503 && (reason === 'timeout' || /timed? ?out/i.test(said)))) {
    return new Refused('timeout', `${base} gave up (${code})${told}`, false, 'A shorter window may pass.');
  }
  if (code >= 500)
    return new Refused(
      'failed',
      `${base} failed (${code})${told}`,
      true,
      'Its own log, or that of the proxy in front of it, says why.',
    );
  return new Refused('failed', `${base} refused the question (${code})${told}`);
}
