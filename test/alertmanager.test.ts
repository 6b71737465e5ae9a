import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TelemetryEvent } from '../src/core/telemetry.ts';
import type { Answer } from '../src/core/types.ts';
import { source } from '../src/sources/alertmanager.ts';
import { freePort, type Peer, peer, start } from './_peers.ts';

const MINUTE = 60_000;
const now = Date.now();
const iso = (minutes: number): string => new Date(now + minutes * MINUTE).toISOString();
const context = { signal: new AbortController().signal };

async function ask(url: string, question: { from: string; to: string; service?: string }, at = now): Promise<Answer> {
  const env = { cwd: '/', fetch, now: () => at, services: {} };
  const opened = await source.open('alertmanager', { url, timeoutMs: 2000 }, env);
  try {
    return (await opened.tools[0]?.run(question as never, context)) as Answer;
  } finally {
    await opened.close?.();
  }
}

const eventsOf = (a: Answer): TelemetryEvent[] => (a.data as { events: TelemetryEvent[] }).events;

describe.skipIf(!peer('prometheus-alertmanager'))('a real Alertmanager', () => {
  let server: Peer;
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'inquest-alertmanager-'));
    const config = join(dir, 'am.yml');
    writeFileSync(config, 'route: {receiver: none}\nreceivers: [{name: none}]\n');
    const address = `127.0.0.1:${await freePort()}`;
    const args = [
      `--config.file=${config}`,
      `--storage.path=${dir}`,
      `--web.listen-address=${address}`,
      '--cluster.listen-address=',
    ];
    server = await start('prometheus-alertmanager', args, `http://${address}`, '/-/ready');
    const post = (path: string, body: unknown): Promise<Response> =>
      fetch(server.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const alert = (alertname: string, service: string | undefined, from: number, to: number) => ({
      labels: { alertname, severity: 'page', ...(service && { service }) },
      annotations: { summary: `${alertname} of ${service ?? 'all'}` },
      startsAt: iso(from),
      endsAt: iso(to),
    });
    await post('/api/v2/alerts', [
      alert('Slow', 'shop', -20, 60),
      alert('Down', 'bank', -5, 60),
      alert('Link', undefined, -10, 60),
    ]);
    const matchers = [
      { name: 'service', value: 'shop', isRegex: false, isEqual: true },
      { name: 'zone', value: 'a|b', isRegex: true, isEqual: false },
    ];
    await post('/api/v2/silences', { matchers, startsAt: iso(1), endsAt: iso(90), createdBy: 'ann', comment: 'known' });
  }, 30_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(dir, { recursive: true });
  });

  test('alerts that hold in the window are events, oldest first, with the words of the rule', async () => {
    const answer = await ask(server.url, { from: iso(-15), to: iso(0) });
    expect([answer.status, answer.summary, answer.trust]).toEqual(['ok', '3 alerts, 0 silences', 'outsider-writable']);
    expect(eventsOf(answer).map((e) => e.title)).toEqual([
      'Slow: Slow of shop',
      'Link: Link of all',
      'Down: Down of bank',
    ]);
    expect(eventsOf(answer)[0]).toMatchObject({ kind: 'alert', service: 'shop', attributes: { severity: 'page' } });
  });

  test('of a service: its own and those that name none', async () => {
    const answer = await ask(server.url, { from: iso(-15), to: iso(0), service: 'shop' });
    expect(eventsOf(answer).map((e) => e.attributes?.alertname)).toEqual(['Slow', 'Link']);
  });

  test('a silence is an event that says what it hides and who made it', async () => {
    const answer = await ask(server.url, { from: iso(-60), to: iso(30), service: 'shop' }, now + 30 * MINUTE);
    expect(eventsOf(answer).find((e) => e.kind === 'silence')).toMatchObject({
      title: 'silence of {service="shop",zone!~"a|b"} by ann',
      body: 'known',
    });
  });

  test('a window before everything is empty, and nothing later than the moment asked for comes back', async () => {
    expect((await ask(server.url, { from: iso(-90), to: iso(-60) })).status).toBe('empty');
    const early = await ask(server.url, { from: iso(-60), to: iso(0) }, now - 7 * MINUTE);
    expect(eventsOf(early).map((e) => e.attributes?.alertname)).toEqual(['Slow', 'Link']);
  });

  test('doctor tells its version', async () => {
    const env = { cwd: '/', fetch, now: () => now, services: {} };
    const opened = await source.open('alertmanager', { url: server.url }, env);
    expect(await opened.check(context)).toMatchObject([
      { state: 'ok', detail: expect.stringMatching(/version \d+.*3 alerts/) },
    ]);
    await opened.close?.();
  });
});

test('a server that is no Alertmanager is a failure that says so', async () => {
  const other = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"success"}');
  });
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const answer = await ask(url, { from: iso(-15), to: iso(0) });
  expect([answer.status, answer.problem]).toEqual([
    'failed',
    expect.stringMatching(/does not answer as Alertmanager does/),
  ]);
  const opened = await source.open('alertmanager', { url }, { cwd: '/', fetch, now: () => now, services: {} });
  expect(await opened.check(context)).toMatchObject([
    { state: 'fail', fix: 'Does another service answer there? Check host, port and path of the URL.' },
  ]);
  await opened.close?.();
  await new Promise((done) => other.close(done));
});
