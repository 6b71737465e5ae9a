/** Every request to a system is in the journal: as a template, never with a value, and counted in every report. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../src/core/events.ts';
import type { Emit } from '../src/core/ports.ts';
import { keptRequests } from '../src/core/requests.ts';
import type { SentRequest } from '../src/core/types.ts';
import { localEngine } from '../src/engines/local.ts';
import { createRedactor } from '../src/safety/redact.ts';
import { answer, type ToolContext, tool } from '../src/tools/tool.ts';
import { toolbox } from '../src/tools/toolbox.ts';
import { type Fault, type FaultProxy, faultProxy, faults, says, tunnel } from './_fault-proxy.ts';
import { type Peer, peer } from './_peers.ts';
import { DEMO, inquest } from './_program.ts';
import { gauge, prometheusWith } from './_prometheus.ts';
import { tempFolder } from './_temp.ts';

const sent = (path: string, tries = 1): SentRequest => ({ method: 'GET', path, status: 200, ms: 5, tries });
const question = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T01:00:00.000Z' };

/** A tool whose requests are those, behind the door; `status` ends it. */
function asked(requests: SentRequest[], retryable = false) {
  let calls = 0;
  const run = (_q: unknown, ctx: ToolContext) => {
    calls++;
    for (const r of requests) ctx.tell?.(r);
    const failed = { summary: 'no', searched: 'x', problem: '503', retryable };
    return Promise.resolve(answer.problem('failed', failed));
  };
  const box = toolbox([tool('x', 'topology.get', '', run)], { redact: createRedactor([]), now: Date.now });
  const { signal } = new AbortController();
  const ask = () =>
    box.activities.get('x.topology.get')!.run(question, { key: 'E1.1', signal, deadline: Date.now() + 60_000 });
  return { ask, calls: () => calls };
}

describe('what a call keeps', () => {
  test('requests in order of path, however they were answered; what is left out is counted', () => {
    expect(keptRequests([])).toEqual({});
    expect(keptRequests([sent('/b'), sent('/a')])).toEqual({ requests: [sent('/a'), sent('/b')] });
    const many = Array.from({ length: 60 }, () => sent('/a', 2));
    expect(keptRequests(many)).toMatchObject({ requests: { length: 50 }, requestsMore: 20 });
  });

  test('what was sent over a wire is not tried again at the door; anything else is', async () => {
    const wired = asked([sent('/a', 3)], true);
    const { requests, attempts } = await wired.ask();
    expect([requests, attempts, wired.calls()]).toEqual([[sent('/a', 3)], 1, 1]);
    const local = asked([], true);
    expect([(await local.ask()).attempts, local.calls()]).toEqual([3, 3]);
  });

  test('an answer that is taken over has cost nothing here', async () => {
    const { ask } = asked([sent('/a')]);
    const told: Event[] = [];
    const emit: Emit = (e) =>
      Promise.resolve(void told.push({ ...e, seq: told.length + 1, at: '2026-01-01T00:00:00Z' }));
    const activity = { name: 'x.topology.get', version: 1, run: ask };
    const engine = () =>
      localEngine({
        run: 'r',
        emit,
        blobs: { put: () => Promise.reject(new Error('small')), get: () => Promise.reject(new Error('small')) },
        past: [...told],
        activities: new Map([[activity.name, activity]]),
        signal: new AbortController().signal,
        now: Date.now,
      });
    const o = { step: 's', capability: 'topology.get', why: '', deadline: Date.now() + 60_000 };
    await engine().call('E1.1', activity.name, question, o);
    await engine().call('E2.1', activity.name, question, o);
    const finished = told.flatMap((e) => (e.type === 'call.finished' ? [[e.key, e.requests?.length]] : []));
    expect(finished).toEqual([
      ['E1.1', 1],
      ['E2.1', undefined],
    ]);
  });

  test('two equal questions at once were one request', async () => {
    const { ask } = asked([sent('/a')]);
    const both = await Promise.all([ask(), ask()]);
    expect(both.map((r) => r.requests?.length)).toEqual([1, undefined]);
  });
});

