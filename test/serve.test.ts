/** `inquest serve` from outside: the built program, real requests, real investigations. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from './_peers.ts';
import { inquest, ROOT } from './_program.ts';
import { alertOf, demoAlert, type Served, startServe, TOKEN, until } from './_serve.ts';
import { tempFolder } from './_temp.ts';

const servers: (Served | Server)[] = [];
afterEach(async () => {
  for (const s of servers.splice(0)) await ('post' in s ? s.stop() : new Promise((done) => s.close(done)));
});
async function serve(o: Parameters<typeof startServe>[0]): Promise<Served> {
  const served = await startServe(o);
  servers.push(served);
  return served;
}

const inboxOf = (home: string): string => {
  const folder = join(home, 'inquest/inbox');
  const names = readdirSync(folder)
    .filter((f) => f.endsWith('.ndjson'))
    .sort();
  return names.map((f) => readFileSync(join(folder, f), 'utf8')).join('');
};
const journalOf = (home: string, run: string): string =>
  readFileSync(join(home, 'inquest/runs', run, 'journal.ndjson'), 'utf8');
const endedIn = (s: Served, run?: string) =>
  until(() => s.log().find((e) => e.what === 'run.ended' && (run === undefined || e.run === run)));
const json = async (r: Response): Promise<Record<string, unknown>> => (await r.json()) as Record<string, unknown>;
const firstOf = async (r: Response) => ((await json(r)).alerts as Record<string, unknown>[])[0]!;

/** A Prometheus that answers nothing until it is told to, and counts what it was asked. */
async function silentSource(): Promise<{ url: string; asked(): number; speak(): void }> {
  const waiting: (() => void)[] = [];
  let asked = 0;
  let speaks = false;
  const server = createServer((asking, response) => {
    asked++;
    asking.resume();
    const answer = (): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"status":"success","data":{"resultType":"matrix","result":[]}}');
    };
    if (speaks) answer();
    else waiting.push(answer);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked: () => asked,
    speak() {
      speaks = true;
      for (const answer of waiting.splice(0)) answer();
    },
  };
}

describe('an alert that is posted', () => {
  test('is on disk before it is acknowledged, is investigated, and its report is on the page', async () => {
    const home = tempFolder();
    const s = await serve({ home });
    const answer = await s.post(demoAlert());
    expect(answer.status).toBe(202);
    const { run, do: done } = await firstOf(answer);
    expect(done).toBe('start');
    expect(inboxOf(home)).toContain(run);
    expect(await endedIn(s)).toMatchObject({ run, exit: 0, outcome: 'cause' });
    const list = await fetch(s.url).then((r) => r.text());
    expect(list).toContain(`/runs/${run}`);
    const page = await fetch(`${s.url}/runs/${run}`);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    const report = await page.text();
    expect(report).toContain('deploy/orders/2.8.1');
    expect(report).not.toMatch(/<script/i);
    const metrics = await fetch(`${s.url}/metrics`).then((r) => r.text());
    expect(metrics).toMatch(/^inquest_runs_total\{outcome="cause"\} 1$/m);
    expect(metrics).toMatch(/^inquest_questions_total 20$/m);
  });

  test('again and again is one investigation, also after a restart', async () => {
    const home = tempFolder();
    const first = await serve({ home });
    const { run } = await firstOf(await first.post(demoAlert()));
    const more = await Promise.all(Array.from({ length: 200 }, () => first.post(demoAlert()).then(firstOf)));
    expect(new Set(more.map((d) => `${d.do} ${d.run}`))).toEqual(new Set([`repeat ${run}`]));
    await endedIn(first);
    expect(await first.stop()).toBe(0);
    const second = await serve({ home });
    expect(await firstOf(await second.post(demoAlert()))).toMatchObject({ do: 'repeat', run });
    expect(readdirSync(join(home, 'inquest/runs'))).toEqual([run]);
  });

  test('joins the run that is on its way, and its end is told to the run that is over', async () => {
    const home = tempFolder();
    const source = await silentSource();
    const s = await serve({ home, args: ['--prometheus', source.url] });
    const { run } = await firstOf(await s.post(alertOf(1)));
    await until(() => (source.asked() > 0 ? true : undefined));
    const other = alertOf(1, { fingerprint: 'other', title: 'Another trouble' });
    expect(await firstOf(await s.post(other))).toMatchObject({ do: 'attach', as: 'related', run });
    source.speak();
    await endedIn(s);
    const resolved = { ...other, status: 'resolved', endsAt: '2026-03-01T12:30:00Z' };
    expect(await firstOf(await s.post(resolved))).toMatchObject({ do: 'attach', as: 'resolved', run });
    const journal = join(home, 'inquest/runs', String(run), 'journal.ndjson');
    await until(() => (/"as":"resolved"/.test(readFileSync(journal, 'utf8')) ? true : undefined));
    const report = await inquest(['report', String(run), '--format', 'json'], { home });
    expect(JSON.parse(report.stdout).joined).toMatchObject([
      { as: 'related', title: 'Another trouble', why: 'service-1 is being investigated' },
      { as: 'resolved', title: 'Another trouble', endsAt: '2026-03-01T12:30:00.000Z' },
    ]);
    const list = await inquest(['list', '--json'], { home });
    expect(JSON.parse(list.stdout)[0].state).toBe('finished');
  });

  test('that is not urgent and resolves in time is not investigated', async () => {
    const home = tempFolder();
    const s = await serve({ home, serve: { debounce: '1h' } });
    const { run } = await firstOf(await s.post(alertOf(1, { severity: 'warning' })));
    await s.post(alertOf(1, { severity: 'warning', status: 'resolved' }));
    expect(inboxOf(home)).toContain('all its alerts resolved before it began');
    expect(await fetch(`${s.url}/runs/${run}`).then((r) => r.status)).toBe(404);
  });

  test('in a delivery that holds none is answered with the reason, which is journalled', async () => {
    const home = tempFolder();
    const s = await serve({ home });
    const answer = await s.post({ hello: 'world' });
    expect([answer.status, (await json(answer)).status]).toEqual([202, 'ignored']);
    expect(inboxOf(home)).toMatch(/"type":"delivery.ignored".*does not look like an alert/);
    const resolved = await s.post(alertOf(7, { status: 'resolved' }));
    expect(await firstOf(resolved)).toMatchObject({ do: 'ignore' });
  });
});

