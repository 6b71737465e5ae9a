/** Recorded exchanges with Datadog (HAR files in a tar.gz, data from outside) and a server that answers as they did. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { canonical } from '../src/core/canonical.ts';

export interface Exchange {
  method: string;
  path: string;
  query: Record<string, string>;
  /** JSON of the request's body. */
  body: unknown;
  status: number;
  type: string;
  text: string;
}

export interface Recording {
  name: string;
  exchanges: Exchange[];
}

interface Har {
  log: {
    entries: {
      request: { method: string; url: string; postData?: { text?: string } };
      response: { status: number; content: { mimeType?: string; text?: string } };
    }[];
  };
}

/** Unpacks the archive into `folder` and reads all HAR files, by name. */
export function readRecordings(archive: string, folder: string): Recording[] {
  execFileSync('tar', ['xzf', archive, '-C', folder]);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.har'));
  return files.sort().map((file) => {
    const har = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Har;
    return { name: dirname(file), exchanges: har.log.entries.map(exchangeOf) };
  });
}

function exchangeOf({ request, response }: Har['log']['entries'][number]): Exchange {
  const url = new URL(request.url);
  return {
    method: request.method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    body: jsonOf(request.postData?.text ?? ''),
    status: response.status,
    type: response.content.mimeType ?? 'application/json',
    text: response.content.text ?? '',
  };
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** What tells one page from another. */
const PAGE = ['page[cursor]', 'page[offset]', 'page[number]', 'page', 'offset', 'start'];

function pageOf(query: Record<string, string>, body: unknown): string {
  const inner = (body as { data?: { attributes?: unknown } } | undefined)?.data?.attributes ?? body;
  const cursor = (inner as { page?: { cursor?: string } } | undefined)?.page?.cursor;
  const named = PAGE.map((key) => query[key] ?? '0').map((value) => (value === '' ? '0' : value));
  return canonical([cursor ?? '', ...named]);
}

/**
 * Whether a request asks for all that the recorded one asked for: what we say beyond that are defaults that the recorded
 * one left out. Left aside: relative times, which we never send, and the time zone, which only means something for those.
 */
function covers(ours: unknown, theirs: unknown, key = ''): boolean {
  if (['from', 'to', 'options', 'limit'].includes(key)) return true;
  if (typeof theirs !== 'object' || theirs === null) return String(ours) === String(theirs);
  if (Array.isArray(theirs)) return Array.isArray(ours) && theirs.every((t, i) => covers(ours[i], t));
  return Object.entries(theirs).every(([k, t]) => covers((ours as Record<string, unknown> | undefined)?.[k], t, k));
}

export interface Replay {
  url: string;
  /** From now on requests are answered from this recording alone. */
  serve(recording: Recording): void;
  /** Requests that asked for all that the recorded ones did, and those that did not, or that nobody recorded. */
  counts: { same: number; other: string[]; unknown: string[] };
  /** Headers that came with the last request. */
  last(): IncomingMessage['headers'];
  close(): Promise<void>;
}

export async function replayServer(): Promise<Replay> {
  let recording: Recording = { name: 'none', exchanges: [] };
  let headers: IncomingMessage['headers'] = {};
  const counts: Replay['counts'] = { same: 0, other: [], unknown: [] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      headers = request.headers;
      const url = new URL(request.url ?? '/', 'http://x');
      const query = Object.fromEntries(url.searchParams);
      const body = jsonOf(Buffer.concat(chunks).toString());
      const fits = recording.exchanges.filter((e) => e.method === request.method && e.path === url.pathname);
      const found =
        fits.find((e) => pageOf(e.query, e.body) === pageOf(query, body) && covers({ query, body }, e)) ??
        fits.find((e) => pageOf(e.query, e.body) === pageOf(query, body));
      const what = `${recording.name}: ${request.method} ${request.url}`;
      if (found === undefined) {
        counts.unknown.push(what);
        response.writeHead(404, { 'content-type': 'application/json' }).end('{"errors":["nobody recorded this"]}');
        return;
      }
      if (covers(query, found.query) && covers(body, found.body)) counts.same++;
      else counts.other.push(what);
      response.writeHead(found.status, { 'content-type': found.type }).end(found.text);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(next) {
      recording = next;
    },
    counts,
    last: () => headers,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
