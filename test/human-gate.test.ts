/** A question to a person: asked once, open until its deadline through crashes, answered once, and never in the way of a run alone. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Event, EventOf } from '../src/core/events.ts';
import { type ModelServer, modelServer } from './_model-server.ts';
import { serverSolver } from './_policies.ts';
import { inquest, ROOT } from './_program.ts';
import { removeFolder } from './_temp.ts';

const NAME = 'yarrow-gull';
const DIR = join(ROOT, 'fixtures/incidents', NAME);
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'inquest-human-'));
});
afterAll(() => removeFolder(home));
const open: ModelServer[] = [];
afterEach(async () => {
  for (const s of open.splice(0)) await s.close();
});

interface Place {
  at: string;
  env: Record<string, string>;
  server: ModelServer;
  flags: string[];
}

/** A model that has two turns at most: before the second one more is asked for. */
async function place(within = '10m'): Promise<Place> {
  const server = await modelServer(serverSolver(NAME));
  open.push(server);
  const at = mkdtempSync(join(home, 'run-'));
  const config = join(at, 'config.json');
  const model = { name: 'claude-opus-5-5', budget: { turns: 2 } };
  writeFileSync(config, JSON.stringify({ model, agent: { askForBudget: true, answerWithin: within } }));
  const env = { ANTHROPIC_API_KEY: 'sk-ant-test-0123456789abcdefghij', ANTHROPIC_BASE_URL: server.url, USER: 'ada' };
  return { at, env, server, flags: ['--bundle', DIR, '--config', config] };
}

