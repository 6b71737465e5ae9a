/**
 * Octokit over our own wire: the only file that imports it, when the first question is asked. It is given no token, so
 * nothing that it prints or throws can hold one; retries, limits and the allow table are the wire's.
 */
import type { Octokit } from '@octokit/rest';
import type { SentRequest } from '../../core/types.ts';
import { Refused } from '../_refused.ts';
import type { Wire } from '../_wire.ts';

/** What travels with a request: when to stop, and who is told of it. */
export interface Asking {
  signal: AbortSignal;
  tell?: ((sent: SentRequest) => void) | undefined;
}

/** Options of one request of Octokit: they replace its own `fetch`. */
type RequestOptions = { fetch: (url: string, init: Init) => Promise<Response> };

interface Init {
  method: string;
  body?: string;
  headers: Record<string, string>;
}

export interface Answered<T> {
  data: T;
  headers: Record<string, string | number | undefined>;
}

export type Send = <T>(
  asking: Asking,
  run: (octokit: Octokit, request: RequestOptions) => Promise<Answered<T>>,
) => Promise<Answered<T>>;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Sends requests that Octokit makes. Throws `Refused`, and the signal's reason where that was aborted. */
export function octokitOver(wire: Wire): Send {
  let made: Promise<Octokit> | undefined;
  const octokit = async (): Promise<Octokit> => {
    const { Octokit: Made } = await import('@octokit/rest');
    return new Made({ baseUrl: wire.base, userAgent: 'inquest', log: silent });
  };
  return async (asking, run) => {
    made ??= octokit();
    // Octokit wraps what its fetch throws: the wire's own words are kept aside.
    let refused: unknown;
    const through = async (url: string, init: Init): Promise<Response> => {
      try {
        return await overWire(wire, url, init, asking);
      } catch (e) {
        refused = e;
        throw e;
      }
    };
    try {
      return await run(await made, { fetch: through });
    } catch (e) {
      if (refused !== undefined) throw refused;
      throw new Refused('failed', `${wire.base} sent what Octokit cannot read: ${(e as Error).message.slice(0, 120)}`);
    }
  };
}

async function overWire(wire: Wire, url: string, init: Init, { signal, tell }: Asking): Promise<Response> {
  if (!url.startsWith(`${wire.base}/`)) throw new Refused('denied', `${wire.base} was not asked: another origin`);
  const { status, headers, text } = await wire.send({
    method: init.method as 'GET' | 'POST',
    path: url.slice(wire.base.length),
    ...(init.body !== undefined && { body: init.body }),
    // Octokit's own media type is one of GitHub alone; plain JSON is the same and every stand-in knows it.
    headers: { ...init.headers, accept: 'application/json', 'x-github-api-version': '2022-11-28' },
    signal,
    tell,
  });
  return new Response(status === 204 ? null : text, { status, headers });
}
