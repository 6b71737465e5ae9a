/** Why a server gave no usable answer, as a status, a sentence and a way to mend it. */
import { errorCode } from '../core/errors.ts';
import { oneLine } from '../core/text.ts';
import { formatDuration } from '../core/time.ts';
import type { Answer, Check, Status } from '../core/types.ts';
import { withoutUserinfo } from '../core/userinfo.ts';
import type { ReadKind } from '../safety/allow.ts';
import { answer } from '../tools/tool.ts';

export interface Refusal {
  status: Exclude<Status, 'ok' | 'empty'>;
  problem: string;
  retryable: boolean;
  /** The problem in two, for a check: what is wrong, and how to mend it where that is known. */
  what: string;
  fix?: string;
  /** The HTTP status: a source may read its 404 as nothing there. */
  code?: number;
  /** What the credentials lack, in the vendor's words. */
  permission?: string;
  /** The server wants to be left alone for so long, ms. */
  pauseMs?: number;
}

type Facts = Pick<Refusal, 'code' | 'permission' | 'pauseMs'>;

/** A question that got no answer. Thrown inside a source only; `asking` turns it into an answer. */
export class Refused extends Error {
  override name = 'Refused';
  readonly refusal: Refusal;
  constructor(status: Refusal['status'], what: string, retryable = false, fix?: string, facts: Facts = {}) {
    const problem = fix === undefined ? what : `${what}. ${fix}`;
    super(problem);
    this.refusal = { status, problem, retryable, what, ...(fix !== undefined && { fix }), ...facts };
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

/** What OpenSSL and Node say of a certificate. */
const CERTIFICATE = /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|ERR_TLS_CERT_)/;

/** A failure of the connection itself. `base` is the configured URL without credentials; `ownCa`: the config names one. */
export function networkRefusal(base: string, e: unknown, ownCa = false): Refused {
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
  if (code === 'CERT_HAS_EXPIRED') {
    return failed('has a certificate that has expired', 'Let it be renewed; is the clock of this machine right?');
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return failed('has a certificate of another host', 'Give the host as its certificate names it.');
  }
  if (code === 'ERR_INVALID_CHAR') {
    const fix = 'Is there a line break or a sign outside of ASCII in the key?';
    return new Refused('denied', `${base} was not asked: its credentials cannot be sent`, false, fix);
  }
  if (code === 'EBLOCKED') {
    const why = 'leads to a link-local address, where machines keep their credentials';
    return failed(why, 'Check DNS. If it is meant, write the address itself into the URL.');
  }
  if (code === 'EPROXYAUTH') {
    const fix = 'Write them into "proxy": "http://user:password@host:port".';
    return new Refused('denied', `${base} lies behind a proxy that wants credentials (407)`, false, fix);
  }
  if (code === 'EPROXY') {
    const said = oneLine((e as Error).message, 80);
    return failed(`cannot be reached through its proxy ${said}`, 'Check "proxy" of this source.', true);
  }
  if (code.startsWith('Z_')) return failed('sent a body that cannot be unpacked', 'Was it cut off? Try again.', true);
  if (CERTIFICATE.test(code) && ownCa) {
    return failed('has a certificate of another authority than the one in "ca"', 'Name the authority that signed it.');
  }
  if (CERTIFICATE.test(code)) {
    return failed('has a certificate that is not trusted', 'Name the own authority as "ca": "path/to/ca.pem".');
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    return failed('does not speak TLS as we do', 'Should the URL begin with http:// ?');
  }
  if (code.startsWith('HPE_')) return failed('does not speak HTTP', 'Is this the right port, or is it https:// ?');
  return failed('broke the connection', `Try again. ${oneLine((e as Error).message ?? '', 80)}`, true);
}

/** How to mend what a server answers, by kind of source. */
const HOW: Record<ReadKind, { credentials: string; path: string; forbidden?: string }> = {
  prometheus: {
    credentials: 'Set "bearer" or "basic" for this source in the config, or INQUEST_PROMETHEUS_BEARER.',
    path: 'Does another service answer there? Check host and port, and whether the URL needs a prefix such as /prometheus',
  },
  alertmanager: {
    credentials: 'Set "bearer" or "basic" for this source in the config, or INQUEST_PROMETHEUS_BEARER.',
    path: 'Does another service answer there? Check host and port, and whether the URL needs a prefix such as /alertmanager',
  },
  datadog: {
    credentials: 'Check the API key and the application key, and that they belong to this site.',
    path: 'Is it the right site, and may the application key see it?',
    forbidden: 'A key that the site does not know gets the same answer.',
  },
  github: {
    credentials: 'Check the token: is it expired, or revoked?',
    path: 'A token that may not see a repository gets the same answer: check owner, name and the access of the token.',
  },
};

/** A reply other than 2xx. `said` is what its body says; `reason` its kind of error in Prometheus' words. */
export function statusRefusal(
  base: string,
  reply: {
    kind: ReadKind;
    code: number;
    said: string;
    reason: string;
    location?: string;
    permission?: string;
    pauseMs?: number;
  },
): Refused {
  const { kind, code, said, reason, location, permission, pauseMs } = reply;
  const told = said === '' ? '' : `: ${oneLine(said, 200)}`;
  const how = HOW[kind];
  const refused = (status: Refusal['status'], what: string, retryable: boolean, fix?: string, more: Facts = {}) =>
    new Refused(status, `${base} ${what} (${code})${told}`, retryable, fix, { code, ...more });
  if (code === 401) return refused('denied', 'wants credentials', false, how.credentials);
  if (code === 403) {
    if (permission === undefined) return refused('denied', 'forbids this read', false, 'Do its credentials allow it?');
    const fix = `It needs the permission ${permission}.${how.forbidden === undefined ? '' : ` ${how.forbidden}`}`;
    return refused('denied', 'forbids this read', false, fix, { permission });
  }
  if (code >= 300 && code < 400) {
    const to = location === undefined ? '' : ` to ${oneLine(withoutUserinfo(location).split('?')[0] ?? '', 120)}`;
    return new Refused(
      'failed',
      `${base} redirects${to} (${code}); redirects are not followed`,
      false,
      'Give the last URL itself. A login page there wants credentials.',
      { code },
    );
  }
  if (code === 404) return refused('failed', 'has no such path', false, how.path);
  if (code === 408 || code === 504 || (code === 503 && (reason === 'timeout' || /timed? ?out/i.test(said)))) {
    return refused('timeout', 'gave up', false, 'A shorter window may pass.');
  }
  if (code >= 500) {
    const fix = 'Its own log, or that of the proxy in front of it, says why.';
    return refused('failed', 'failed', true, fix, pauseMs === undefined ? {} : { pauseMs });
  }
  return refused('failed', 'refused the question', false);
}

/** A server that limits our rate. `code` where it said so itself, none where we know it without asking. */
export function limitRefusal(
  base: string,
  code: number | undefined,
  { ms, until, name }: { ms?: number; until?: string; name?: string },
): Refused {
  const limit = name === undefined ? '' : ` by its limit "${oneLine(name, 60)}"`;
  const end = until === undefined ? '' : `, until ${until}`;
  const when = ms === undefined ? '' : `; it asks for a pause of ${formatDuration(ms)}${end}`;
  const what =
    code === undefined
      ? `${base} was not asked: the rate that it allows${limit} is spent${when}`
      : `${base} limits our rate (${code})${limit}${when}`;
  return new Refused('rate-limited', what, true, undefined, {
    ...(code !== undefined && { code }),
    ...(ms !== undefined && { pauseMs: ms }),
  });
}
