/** A configured key leaves by no way: servers that echo it, in answers and in errors, get it into no sink, report or file. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inquest } from './_program.ts';
import { tempFolder } from './_temp.ts';

const CANARY = 'c4n4ry/With+odd&chars="7f3a91';

const bytes = Buffer.from(CANARY);
/** What a server could make of the key. */
const FORMS: Record<string, string> = {
  raw: CANARY,
  json: JSON.stringify(CANARY).slice(1, -1),
  url: encodeURIComponent(CANARY),
  base64: bytes.toString('base64'),
  base64url: bytes.toString('base64url'),
  shifted: Buffer.from(`u:${CANARY}@`).toString('base64'),
  hex: bytes.toString('hex'),
};
/** Pieces that no masked text holds, whatever the encoding was. */
const TELLTALE = [
  CANARY.slice(0, 12),
  CANARY.slice(-8),
  FORMS.url!.slice(0, 14),
  FORMS.base64!.slice(0, 12),
  FORMS.shifted!.slice(4, 20),
  FORMS.hex!.slice(0, 16),
];

type Answer = (request: IncomingMessage) => { status: number; body: string };
const echoes: Record<string, Answer> = {
  'in every label': (request) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const said = Object.values(FORMS).join(' ');
    const labels = Object.fromEntries(Object.entries(FORMS).map(([name, form]) => [name, form]));
    const metric = { __name__: 'http_requests_total', job: 'orders', service: 'orders', code: '500', ...labels };
    const data: Record<string, unknown> = {
      '/api/v1/query': { resultType: 'vector', result: [{ metric, value: [1_772_445_600, '3'] }] },
      '/api/v1/query_range': {
        resultType: 'matrix',
        result: [
          {
            metric,
            values: [
              [1_772_445_600, '3'],
              [1_772_446_200, '9'],
            ],
          },
        ],
      },
      '/api/v1/rules': {
        groups: [
          {
            rules: [
              {
                type: 'alerting',
                name: 'OrdersErrors',
                query: said,
                labels: metric,
                annotations: { said },
                alerts: [],
              },
            ],
          },
        ],
      },
      '/api/v1/alerts': {
        alerts: [
          { labels: metric, annotations: { said }, state: 'firing', activeAt: '2026-03-02T10:00:00Z', value: '1' },
        ],
      },
      '/api/v1/metadata': { http_requests_total: [{ type: 'counter', help: said, unit: '' }] },
    };
    return {
      status: 200,
      body: JSON.stringify({
        status: 'success',
        data: data[path] ?? (path.endsWith('/values') ? ['http_requests_total', ...Object.values(FORMS)] : [metric]),
      }),
    };
  },
  'in an error of the API': () => ({
    status: 400,
    body: JSON.stringify({
      status: 'error',
      errorType: 'bad_data',
      error: `headers: ${Object.values(FORMS).join(' ')}`,
    }),
  }),
  'in the page of a proxy': (request) => ({
    status: 502,
    body: `<html>${request.headers.authorization} ${Object.values(FORMS).join(' ')}</html>`,
  }),
  'in broken JSON': (request) => ({
    status: 200,
    body: `{"status":"success","data":${request.headers.authorization} ${Object.values(FORMS).join(' ')}`,
  }),
  'in a refusal': () => ({ status: 401, body: Object.values(FORMS).join(' ') }),
};

/** Text of every file below a folder, unpacked. */
function filesBelow(folder: string): [path: string, text: string][] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => [
      path,
      (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)).toString('latin1'),
    ]);
}

const found = (text: string): string[] => TELLTALE.filter((piece) => text.includes(piece));

describe.each(Object.entries(echoes))('a server that echoes the key %s', (_what, answer) => {
  test('gets it into no sink, no report, no journal and no bundle', async () => {
    let keys = 0;
    const server = createServer((request, response) => {
      if (request.headers.authorization === `Bearer ${CANARY}`) keys++;
      const { status, body } = answer(request);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const home = tempFolder();
    writeFileSync(
      join(home, 'inquest.config.json'),
      JSON.stringify({ sources: { prom: { type: 'prometheus', url, bearer: { env: 'CANARY' } } } }),
    );
    const env = { CANARY, INQUEST_DEBUG: '1' };
    const base = ['--text', 'orders is slow', '--service', 'orders', '--now', '2026-03-02T10:30:00Z', '--wall', '20s'];
    const runs = [
      [...base, '--report', 'text', '--plain'],
      [...base, '--report', 'markdown', '--live', join(home, 'bundle')],
      [...base, '--json', '-q', '-o', join(home, 'report.json')],
      [...base, '--events', '-q'],
      ['doctor', '--service', 'orders'],
      ['doctor', '--json'],
      ['list', '--json'],
    ];
    try {
      for (const args of runs) {
        const { stdout, stderr } = await inquest(args, { home, env });
        expect(found(stdout), `stdout of ${args.join(' ')}`).toEqual([]);
        expect(found(stderr), `stderr of ${args.join(' ')}`).toEqual([]);
      }
      for (const [path, text] of filesBelow(home)) expect(found(text), path).toEqual([]);
      // The key was sent, and nothing else was: otherwise this test would prove nothing.
      expect(keys).toBeGreaterThan(5);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

test('a password in the URL of a source is known too', async () => {
  const password = 'hunter2-hunter3';
  let sent = '';
  const server = createServer((request, response) => {
    sent = request.headers.authorization ?? '';
    response.writeHead(403).end(`${sent} is ${Buffer.from(sent.slice(6), 'base64').toString()}`);
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  const url = `http://me:${password}@127.0.0.1:${(server.address() as AddressInfo).port}`;
  const home = tempFolder();
  const { stdout, stderr } = await inquest(['--text', 'x is slow', '--service', 'x', '--prometheus', url], {
    home,
    env: { INQUEST_PROMETHEUS_BEARER: '' },
  });
  server.close();
  server.closeAllConnections();
  expect(sent).toBe(`Basic ${Buffer.from(`me:${password}`).toString('base64')}`);
  for (const text of [stdout, stderr, ...filesBelow(home).map(([, t]) => t)])
    expect(text).not.toMatch(
      new RegExp(`${password}|${Buffer.from(`me:${password}`).toString('base64').slice(8, 20)}`),
    );
});

describe('errors', () => {
  test('a password in a URL that cannot be used is not in the message', async () => {
    const home = tempFolder();
    for (const url of [
      'http://user:hunter2hunter2@127.0.0.1:1/?q',
      'ftp://user:hunter2hunter2@x/',
      'http://user:hunter2hunter2@',
    ]) {
      const { stdout, stderr, code } = await inquest(
        ['--text', 'x is slow', '--service', 'x', '--prometheus', url, '--wall', '5s', '-q'],
        { home },
      );
      expect(stdout + stderr).not.toContain('hunter2');
      expect(code).not.toBe(70);
    }
    for (const [path, text] of filesBelow(home)) expect(text, path).not.toContain('hunter2');
  });
});
