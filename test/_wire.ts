/** A wire to a small server through the fault proxy, for tests: whatever comes of a request, no key may be in it. */
import { inspect } from 'node:util';
import { afterEach, expect } from 'vitest';
import type { SentRequest } from '../src/core/types.ts';
import { parseOrigin, type ReadKind } from '../src/safety/allow.ts';
import { type Refusal, Refused } from '../src/sources/_refused.ts';
import { openWire, type Wire, type WireCall, type WireLimits, type WireReply } from '../src/sources/_wire.ts';
import { type Fault, faultProxy, serve } from './_fault-proxy.ts';

/** The key of every request. */
export const CANARY = 'cAnAry-9b1d7e55f0/of+wire=test';
/** Closed after each test, the newest first. */
export const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A read that the table permits, by kind. */
export const READ: Record<ReadKind, string> = {
  prometheus: '/api/v1/query?query=up',
  alertmanager: '/api/v2/alerts',
  datadog: '/api/v1/query?from=1&to=2&query=avg%3Aup%7B%2A%7D',
  github: '/repos/acme/shop/commits?per_page=100',
};

/** A real server behind the proxy: it answers what it was asked. */
export const upstream = async (): Promise<string> => {
  const { url, stop } = await serve((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', date: new Date().toUTCString() });
    response.end(JSON.stringify({ asked: request.url, filler: 'x'.repeat(2000) }));
  });
  closing.push(stop);
  return url;
};

interface Opened {
  wire: Wire;
  seen: { method: string; url: string; headers: Record<string, unknown> }[];
  told: SentRequest[];
  ask(call?: Partial<WireCall>): Promise<Refusal | WireReply>;
}

/** A wire to the upstream through the fault proxy. `fault` for all requests, or one for each in turn. */
export async function through(
  fault: Fault | undefined | (Fault | undefined)[],
  { kind = 'prometheus', ...limits }: Partial<WireLimits> & { kind?: ReadKind } = {},
): Promise<Opened> {
  const turns = Array.isArray(fault) ? fault : undefined;
  const proxy = await faultProxy(await upstream(), (_request, n) => (turns ? turns[n] : (fault as Fault | undefined)));
  closing.push(proxy.stop);
  return opened(proxy.url, kind, limits, proxy.seen);
}

/** A wire to the server at `url`. */
export function opened(
  url: string,
  kind: ReadKind,
  limits: Partial<WireLimits>,
  seen: Opened['seen'] = [],
  more: { ca?: string; proxy?: string; queries?: string[] } = {},
): Opened {
  const wire = openWire('x', {
    kind,
    origin: parseOrigin('x', url),
    headers: () => ({ authorization: `Bearer ${CANARY}`, 'dd-api-key': CANARY }),
    limits: { timeoutMs: 8_000, ...limits },
    ...more,
  });
  closing.push(() => wire.close());
  const told: SentRequest[] = [];
  const { signal } = new AbortController();
  return {
    wire,
    seen,
    told,
    async ask(call) {
      const asked: WireCall = { method: 'GET', path: READ[kind], signal, tell: (s) => told.push(s), ...call };
      const end = await wire.send(asked).catch((e: unknown) => e);
      // Whatever happens to an error or a reply, the key is not in it.
      const forms = [CANARY, CANARY.replaceAll('/', '\\/'), Buffer.from(CANARY).toString('base64')];
      const printed = inspect(end, { depth: 20, showHidden: true }) + JSON.stringify(end) + String(end);
      expect(forms.filter((form) => printed.includes(form))).toEqual([]);
      if (end instanceof Refused) return end.refusal;
      if (end instanceof Error) throw end;
      return end as WireReply;
    },
  };
}

/** What one request through this fault ends in. */
export const refusalOf = async (fault: Fault, more?: Parameters<typeof through>[1]): Promise<Refusal> =>
  (await (await through(fault, more)).ask()) as Refusal;
