/** A real HTTP server on loopback that keeps what it was sent, and fails as it is told to. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Sent {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What to do with a request instead of answering it: `reset` breaks the connection, `hang` never answers. */
export interface Fault {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  reset?: boolean;
  hang?: boolean;
  /** Do as asked first, then fail. */
  after?: boolean;
}

export interface NotifyServer {
  url: string;
  sent: Sent[];
  /** Faults of the next requests that write, in order; undefined = none. */
  faults: (Fault | undefined)[];
  close(): Promise<void>;
}

/** `answer` gives status and body of a request that no fault takes. */
export async function notifyServer(
  answer: (sent: Sent) => { status: number; body: unknown },
  port = 0,
): Promise<NotifyServer> {
  const sent: Sent[] = [];
  const faults: (Fault | undefined)[] = [];
  const server = createServer((req, res) => void handle(req, res));
  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    let body = '';
    for await (const part of req) body += String(part);
    const one: Sent = { method: req.method ?? '', path: req.url ?? '', headers: req.headers, body };
    sent.push(one);
    const fault = one.method === 'GET' ? undefined : faults.shift();
    if (fault?.after) answer(one);
    if (fault?.hang) return;
    if (fault?.reset) return void req.socket.destroy();
    if (fault) return void res.writeHead(fault.status ?? 500, fault.headers ?? {}).end(fault.body ?? '');
    const told = answer(one);
    res.writeHead(told.status, { 'content-type': 'application/json' }).end(JSON.stringify(told.body));
  }
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    faults,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** PagerDuty's notes of one incident: it refuses what the API refuses, and keeps the rest. */
export async function pagerduty(
  incident: string,
): Promise<NotifyServer & { notes: { id: string; content: string }[] }> {
  const notes: { id: string; content: string }[] = [];
  const server = await notifyServer(({ method, path, headers, body }) => {
    if (headers.authorization !== 'Token token=pd-secret-token-1234')
      return { status: 401, body: { error: { message: 'Unauthorized' } } };
    if (path !== `/incidents/${incident}/notes`) return { status: 404, body: { error: { message: 'Not Found' } } };
    if (method === 'GET') return { status: 200, body: { notes } };
    const { note } = JSON.parse(body) as { note?: { content?: string } };
    if (headers.from !== 'dana@acme.example' || !note?.content)
      return { status: 400, body: { error: { message: 'Invalid' } } };
    const made = { id: `N${notes.length + 1}`, content: note.content };
    notes.push(made);
    return { status: 201, body: { note: made } };
  });
  return Object.assign(server, { notes });
}