describe.skipIf(!['prometheus', 'promtool'].every(peer))('an investigation over the wire', () => {
  let prometheus: Peer;
  let proxy: FaultProxy;
  let fault: ((url: string) => Fault | undefined) | undefined;
  const home = tempFolder();
  const cli = (...args: string[]) => inquest(args, { home });
  const { now } = JSON.parse(readFileSync(join(DEMO, 'bundle.json'), 'utf8')) as { now: string };
  const at = Date.parse(now);
  const investigate = (...more: string[]) =>
    cli('investigate', join(DEMO, 'alert.json'), '--prometheus', proxy.url, '--now', now, '-q', ...more);

  beforeAll(async () => {
    const times = Array.from({ length: 240 }, (_, i) => at - (240 - i) * 15_000);
    prometheus = await prometheusWith(gauge('queue_length', { service: 'orders' }, times, (t) => (t / 15_000) % 7));
    proxy = await faultProxy(prometheus.url, ({ url }) => fault?.(url));
  });
  afterAll(async () => {
    await proxy?.stop();
    await prometheus?.stop();
  });

  test('counts in text, Markdown and JSON what the server saw, and verifies without asking anything', async () => {
    const before = proxy.seen.length;
    const ran = await investigate('--json');
    const report = JSON.parse(ran.stdout) as { run: string; requests: Record<string, number> };
    const n = proxy.seen.length - before;
    expect(n).toBeGreaterThan(3);
    expect(report.requests).toEqual({ prometheus: n });
    const line = `Requests: prometheus ${n}`;
    expect((await cli('report', report.run, '--format', 'text')).stdout).toContain(line);
    expect((await cli('report', report.run, '--format', 'markdown')).stdout).toContain(`${line}.`);

    const journal = readFileSync(join(home, 'inquest/runs', report.run, 'journal.ndjson'), 'utf8');
    const calls = journal.split('\n').filter((l) => l.includes('"call.finished"'));
    const requests = calls.flatMap((l) => (JSON.parse(l) as { requests?: SentRequest[] }).requests ?? []);
    expect(requests.reduce((sum, r) => sum + r.tries, 0)).toBe(n);
    expect(new Set(requests.map((r) => r.path).filter((p) => !/^\/api\/v1\/[a-z_:/]+$/.test(p)))).toEqual(new Set());

    const quiet = proxy.seen.length;
    const verified = await cli('replay', '--verify', report.run, '--json');
    expect([verified.code, JSON.parse(verified.stdout).same, proxy.seen.length]).toEqual([0, true, quiet]);
    // A note concludes anew on the same answers: nothing is sent, the count stays.
    const resumed = await cli('resume', report.run, '--note', 'seen', '--json', '-q');
    expect([JSON.parse(resumed.stdout).requests, proxy.seen.length]).toEqual([{ prometheus: n }, quiet]);
  });

  test('goes through the proxy of the config, whose password appears nowhere', async () => {
    const gate = await tunnel('me:p4ss-of-the-proxy');
    const config = join(home, 'proxied.json');
    const source = { type: 'prometheus', url: proxy.url, proxy: { env: 'THE_PROXY' } };
    writeFileSync(config, JSON.stringify({ sources: { metrics: source } }));
    const env = { THE_PROXY: gate.url.replace('//', '//me:p4ss-of-the-proxy@') };
    const args = ['investigate', join(DEMO, 'alert.json'), '--config', config, '--now', now, '--json'];
    const ran = await inquest(args, { home, env });
    await gate.stop();
    const { run, requests } = JSON.parse(ran.stdout) as { run: string; requests: Record<string, number> };
    expect(requests.metrics).toBeGreaterThan(3);
    expect(gate.through.length).toBeGreaterThan(0);
    const journal = readFileSync(join(home, 'inquest/runs', run, 'journal.ndjson'), 'utf8');
    expect(ran.stdout + ran.stderr + journal).not.toContain('p4ss-of-the-proxy');
  });

  test('goes on with what it has when the server fails now and then, and counts the further tries', async () => {
    let i = 0;
    fault = () => (i++ % 4 === 3 ? faults.hangUp : undefined);
    const before = proxy.seen.length;
    const ran = await investigate('--json');
    fault = undefined;
    const { requests, evidence } = JSON.parse(ran.stdout) as {
      requests: Record<string, number>;
      evidence: { requests?: SentRequest[] }[];
    };
    expect(requests.prometheus).toBe(proxy.seen.length - before);
    expect(evidence.flatMap((e) => e.requests ?? []).some((r) => r.tries > 1)).toBe(true);
    expect([0, 10]).toContain(ran.code);
  });

  test.each<[string, Fault, RegExp]>([
    ['a rate limit for an hour', says(429, 'slow down', { 'retry-after': '3600' }), /limits our rate \(429\)/],
    ['a login page', faults.page, /text\/html, not JSON/],
    ['no permission', says(403, 'forbidden'), /forbids this read \(403\)/],
    ['a server that echoes headers', faults.echo, /refused the question \(400\)/],
  ])('%s on one path: the rest is asked, and it is named as not checked', async (_case, broken, said) => {
    fault = (url) => (url.startsWith('/api/v1/query_range') ? broken : undefined);
    const ran = await investigate('--json');
    fault = undefined;
    const { notChecked } = JSON.parse(ran.stdout) as { notChecked: { what: string; why: string }[] };
    expect([0, 4, 10]).toContain(ran.code);
    expect(notChecked.map((n) => n.why).join('\n')).toMatch(said);
    expect(ran.stdout + ran.stderr).not.toMatch(/\n\s+at /);
  });
});
