/** In front of the fake Datadog what its keys are: which are right, which scopes the application key has, whose it is. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DATADOG_READS } from '../src/safety/allow-datadog.ts';
import { fakeDatadog } from './_datadog-fake.ts';
import { DEMO } from './_program.ts';

export const API = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
/** May read all that an investigation reads. */
export const READER = 'f0e1d2c3b4a5968778695a4b3c2d1e0fa1b2c3d4';
/** Lacks two scopes. */
export const NARROW = '1e0fa1b2c3d4f0e1d2c3b4a5968778695a4b3c2d';
/** Has no scopes of its own: it may do what its owner may. */
export const UNSCOPED = '968778695a4b3c2d1e0fa1b2c3d4f0e1d2c3b4a5';

const LACKS: Record<string, string[]> = {
  [READER]: ['user'],
  [NARROW]: ['logs_read_data', 'apm_read', 'user'],
  [UNSCOPED]: [],
};
const OWNER = {
  data: { type: 'users', id: 'u1', attributes: { handle: 'ada@acme.example' } },
  included: ['monitors_read', 'standard', 'org_management', 'logs_read_config', 'logs_read_data'].map((name, i) => ({
    type: 'permissions',
    id: `p${i}`,
    attributes: { name },
  })),
};

export interface ScopedDatadog {
  url: string;
  /** Paths that were asked, in their order. */
  asked: string[];
  close(): Promise<void>;
}

export async function scopedDatadog(): Promise<ScopedDatadog> {
  const behind = await fakeDatadog(DEMO, { open: true });
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    asked.push(pathname);
    const say = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const lacks = LACKS[String(request.headers['dd-application-key'])];
    const forbidden = { errors: ['Forbidden'] };
    if (request.headers['dd-api-key'] !== API) return say(403, forbidden);
    if (pathname === '/api/v1/validate') return say(200, { valid: true });
    const permission = DATADOG_READS.find((r) => r.path === pathname)?.permission ?? '';
    if (lacks === undefined || lacks.includes(pathname === '/api/v2/current_user' ? 'user' : permission)) {
      return say(403, forbidden);
    }
    if (pathname === '/api/v2/current_user') return say(200, OWNER);
    void pass(behind.url, request).then(({ status, headers, text }) => response.writeHead(status, headers).end(text));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await behind.close();
    },
  };
}

async function pass(to: string, request: IncomingMessage) {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = request.method === 'POST' ? Buffer.concat(parts) : undefined;
  const answer = await fetch(to + request.url, { method: request.method ?? 'GET', ...(body && { body }) });
  const kept = [...answer.headers].filter(([name]) => /^(?:x-ratelimit|content-type|date)/.test(name));
  return { status: answer.status, headers: Object.fromEntries(kept), text: await answer.text() };
}