const runOf = ({ at }: Place): string => readdirSync(join(at, 'inquest/runs'))[0]!;
const eventsOf = (p: Place, run = runOf(p)): Event[] =>
  readFileSync(join(p.at, 'inquest/runs', run, 'journal.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line.slice(line.indexOf('{'))) as Event);
const ofType = <T extends Event['type']>(events: Event[], type: T): EventOf<T>[] =>
  events.filter((e): e is EventOf<T> => e.type === type);
const call = (p: Place, ...args: string[]) => inquest(args, { home: p.at, env: p.env });

describe('without a screen', () => {
  test('nobody is there, at once: the run goes on and ends as it would have', async () => {
    const p = await place();
    const ran = await call(p, ...p.flags, '--plain', '--json');
    expect(ran.code).toBe(0);
    const events = eventsOf(p);
    expect(ofType(events, 'human.asked')).toMatchObject([{ id: 'Q1', about: 'budget', otherwise: 'no' }]);
    expect(ofType(events, 'human.answered')).toMatchObject([{ id: 'Q1', choice: 'no', from: 'no one there' }]);
    expect(ran.stderr).toMatch(/asked .*Q1 until .*May it spend more\?/);
    const late = await call(p, 'answer', runOf(p), 'Q1', 'yes');
    expect([late.code, late.stderr]).toEqual([2, expect.stringContaining('answered already: no')]);
  });

  test('a run that was not allowed to ask asks nobody', async () => {
    const p = await place();
    writeFileSync(p.flags[3]!, JSON.stringify({ model: { name: 'claude-opus-5-5', budget: { turns: 2 } } }));
    await call(p, ...p.flags, '-q');
    expect(ofType(eventsOf(p), 'human.asked')).toEqual([]);
  });

  test('told to wait it ends with 11 and stays open; an answer from another process counts, once, and resume goes on', async () => {
    const p = await place();
    const first = await call(p, ...p.flags, '-q', '--wait-for-human');
    expect([first.code, first.stderr]).toEqual([
      11,
      expect.stringMatching(/\? waiting for a human.*Q1[\s\S]*inquest answer/),
    ]);
    expect(first.stdout).toBe('');
    const run = runOf(p);
    const listed = await call(p, 'answer', run);
    expect(listed.stdout).toMatch(new RegExp(`Q1 {2}.*\\n {2}inquest answer ${run.slice(-6)} Q1 yes `));
    for (const [args, says] of [
      [['Q2', 'yes'], 'has asked no Q2'],
      [['Q1', 'yess'], 'did you mean "yes"'],
      [['Q1', '\x1b[2Jyes'], 'is no answer'],
    ] as const) {
      const wrong = await call(p, 'answer', run, ...args);
      expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining(says)]);
      expect(wrong.stderr).not.toContain('\x1b');
    }
    const again = await call(p, 'resume', run, '-q');
    expect(again.code).toBe(11);
    const [one, two] = await Promise.all([call(p, 'answer', run, 'Q1', 'yes'), call(p, 'answer', run, 'q1', 'no')]);
    expect([one.code, two.code].sort()).toEqual([0, 2]);
    const won = one.code === 0 ? 'yes' : 'no';
    const paid = p.server.requests.length;
    const done = await call(p, 'resume', run, '-q', '--json');
    expect(done.code).toBe(0);
    const events = eventsOf(p);
    expect(ofType(events, 'human.asked')).toHaveLength(1);
    expect(ofType(events, 'human.answered')).toMatchObject([{ id: 'Q1', choice: won, from: 'command', who: 'ada' }]);
    expect(paid).toBe(1);
    const limit = ofType(events, 'budget.changed')
      .at(-1)!
      .meters!.find((m) => m.what === 'turns')!.limit;
    expect(limit).toBe(won === 'yes' ? 4 : 2);
  });

  test('a process that waits hears the answer of another one', async () => {
    const p = await place();
    let told: Promise<unknown> | undefined;
    const ran = await inquest([...p.flags, '-q', '--events', '--wait-for-human', '5m'], {
      home: p.at,
      env: p.env,
      watch(_child, stdout) {
        if (!told && stdout.includes('"type":"human.asked"')) told = call(p, 'answer', runOf(p), 'Q1', 'yes');
      },
    });
    expect(await told).toMatchObject({ code: 0, stderr: expect.stringContaining('the run goes on') });
    expect(ran.code).toBe(0);
    expect(ofType(eventsOf(p), 'human.answered')).toMatchObject([{ choice: 'yes', from: 'command' }]);
  });

  test('killed while it waits, it is the same question with the same deadline, answered once', async () => {
    const p = await place();
    await inquest([...p.flags, '-q', '--events', '--wait-for-human', '5m'], {
      home: p.at,
      env: p.env,
      watch(child, stdout) {
        if (stdout.includes('"type":"human.asked"')) child.kill('SIGKILL');
      },
    });
    const [asked] = ofType(eventsOf(p), 'human.asked');
    let killed = false;
    await inquest(['resume', '--last', '-q', '--events'], {
      home: p.at,
      env: p.env,
      watch(child, stdout) {
        if (killed || !stdout.includes('"type":"run.resumed"')) return;
        killed = true;
        child.kill('SIGKILL');
      },
    });
    expect((await call(p, 'answer', runOf(p), 'Q1', 'yes')).code).toBe(0);
    expect((await call(p, 'resume', '--last', '-q')).code).toBe(0);
    expect((await call(p, 'resume', '--last', '-q')).code).toBe(2);
    const events = eventsOf(p);
    expect(ofType(events, 'human.asked')).toEqual([asked]);
    expect(ofType(events, 'human.answered')).toMatchObject([{ choice: 'yes', from: 'command' }]);
    expect(p.server.requests.length).toBe(3);
  });

  test('past its deadline nobody can answer any more, and resume goes on without', async () => {
    const p = await place('1s');
    expect((await call(p, ...p.flags, '-q', '--wait-for-human')).code).toBe(11);
    const { deadline } = ofType(eventsOf(p), 'human.asked')[0]!;
    while (Date.now() < Date.parse(deadline)) await new Promise((go) => setTimeout(go, 50));
    const late = await call(p, 'answer', runOf(p), 'Q1', 'yes');
    expect([late.code, late.stderr]).toEqual([2, expect.stringContaining('was over')]);
    expect((await call(p, 'resume', '--last', '-q')).code).toBe(0);
    expect(ofType(eventsOf(p), 'human.answered')).toMatchObject([{ choice: 'no', from: 'deadline' }]);
  });
});

test('a run with a question replays, is verified and forked without asking anybody or paying again', async () => {
  const p = await place();
  await call(p, ...p.flags, '-q', '--wait-for-human');
  const run = runOf(p);
  await call(p, 'answer', run, 'Q1', 'yes');
  expect((await call(p, 'resume', run, '-q')).code).toBe(0);
  const paid = p.server.requests.length;
  const verified = await call(p, 'replay', '--verify', run);
  expect([verified.code, verified.stdout]).toEqual([0, verified.stdout]);
  const played = await call(p, 'replay', run, '--speed', '1000', '--plain');
  expect(played.stderr).toMatch(/asked .*Q1[\s\S]*answer .*Q1 yes \(command, ada\)/);
  const forked = await call(p, 'fork', run, '-q', '--json');
  expect(forked.code).toBe(0);
  expect(p.server.requests.length).toBe(paid);
  const other = readdirSync(join(p.at, 'inquest/runs')).find((name) => name !== run)!;
  const events = eventsOf(p, other);
  expect(ofType(events, 'human.asked')).toHaveLength(1);
  expect(ofType(events, 'human.answered')).toMatchObject([{ choice: 'yes' }]);
});
