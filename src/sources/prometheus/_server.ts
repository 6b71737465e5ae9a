/** What the tools of one Prometheus share: its connection, its config, and what was learnt of it once. */
import type { SourceEnv, ToolContext } from '../../tools/tool.ts';
import type { Http } from '../_http.ts';
import { Refused } from '../_refused.ts';
import { type Client, promClient } from './_client.ts';

export interface Server {
  http: Http;
  env: SourceEnv;
  serviceLabel?: string;
  /** Types of metrics, asked once; unknown where the server does not say. */
  types(client: Client): Promise<ReadonlyMap<string, string>>;
}

export function newServer(http: Http, env: SourceEnv, serviceLabel?: string): Server {
  let known: ReadonlyMap<string, string> | undefined;
  return {
    http,
    env,
    ...(serviceLabel !== undefined && { serviceLabel }),
    async types(client) {
      try {
        known ??= await client.metadata();
      } catch (e) {
        // A server without this path (a store of recorded blocks, a proxy) is not worse for it: names tell the types.
        if (!(e instanceof Refused) || e.refusal.status !== 'failed' || e.refusal.retryable) throw e;
        known = new Map();
      }
      return known;
    },
  };
}

/** Runs the requests of one question; when it ends, those still under way are stopped. */
export async function withClient<T>(server: Server, ctx: ToolContext, run: (client: Client) => Promise<T>): Promise<T> {
  const end = new AbortController();
  try {
    return await run(promClient(server.http, { ...ctx, signal: AbortSignal.any([ctx.signal, end.signal]) }));
  } finally {
    end.abort();
  }
}