describe('a request', () => {
  test('that is forged, misdirected, too large, compressed or no JSON is refused, and says nothing about why it was', async () => {
    const s = await serve({ home: tempFolder() });
    const to = (path: string, init: RequestInit): Promise<[number, unknown]> =>
      fetch(`${s.url}${path}`, { method: 'POST', ...init }).then(async (r) => [r.status, await r.json()]);
    const bearer = { authorization: `Bearer ${TOKEN}` };
    const refused = [401, { status: 'not accepted' }];
    expect(await to('/hooks/token', { body: '{}' })).toEqual(refused);
    expect(await to('/hooks/token', { body: '{}', headers: { authorization: 'Bearer nope' } })).toEqual(refused);
    expect(await to('/hooks/token/extra', { body: '{}', headers: bearer })).toEqual(refused);
    expect(
      await to('/hooks/signed', { body: '{}', headers: { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` } }),
    ).toEqual(refused);
    expect(await to('/hooks/nobody', { body: '{}' })).toEqual([404, { status: 'no such hook' }]);
    expect((await to('/hooks/token', { body: 'x'.repeat(2 ** 20 + 1), headers: bearer }))[0]).toBe(413);
    expect((await to('/hooks/token', { body: '{}', headers: { ...bearer, 'content-encoding': 'gzip' } }))[0]).toBe(415);
    expect((await to('/hooks/token', { body: '{"a":', headers: bearer }))[0]).toBe(400);
    expect((await to('/hooks/token', { headers: bearer }))[0]).toBe(400);
    expect((await s.post(alertOf(1), 'signed')).status).toBe(202);
  });

  test('to a hook with a secret path needs the path and the header', async () => {
    const path = 'a-path-that-nobody-knows';
    const s = await serve({
      home: tempFolder(),
      serve: { hooks: { token: { type: 'alertmanager', secrets: [TOKEN], path } } },
    });
    const at = (end: string, token: string) =>
      fetch(`${s.url}/hooks/token${end}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(alertOf(1)),
      }).then((r) => r.status);
    expect([
      await at('', TOKEN),
      await at('/wrong', TOKEN),
      await at(`/${path}`, 'x'),
      await at(`/${path}`, TOKEN),
    ]).toEqual([401, 401, 401, 202]);
    expect(JSON.stringify(s.log())).not.toMatch(new RegExp(`${path}|${TOKEN}`));
  });

  test('of a page under another name, or from elsewhere without a secret, is refused', async () => {
    const s = await serve({ home: tempFolder(), serve: { viewers: ['the-password-of-viewers'] } });
    const get = (headers: Record<string, string>) => fetch(`${s.url}/metrics`, { headers }).then((r) => r.status);
    const basic = (password: string) => ({
      authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}`,
    });
    expect([await get({}), await get(basic('no')), await get(basic('the-password-of-viewers'))]).toEqual([
      401, 401, 200,
    ]);
    const rebound = await new Promise((done) => {
      request(`${s.url}/`, { headers: { host: 'evil.example' } }, (r) => done(r.statusCode)).end();
    });
    expect(rebound).toBe(403);
    expect(await fetch(`${s.url}/healthz`).then((r) => r.text())).toBe('ok\n');
  });
});

describe('when it is stopped', () => {
  test.each(['SIGTERM', 'SIGKILL'])(
    'by %s, what was on its way goes on at the next start, as the same run',
    async (signal) => {
      const home = tempFolder();
      const source = await silentSource();
      const args = ['--prometheus', source.url];
      const first = await serve({ home, args, serve: { grace: '1s', debounce: '3s' } });
      const { run } = await firstOf(await first.post(alertOf(1)));
      const waiting = await firstOf(await first.post(alertOf(2, { severity: 'warning' })));
      await until(() => (source.asked() > 0 ? true : undefined));
      if (signal === 'SIGTERM') expect(await first.stop()).toBe(0);
      else await first.kill();
      source.speak();
      const second = await serve({ home, args, serve: { debounce: '1s' } });
      const ended = await endedIn(second, String(run));
      expect(ended).toMatchObject({ run });
      await endedIn(second, String(waiting.run));
      expect(readdirSync(join(home, 'inquest/runs')).sort()).toEqual([run, waiting.run].sort());
    },
  );

  test('and the program or its playbooks changed, a run that cannot go on is answered by a new one', async () => {
    const home = tempFolder();
    const source = await silentSource();
    const args = ['--prometheus', source.url];
    const first = await serve({ home, args, serve: { grace: '1s' } });
    const { run } = await firstOf(await first.post(alertOf(1)));
    await until(() => (source.asked() > 0 ? true : undefined));
    await first.stop();
    // The playbook that it began with is another one now.
    const folder = join(home, 'playbooks');
    mkdirSync(folder);
    const [name] = /"playbook":\{"name":"([a-z-]+)"/.exec(journalOf(home, String(run)))!.slice(1);
    const text = readFileSync(join(ROOT, 'playbooks', `${name}.md`), 'utf8');
    writeFileSync(join(folder, `${name}.md`), text.replace('steps:', '# changed\nsteps:'));
    source.speak();
    const second = await serve({ home, args, config: { playbooks: ['playbooks'] } });
    const ended = await until(() => second.log().find((e) => e.what === 'run.ended' && e.run !== run));
    expect(second.log().find((e) => e.what === 'run.anew')).toMatchObject({ run, as: ended.run });
    expect(await firstOf(await second.post(alertOf(1)))).toMatchObject({ do: 'repeat', run: ended.run });
  });

  test('it finishes what ends within the time that it is given', async () => {
    const home = tempFolder();
    const source = await silentSource();
    const s = await serve({ home, args: ['--prometheus', source.url] });
    const { run } = await firstOf(await s.post(alertOf(1)));
    await until(() => (source.asked() > 0 ? true : undefined));
    const stopped = s.stop();
    await until(() => s.log().find((e) => e.what === 'stopping'));
    source.speak();
    expect(await stopped).toBe(0);
    expect(s.log().find((e) => e.what === 'run.ended')).toMatchObject({ run });
  });
});

describe('what is wrong is said at once', () => {
  const home = tempFolder();
  test.each([
    ['no hook', {}, 2, /no hook is configured/],
    ['a hook without a secret', { hooks: { x: { type: 'pagerduty' } } }, 2, /hooks\.x has no secret/],
    [
      'a secret that is not set',
      { hooks: { x: { type: 'pagerduty', secrets: [{ env: 'NOT_SET' }] } } },
      3,
      /NOT_SET is not set/,
    ],
    ['a topic that is missing', { hooks: { x: { type: 'cloudwatch' } } }, 2, /names no topic/],
    ['a type that does not exist', { hooks: { x: { type: 'nagios' } } }, 2, /hooks\.x\.type/],
    [
      'a path that is short',
      { hooks: { x: { type: 'datadog', secrets: ['12345678'], path: 'abc' } } },
      2,
      /path that is no secret/,
    ],
  ])('%s', async (_what, section, code, words) => {
    writeFileSync(join(home, 'inquest.config.json'), JSON.stringify({ serve: section }));
    const ran = await inquest(['serve', '--prometheus', 'http://127.0.0.1:9'], { home });
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringMatching(words)]);
  });

  test('a port that is taken', async () => {
    const port = await freePort();
    const taken = createServer((_, response) => response.writeHead(404).end()).listen(port, '127.0.0.1');
    servers.push(taken);
    await expect(startServe({ home: tempFolder(), port })).rejects.toThrow(/cannot listen on 127.0.0.1/);
  });

  test('another serve on the same inbox', async () => {
    const home2 = tempFolder();
    await serve({ home: home2 });
    await expect(startServe({ home: home2 })).rejects.toThrow(/is being written by process/);
  });
});

test('--dry-run says what would become of a payload and why, and writes nothing', async () => {
  const home = tempFolder();
  const input = JSON.stringify([
    alertOf(1),
    alertOf(1, { fingerprint: 'g', title: 'Second' }),
    alertOf(2, { status: 'resolved' }),
  ]);
  const ran = await inquest(['serve', '--dry-run', '-'], { home, input });
  expect(ran.code).toBe(0);
  expect(ran.stdout).toMatch(/start now {2}firing {2}critical {2}service-1.*\n.*it is urgent \(critical\)/);
  expect(ran.stdout).toMatch(/related: joins run \w{6} .*Second\n.*service-1 is being investigated/);
  expect(ran.stdout).toMatch(/ignored .*\n.*nothing of it is open/);
  expect(existsSync(join(home, 'inquest'))).toBe(false);
});

test('a collector gets the trace of each run and the metrics, without a word of what systems answered', async () => {
  const got: [string, Record<string, never>][] = [];
  const collector = createServer((sent, response) => {
    const parts: Buffer[] = [];
    sent
      .on('data', (p: Buffer) => parts.push(p))
      .on('end', () => {
        got.push([sent.url ?? '', JSON.parse(Buffer.concat(parts).toString())]);
        response.end('{}');
      });
  });
  await new Promise<void>((done) => collector.listen(0, '127.0.0.1', done));
  servers.push(collector);
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const s = await serve({ home: tempFolder(), serve: { otlp: { endpoint } } });
  await s.post(demoAlert());
  await endedIn(s);
  await s.stop();
  const traces = got.filter(([path]) => path === '/v1/traces');
  expect(traces.length).toBe(1);
  const spans = (traces[0]![1] as never as { resourceSpans: { scopeSpans: { spans: Record<string, never>[] }[] }[] })
    .resourceSpans[0]!.scopeSpans[0]!.spans;
  const ids = new Set(spans.map((x) => String(x.spanId)));
  const roots = spans.filter((x) => x.parentSpanId === undefined);
  expect(roots.map((x) => x.name)).toEqual(['inquest run']);
  expect(spans.filter((x) => x.parentSpanId !== undefined && !ids.has(x.parentSpanId))).toEqual([]);
  expect(spans.filter((x) => String(x.name).startsWith('execute_tool')).length).toBe(20);
  for (const x of spans) {
    expect([String(x.traceId), String(x.spanId)]).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}$/),
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ]);
    expect(Number(x.endTimeUnixNano)).toBeGreaterThanOrEqual(Number(x.startTimeUnixNano));
  }
  expect(JSON.stringify(spans)).not.toContain('connect postgres');
  const metrics = JSON.stringify(got.filter(([path]) => path === '/v1/metrics').at(-1));
  expect(metrics).toContain('"inquest_runs_total"');
  expect(metrics).toContain('"stringValue":"cause"');
});
