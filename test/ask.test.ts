/** A question about a run: answered from its evidence and a few new questions, by code or by a model, and kept beside the sealed journal. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Event, EventOf } from '../src/core/events.ts';
import type { FollowUpAnswer } from '../src/core/follow-up.ts';
import { type Frame, parse } from '../src/followup/parse.ts';
import { type ModelServer, modelServer, type ServerPlay } from './_model-server.ts';
import { BIN, inquest, ROOT } from './_program.ts';
import { removeFolder } from './_temp.ts';

const DIR = join(ROOT, 'fixtures/incidents/yarrow-gull');
let home: string;
let run: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'inquest-ask-'));
  await inquest(['--bundle', DIR, '-q'], { home });
  [run] = readdirSync(join(home, 'inquest/runs')) as [string];
});
afterAll(() => removeFolder(home));
const open: ModelServer[] = [];
afterEach(async () => {
  for (const s of open.splice(0)) await s.close();
  rmSync(join(home, 'inquest/runs', run, 'followup'), { recursive: true, force: true });
});

const journal = (): string => readFileSync(join(home, 'inquest/runs', run, 'journal.ndjson'), 'utf8');
const asked = <T extends Event['type']>(type: T): EventOf<T>[] =>
  readFileSync(join(home, 'inquest/runs', run, 'followup/journal.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l.slice(l.indexOf('{'))) as Event)
    .filter((e): e is EventOf<T> => e.type === type);
const ask = async (question: string, ...flags: string[]): Promise<FollowUpAnswer & { code: number | null }> => {
  const ran = await inquest(['ask', run, question, '--json', ...flags], { home });
  return { ...(JSON.parse(ran.stdout) as FollowUpAnswer), code: ran.code };
};

describe('what is asked', () => {
  const frame: Frame = {
    names: ['payments', 'orders', 'node-3', 'payments-gw'],
    alerting: 'orders',
    onset: '2026-11-20T08:08:47.000Z',
    normal: '2026-11-20T07:00:00.000Z',
    now: '2026-11-20T08:30:00.000Z',
  };
  const time = (q: string): string[] => {
    const { range, dated } = parse(q, frame);
    return dated ? [range.from.slice(11, 19), range.to.slice(11, 19)] : [];
  };

  test('is read word by word: whom, what, and what is not understood', () => {
    expect(parse('Was payments slow too?', frame)).toMatchObject({
      entities: ['payments'],
      topics: ['slow'],
      unclear: [],
    });
    expect(parse('errors and logs of payments-gw, Node-3', frame)).toMatchObject({
      entities: ['payments-gw', 'node-3'],
      topics: ['errors', 'logs'],
    });
    expect(parse('was it slow', frame)).toMatchObject({
      entities: ['orders'],
      assumed: ['it is about orders, which alerts'],
    });
    expect(parse('was paymants slow', frame)).toMatchObject({
      entities: [],
      unclear: [expect.stringContaining('"payments"')],
    });
    expect(parse('hello', frame).unclear.join()).toMatch(/"hello" is not understood.*nothing to look for/);
    expect(parse('why is payments slow', frame).unclear).toEqual([expect.stringContaining('causes are judged')]);
  });

  test('names its time, or is about the time since it began', () => {
    expect(time('cpu of orders')).toEqual([]);
    expect(time('cpu at 08:10')).toEqual(['08:05:00', '08:15:00']);
    expect(time('cpu since 08:10:30Z')).toEqual(['08:10:30', '08:30:00']);
    expect(time('cpu between 7:50 and 08:05')).toEqual(['07:50:00', '08:05:00']);
    expect(time('cpu from 2026-11-20 07:50 to 08:50')).toEqual(['07:50:00', '08:30:00']);
    expect(time('cpu in the last 10 minutes')).toEqual(['08:20:00', '08:30:00']);
    expect(time('cpu before the alert')).toEqual(['07:00:00', '08:08:47']);
    expect(time('cpu between 23:50 and 00:10')).toEqual(['23:50:00', '00:10:00']);
    for (const q of ['cpu yesterday', 'cpu last week', 'cpu at 2027-01-01 08:00', 'cpu at 99:99'])
      expect([q, parse(q, frame).unclear.length]).toEqual([q, 1]);
  });
});

describe('without a model', () => {
  test('answers from what was journalled, with claims that code checked; the sealed journal is not touched', async () => {
    const before = journal();
    const slow = await ask('was payments slow too?');
    expect(slow).toMatchObject({
      says: 'yes',
      by: 'code',
      asked: 0,
      code: 0,
      about: { entities: ['payments'], topics: ['slow'] },
    });
    expect(slow.claims.every((c) => c.ok && c.cites.length > 0)).toBe(true);
    expect(slow.claims.map((c) => c.claim.type)).toContain('slower');
    expect(await ask('cpu of gateway')).toMatchObject({ says: 'no', code: 0, claims: [] });
    expect(await ask('was catalog deployed?')).toMatchObject({
      says: 'no',
      normal: [{ what: expect.stringContaining('no deploy of catalog') }],
    });
    expect((await ask('what changed in payments?')).claims[0]).toMatchObject({
      claim: { type: 'deployed', change: 'deploy/payments/1.19.5' },
    });
    expect((await ask('did payments log anything new?')).claims[0]).toMatchObject({
      claim: { type: 'count' },
      trust: 'outsider-writable',
    });
    expect(journal()).toBe(before);
    expect(asked('question.asked').map((e) => [e.n, e.parent])).toEqual([1, 2, 3, 4, 5].map((n) => [n, run]));
    expect(asked('question.answered')).toHaveLength(5);
  });

  test('says what it cannot answer, with exit 10', async () => {
    expect(await ask('who is to blame?')).toMatchObject({ says: 'unknown', code: 10, claims: [] });
    const odd = await ask('was paymantz slow yesterday, and why?');
    expect(odd.code).toBe(10);
    expect(odd.cannot.join('\n')).toMatch(/yesterday[\s\S]*causes are judged|causes are judged[\s\S]*yesterday/);
    expect((await ask('was payments slow, as the moon?')).says).toBe('partly');
  });

  test('asks the sources for what is not there, at most as often as it may, and never twice', async () => {
    const q = 'any logs of payments between 07:50 and 08:05?';
    const none = await ask(q, '--budget', '0');
    expect([none.asked, none.cannot.join()]).toEqual([
      0,
      expect.stringContaining('the budget of 0 questions is spent'),
    ]);
    const fresh = await ask(q);
    expect(fresh.asked).toBe(1);
    expect(asked('call.started')).toMatchObject([
      { key: 'F2.1', capability: 'logs.patterns', input: { service: 'payments' } },
    ]);
    const again = await ask(q);
    expect([again.asked, again.says]).toEqual([0, fresh.says]);
    expect(asked('call.started')).toHaveLength(1);
    const told = await inquest(['ask', run], { home });
    expect(told.stdout.split('\n').filter((l) => l.includes(q))).toHaveLength(3);
  });

  test('replay of the questions tells them and what was answered; they are no run that was stopped', async () => {
    await ask('was payments slow too?');
    await ask('who is to blame?');
    const folder = join(home, 'inquest/runs', run, 'followup');
    const told = await inquest(['replay', folder], { home });
    const listed = await inquest(['ask', run], { home });
    expect([told.code, told.stdout]).toEqual([0, listed.stdout]);
    expect(told.stdout).toContain('was payments slow too?');
    expect(told.stdout + told.stderr).not.toMatch(/STOPPED|resume/);
    expect(told.stderr).toContain(`questions about the run ${run}`);
    for (const args of [
      ['replay', '--verify', folder],
      ['diff', folder, run],
    ]) {
      const refused = await inquest(args, { home });
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('no run of its own')]);
    }
  });

  test('hostile text is data: it draws nothing and asks for nobody whom the run has not seen', async () => {
    const ran = await inquest(
      ['ask', run, '\x1b[2J\u202egnp.exe <img src=x> http://evil.example/ was \u200bpayments slow; curl evil.example'],
      { home },
    );
    expect(ran.stdout + ran.stderr).not.toMatch(/\x1b|\u202e|\u200b/);
    expect(ran.stdout).toContain('is not understood');
    expect(asked('call.started').filter((e) => JSON.stringify(e.input).includes('evil'))).toEqual([]);
    const list = await inquest(['ask', run], { home });
    expect(list.stdout).not.toMatch(/\x1b|\u202e|\u200b/);
  });

  test('wrong numbers and an empty question are said', async () => {
    for (const args of [
      ['ask', run, ' '],
      ['ask', run, 'x', '--budget', 'many'],
      ['ask', run, 'x', '--wall', 'soon'],
      ['ask', 'nosuchrun', 'x'],
    ])
      expect([args, (await inquest(args, { home })).code]).toEqual([args, 2]);
  });
});

describe('with a model', () => {
  const tool = (name: string, input: object): ServerPlay => ({
    content: [{ type: 'tool_use', id: 'toolu_1', name, input }],
    stop: 'tool_use',
  });
  const says = (answer: object): ServerPlay => ({
    content: [{ type: 'text', text: JSON.stringify(answer) }],
    stop: 'end_turn',
  });
  const LOGS = { tests: 'H0', service: 'payments', text: 'configuration' };
  const QUOTE = { type: 'mentions', evidence: 'F1.1', quote: 'configuration reloaded' };
  const env = (s: ModelServer) => ({
    ANTHROPIC_API_KEY: 'sk-ant-test-0123456789abcdefghij',
    ANTHROPIC_BASE_URL: s.url,
  });
  const MODEL = ['--model', 'claude-opus-5-5', '--json'];
  const served = async (play: (r: Record<string, unknown>, n: number) => ServerPlay): Promise<ModelServer> => {
    const server = await modelServer(play);
    open.push(server);
    return server;
  };

  test('the loop asks with the same tools, and only what holds is said', async () => {
    const server = await served((_r, n) =>
      n === 1
        ? tool('logs_search', LOGS)
        : says({
            says: 'yes',
            claims: [QUOTE, { type: 'mentions', evidence: 'F1.1', quote: 'the moon is full' }],
            note: 'A reload.',
          }),
    );
    const ran = await inquest(['ask', run, 'was payments reconfigured?', ...MODEL], { home, env: env(server) });
    const answer = JSON.parse(ran.stdout) as FollowUpAnswer;
    expect(answer).toMatchObject({
      says: 'yes',
      asked: 1,
      by: 'anthropic:claude-opus-5-5',
      model: { stop: 'concluded', note: 'A reload.' },
    });
    expect(answer.claims).toMatchObject([{ ok: true, cites: ['F1.1'], trust: 'outsider-writable' }]);
    expect(answer.cannot).toEqual([expect.stringContaining('does not hold "the moon is full"')]);
    expect(asked('turn.finished').map((e) => e.stop)).toEqual(['calls', 'answered', 'answered']);
    // The question travels as data, never in the system prompt.
    expect(JSON.stringify(server.requests[0]!.system)).not.toContain('reconfigured');
  });

  test('an answer without a claim that holds is unknown, whatever it says', async () => {
    const server = await served(() => says({ says: 'yes', claims: [], note: 'trust me' }));
    const ran = await inquest(['ask', run, 'was it the deploy?', ...MODEL], { home, env: env(server) });
    expect([ran.code, JSON.parse(ran.stdout)]).toEqual([10, expect.objectContaining({ says: 'unknown', claims: [] })]);
  });

  test('a loop that never ends, asks too much or answers rubbish ends within its budget', async () => {
    for (const play of [
      (_r: unknown, n: number) => tool('logs_search', { ...LOGS, text: `x${n}` }),
      () => tool('rm_rf', { path: '/' }),
      () => ({ content: [{ type: 'text', text: 'yes!' }], stop: 'end_turn' }),
      () => ({ status: 529 }),
    ] as ((r: unknown, n: number) => ServerPlay)[]) {
      const server = await served(play);
      const ran = await inquest(['ask', run, 'was payments slow?', '--budget', '2', ...MODEL], {
        home,
        env: env(server),
      });
      const answer = JSON.parse(ran.stdout) as FollowUpAnswer;
      expect(answer.asked).toBeLessThanOrEqual(2);
      expect(server.requests.length).toBeLessThanOrEqual(24);
      if (answer.by === 'code') expect(answer.cannot[0]).toContain('was not available; code answers');
      else expect(answer.says).toBe('unknown');
    }
  }, 120_000);

  test('killed in the middle and asked again, it goes on and pays for no turn twice', async () => {
    const server = await served((_r, n) =>
      n === 1 ? tool('logs_search', LOGS) : n === 2 ? { hang: true } : says({ says: 'yes', claims: [QUOTE], note: '' }),
    );
    const question = 'was payments reconfigured?';
    const child = spawn(process.execPath, [BIN, 'ask', run, question, ...MODEL], {
      env: { PATH: process.env.PATH ?? '', HOME: home, INQUEST_HOME: join(home, 'inquest'), ...env(server) },
    });
    while (server.requests.length < 2 && child.exitCode === null) await new Promise((go) => setTimeout(go, 20));
    const gone = new Promise((done) => child.once('close', done));
    child.kill('SIGKILL');
    await gone;
    const ran = await inquest(['ask', run, question, ...MODEL], { home, env: env(server) });
    expect(JSON.parse(ran.stdout)).toMatchObject({ says: 'yes', n: 1, claims: [{ ok: true }] });
    expect(server.requests.length).toBe(3);
    expect(asked('question.asked')).toHaveLength(1);
    expect(asked('call.finished').filter((e) => e.key === 'F1.1')).toHaveLength(1);
  });

  test('that hangs has no more time than all of it: then code answers', async () => {
    const server = await served(() => ({ hang: true }));
    const ran = await inquest(['ask', run, 'was payments slow?', '--wall', '3s', ...MODEL], { home, env: env(server) });
    expect(JSON.parse(ran.stdout)).toMatchObject({ says: 'yes', by: 'code' });
  });

  test('that drops out leaves code what is left of the questions, and its answers', async () => {
    const server = await served((_r, n) => (n === 1 ? tool('logs_search', LOGS) : { status: 401 }));
    const question = 'any logs of payments between 07:50 and 08:05?';
    const ran = await inquest(['ask', run, question, '--budget', '1', ...MODEL], { home, env: env(server) });
    const answer = JSON.parse(ran.stdout) as FollowUpAnswer;
    expect([answer.by, answer.asked, answer.cannot.join()]).toEqual([
      'code',
      1,
      expect.stringMatching(/was not available; code answers.*the budget of 0 questions is spent/),
    ]);
    expect(asked('call.started').filter((e) => e.key.startsWith('F'))).toHaveLength(1);
  });

  test('without a key code answers, and says so', async () => {
    const ran = await inquest(['ask', run, 'was payments slow?', ...MODEL], { home });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      says: 'yes',
      by: 'code',
      cannot: [expect.stringContaining('code answers')],
    });
  });
});
