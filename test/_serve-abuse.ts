/** Senders that mean harm, or are broken: what `serve` answers them, how soon it cuts them, what memory it takes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Served, TOKEN } from './_serve.ts';

const HEAD = `POST /hooks/token HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\n`;

/** How often each status was answered; 0 = cut without an answer. */
export type Statuses = Record<number, number>;

export const countOf = (all: Iterable<number>): Statuses => {
  const counts: Statuses = {};
  for (const status of all) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

export const serverErrors = (s: Statuses): number =>
  Object.entries(s).reduce((sum, [status, n]) => sum + (Number(status) >= 500 && status !== '503' ? n : 0), 0);

/** Peak resident memory of a process, MiB. */
export const peakMb = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** The JSON files of JSONTestSuite below INQUEST_DATA; empty where they are not there. */
export function jsonTestSuite(): Buffer[] {
  const folder = join(process.env.INQUEST_DATA ?? '/nowhere', 'corpora/jsontestsuite/test_parsing');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => readFileSync(join(folder, name)));
}

/** Bodies that are no alert, each in its own way. */
export const ODD: [string, Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['100,000 lists in one another', Buffer.from('['.repeat(100_000) + ']'.repeat(100_000))],
  ['100,000 open lists', Buffer.from('['.repeat(100_000))],
  ['100,000 objects in one another', Buffer.from(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
  ['10 MB of one string', Buffer.from(`{"title":"${'x'.repeat(10 * 2 ** 20)}"}`)],
  ['1 MB less one byte', Buffer.from(`{"title":"${'x'.repeat(2 ** 20 - 13)}"}`)],
  ['a prototype', Buffer.from('{"__proto__":{"title":"x"},"constructor":{"prototype":{"title":"y"}}}')],
  ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['NULs', Buffer.alloc(1000)],
  ['a gzip', Buffer.from('1f8b08000000000000', 'hex')],
  [
    '20,000 alerts',
    Buffer.from(JSON.stringify(Array.from({ length: 20_000 }, () => ({ labels: { alertname: 'a' } })))),
  ],
  [
    'an alert of 100,000 labels',
    Buffer.from(
      JSON.stringify({ labels: Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`l${i}`, 'v'])) }),
    ),
  ],
];

export async function postAll(s: Served, bodies: Buffer[]): Promise<number[]> {
  const statuses: number[] = [];
  for (const body of bodies) {
    const answer = await fetch(`${s.url}/hooks/token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: new Uint8Array(body),
    }).catch(() => undefined);
    statuses.push(answer?.status ?? 0);
    await answer?.arrayBuffer().catch(() => {});
  }
  return statuses;
}

function open(s: Served): Promise<Socket> {
  return new Promise((done, reject) => {
    const socket = connect(Number(new URL(s.url).port), '127.0.0.1', () => done(socket));
    socket.once('error', reject);
  });
}

/** The status in what a socket got, and when it was closed (ms since `begun`). */
function endOf(socket: Socket, begun: number): Promise<{ status: number; ms: number }> {
  return new Promise((done) => {
    let got = '';
    socket.on('data', (part) => {
      got += part.toString('latin1').slice(0, 100);
    });
    socket.on('error', () => {});
    socket.on('close', () =>
      done({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(got)?.[1] ?? 0), ms: Date.now() - begun }),
    );
  });
}

/** Sends a body of `bytes`, as fast as it is taken, until it is whole or the connection is cut. */
export async function flood(s: Served, bytes: number, how: 'chunked' | 'length'): Promise<number> {
  const socket = await open(s);
  const end = endOf(socket, Date.now());
  socket.write(HEAD + (how === 'chunked' ? 'transfer-encoding: chunked\r\n\r\n' : `content-length: ${bytes}\r\n\r\n`));
  const data = Buffer.alloc(64 * 1024, 120);
  const piece = how === 'chunked' ? Buffer.concat([Buffer.from('10000\r\n'), data, Buffer.from('\r\n')]) : data;
  let closed = false;
  void end.then(() => {
    closed = true;
  });
  for (let sent = 0; sent < bytes && !closed && !socket.destroyed; sent += data.length) {
    if (!socket.write(piece)) await Promise.race([end, new Promise((go) => socket.once('drain', go))]);
  }
  socket.destroySoon();
  return (await end).status;
}

/** Says a piece every half second and never ends; how soon it is cut, ms, and with which status. */
export async function drip(s: Served, what: 'headers' | 'body'): Promise<{ status: number; ms: number }> {
  const socket = await open(s);
  const end = endOf(socket, Date.now());
  socket.write(what === 'body' ? `${HEAD}content-length: 1000\r\n\r\n` : HEAD);
  const timer = setInterval(() => {
    if (!socket.destroyed) socket.write(what === 'body' ? '{' : 'x-more: yes\r\n');
  }, 500);
  try {
    return await end;
  } finally {
    clearInterval(timer);
  }
}
