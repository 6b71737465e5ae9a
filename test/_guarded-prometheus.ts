/** What answers like a Prometheus behind a proxy that wants a token: 401 without one, 403 where its scope is missing. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const RIGHT = 'right-token-5f1c9a7e3b2d';
export const WRONG = 'wrong-token-8d4e2f6a1c0b';
export const WITHOUT_SCOPE = 'narrow-token-7b3a9c5d2e1f';

const ANSWERS: [path: string, data: unknown][] = [
  ['/api/v1/status/buildinfo', { version: '3.1.0', application: 'Prometheus' }],
  ['/api/v1/status/flags', {}],
  ['/api/v1/label/', []],
  ['/api/v1/series', []],
  ['/api/v1/', { resultType: 'vector', result: [] }],
];

export interface Guarded {
  url: string;
  /** Requests that were let through. */
  answered: string[];
  close(): Promise<void>;
}

export async function guardedPrometheus(): Promise<Guarded> {
  const answered: string[] = [];
  const server = createServer((request, response) => {
    const say = (code: number, body: object): void => {
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const token = request.headers.authorization?.replace('Bearer ', '');
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    if (token === WITHOUT_SCOPE) return say(403, { status: 'error', error: 'the scope metrics:read is missing' });
    if (token !== RIGHT) return say(401, { status: 'error', error: 'no such token' });
    answered.push(`${request.method} ${pathname}`);
    const data = ANSWERS.find(([path]) => pathname.startsWith(path))?.[1];
    if (data === undefined) return say(404, { status: 'error', error: 'no such path' });
    say(200, { status: 'success', data });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
