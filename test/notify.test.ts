/** Who is told of a run is told once, edited in place where the medium allows it, and never by a run or a model. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { notifyServer, pagerduty } from './_notify-server.ts';
import { freePort, peerPackage } from './_peers.ts';
import { BIN, DEMO, inquest, type Ran } from './_program.ts';
import { tempFolder } from './_temp.ts';

const SECRETS = {
  GH: 'ghp_0123456789abcdefghijklmnopqrstuvwxyz',
  SLACK: 'xoxb-inquest-test-0123456789abcdef',
  PD: 'pd-secret-token-1234',
  HOOK: `whsec_${Buffer.from('a key of thirty-two bytes, no less').toString('base64')}`,
};

/** A home that holds one finished run of the demo's incident; copied for each test. */
const stored = tempFolder();
let RUN = '';
beforeAll(async () => {
  const { code } = await inquest(['--bundle', DEMO, '-q'], { home: stored });
  expect(code).toBe(0);
  [RUN = ''] = readdirSync(join(stored, 'inquest/runs'));
}, 60_000);

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
const kept = <T extends { close(): Promise<unknown> }>(server: T): T => {
  closing.push(() => server.close());
  return server;
};

/** A home with these notifiers. Every test checks at its end that none of their keys lies anywhere in it. */
function homeWith(notify: Record<string, unknown>): string {
  const home = tempFolder();
  cpSync(stored, home, { recursive: true });
  writeFileSync(join(home, 'inquest.config.json'), JSON.stringify({ notify }));
  closing.push(async () => {
    for (const file of filesBelow(home))
      for (const key of Object.values(SECRETS)) expect(readFileSync(file, 'utf8'), file).not.toContain(key);
  });
  return home;
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((e) =>
    e.isFile() ? [join(e.parentPath, e.name)] : [],
  );

async function run(home: string, ...args: string[]): Promise<Ran> {
  const ran = await inquest(args, { home, env: SECRETS });
  for (const key of Object.values(SECRETS)) expect(ran.stdout + ran.stderr).not.toContain(key);
  return ran;
}
const notify = (home: string, ...args: string[]): Promise<Ran> => run(home, 'notify', RUN.slice(-6), ...args);
const letters = (home: string): string[] => {
  const folder = join(home, 'inquest/dead-letters');
  return existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.json')) : [];
};
const dropReceipts = (home: string): void => {
  rmSync(join(home, 'inquest/runs', RUN, 'notify'), { recursive: true });
};
/** Concludes anew: another verdict, so another text. */
const again = (home: string, ...args: string[]): Promise<Ran> =>
  run(home, 'resume', RUN.slice(-6), '-q', '--note', 'deploy/orders/2.8.1 is innocent', ...args);

const api = peerPackage('emulate/dist/api.js');
interface Emulator {
  url: string;
  close(): Promise<void>;
}
async function emulator(service: string, seed: object): Promise<Emulator> {
  const { createEmulator } = (await import(pathToFileURL(api!).href)) as {
    createEmulator(o: object): Promise<Emulator>;
  };
  return kept(await createEmulator({ service, port: await freePort(), seed }));
}

describe.skipIf(!api)('github', () => {
  interface Comment {
    id: number;
    body: string;
    user: { login: string };
  }
  const STRANGER = 'ghp_strangerstrangerstrangerstranger';

  async function github(): Promise<{
    home: string;
    call(path: string, o?: RequestInit & { as?: string }): Promise<unknown>;
    comments(): Promise<Comment[]>;
  }> {
    const { url } = await emulator('github', {
      tokens: {
        [SECRETS.GH]: { login: 'inquest', scopes: ['repo'] },
        [STRANGER]: { login: 'stranger', scopes: ['repo'] },
      },
      github: {
        users: [{ login: 'inquest' }, { login: 'stranger' }],
        repos: [{ owner: 'inquest', name: 'shop', auto_init: true }],
      },
    });
    const call = async (path: string, o: RequestInit & { as?: string } = {}): Promise<unknown> => {
      const headers = { authorization: `Bearer ${o.as ?? SECRETS.GH}`, 'content-type': 'application/json' };
      const response = await fetch(`${url}/repos/inquest/shop/${path}`, { ...o, headers });
      expect(response.ok, `${path}: ${response.status}`).toBe(true);
      return response.status === 204 ? undefined : response.json();
    };
    const { number } = (await call('issues', { method: 'POST', body: '{"title":"checkout is down"}' })) as {
      number: number;
    };
    const home = homeWith({
      issue: { type: 'github', repo: 'inquest/shop', issue: number, token: { env: 'GH' }, url },
    });
    return { home, call, comments: async () => (await call(`issues/${number}/comments`)) as Comment[] };
  }

  test('one comment of a run: created, left alone, edited, found again by its mark, created again where it was deleted', async () => {
    const { home, call, comments } = await github();
    const first = await notify(home);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toMatch(
      /^notified issue: github inquest\/shop#1 at localhost:\d+ created {2}http\S+#issuecomment-\d+\n$/,
    );
    const [comment] = await comments();
    expect(comment!.body).toMatch(
      new RegExp(`^<!-- inquest run:${RUN} alert:[0-9a-f]{16} fired:1 -->\n<!-- inquest:${RUN} -->\n### VERDICT: `),
    );

    expect((await notify(home)).stdout).toContain('unchanged');
    expect(await comments()).toEqual([comment]);

    const edited = await again(home, '--notify', 'issue');
    expect(edited.code).toBe(0);
    expect(edited.stderr).toContain('notified issue: github inquest/shop#1');
    expect(edited.stderr).toContain('edited');
    const [changed, ...others] = await comments();
    expect([changed!.id, others]).toEqual([comment!.id, []]);
    expect(changed!.body).toContain('### VERDICT: orders is short of a resource');

    dropReceipts(home);
    expect((await notify(home)).stdout).toContain('edited');
    expect((await comments()).map((c) => c.id)).toEqual([comment!.id]);

    await call(`issues/comments/${comment!.id}`, { method: 'DELETE' });
    dropReceipts(home);
    expect((await notify(home)).stdout).toContain('created');
    expect(await comments()).toHaveLength(1);
  }, 60_000);

  test('a mark that somebody else wrote is not ours: their comment stays as it is', async () => {
    const { home, call, comments } = await github();
    const body = `<!-- inquest run:${RUN} alert:0123456789abcdef fired:1 -->\nall is well`;
    await call('issues/1/comments', { method: 'POST', body: JSON.stringify({ body }), as: STRANGER });
    expect((await notify(home)).stdout).toContain('created');
    const all = await comments();
    expect(all.map((c) => c.user.login)).toEqual(['stranger', 'inquest']);
    expect(all[0]!.body).toBe(body);
  }, 60_000);

  test('the same alert within half an hour is told in the same comment, which counts', async () => {
    const { home, comments } = await github();
    await notify(home);
    const second = await run(home, '--bundle', DEMO, '-q', '--notify', 'issue');
    expect(second.code).toBe(0);
    const [comment, ...others] = await comments();
    expect(others).toEqual([]);
    expect(comment!.body).toContain('fired:2');
    expect(comment!.body).toContain('Fired 2 times');
    expect(comment!.body).not.toContain(`run:${RUN}`);
  }, 60_000);

  test('two processes at once leave one comment', async () => {
    const { home, comments } = await github();
    const both = await Promise.all([notify(home), notify(home)]);
    expect(both.some((r) => r.stdout.includes('created'))).toBe(true);
    for (const r of both) expect(r.stdout + r.stderr).toMatch(/created|unchanged|is being written by process/);
    expect(await comments()).toHaveLength(1);
  }, 60_000);

  test('a repository that is not there, and a token that is refused, are said with a way to mend them', async () => {
    const { home } = await github();
    const config = join(home, 'inquest.config.json');
    const text = readFileSync(config, 'utf8');
    writeFileSync(config, text.replace('inquest/shop', 'inquest/none'));
    const lost = await notify(home);
    expect([lost.code, lost.stdout]).toEqual([4, '']);
    expect(lost.stderr).toMatch(
      /^! not notified, issue: github inquest\/none#1 \S+ \S+ answered 404.*\n {2}Check the target in the config.*\n {2}The message lies in \S+; again: inquest notify \w+ --retry\n$/,
    );
    expect(letters(home)).toEqual([`${RUN}.issue.json`]);
    expect(statSync(join(home, 'inquest/dead-letters', letters(home)[0]!)).mode & 0o777).toBe(0o600);
  }, 60_000);
});

describe.skipIf(!api)('slack', () => {
  interface Message {
    ts: string;
    text: string;
    blocks: unknown;
    edited?: unknown;
  }
  async function slack(): Promise<{ url: string; messages(channel: string): Promise<Message[]> }> {
    const { url } = await emulator('slack', {
      tokens: { [SECRETS.SLACK]: { login: 'inquest', scopes: ['chat:write'] } },
      slack: {
        users: [{ name: 'inquest' }],
        channels: [{ name: 'ops' }, { name: 'general' }],
        incoming_webhooks: [{ channel: 'ops' }],
      },
    });
    const ask = async (method: string, form: Record<string, string> = {}): Promise<unknown> => {
      const headers = { authorization: `Bearer ${SECRETS.SLACK}` };
      const response = await fetch(`${url}/api/${method}`, {
        method: 'POST',
        headers,
        body: new URLSearchParams(form),
      });
      return response.json();
    };
    const { channels } = (await ask('conversations.list')) as { channels: { id: string; name: string }[] };
    return {
      url,
      async messages(channel) {
        const { id } = channels.find((c) => c.name === channel)!;
        return ((await ask('conversations.history', { channel: id })) as { messages: Message[] }).messages;
      },
    };
  }

  test('a bot writes one message of a run, with our blocks, and edits it', async () => {
    const { url, messages } = await slack();
    const home = homeWith({ chat: { type: 'slack', token: { env: 'SLACK' }, channel: 'ops', url } });
    const first = await notify(home);
    expect([first.code, first.stdout]).toEqual([0, 'notified chat: slack ops created\n']);
    const [message, ...others] = await messages('ops');
    expect(others).toEqual([]);
    const report = JSON.parse((await run(home, 'report', RUN.slice(-6), '--format', 'slack')).stdout) as Message;
    expect(message).toMatchObject({ text: report.text, blocks: report.blocks });

    expect((await notify(home)).stdout).toContain('unchanged');
    await again(home, '--notify', 'chat');
    const [edited, ...more] = await messages('ops');
    expect([edited!.ts, more]).toEqual([message!.ts, []]);
    expect(edited!.text).toMatch(/^VERDICT: orders is short/);
    expect(edited!.edited).toBeDefined();
  }, 60_000);

  test('an incoming webhook, whose address is a secret, gets the message once', async () => {
    const { url, messages } = await slack();
    const address = `${url}/services/T000000001/B000000001/X000000001`;
    const home = homeWith({ chat: { type: 'slack', webhook: { file: 'address' } } });
    writeFileSync(join(home, 'address'), `${address}\n`);
    const first = await notify(home);
    expect(first.stdout).toMatch(/^notified chat: slack webhook localhost:\d+ \([0-9a-f]{8}\) created\n$/);
    expect(first.stdout + first.stderr).not.toContain('X000000001');
    expect((await notify(home)).stdout).toContain('unchanged');
    const told = (await messages('general')).filter((m) => m.text.startsWith('VERDICT: '));
    expect(told).toHaveLength(1);
    await again(home, '--notify', 'chat');
    expect((await messages('general')).map((m) => m.text.slice(0, 16))).toContain('VERDICT: orders ');
  }, 60_000);
});

test('pagerduty: one note of a verdict, found again where its receipt is lost', async () => {
  const pd = kept(await pagerduty('PT4KHLK'));
  const home = homeWith({
    page: {
      type: 'pagerduty',
      incident: { env: 'INCIDENT' },
      from: 'dana@acme.example',
      token: { env: 'PD' },
      url: pd.url,
    },
  });
  const unset = await notify(home);
  expect([unset.code, unset.stderr]).toEqual([
    3,
    expect.stringContaining('notify.page.incident: the variable INCIDENT is not set'),
  ]);
  const env = { ...SECRETS, INCIDENT: 'PT4KHLK' };
  const tell = (...args: string[]): Promise<Ran> => inquest(args, { home, env });
  expect((await tell('notify', RUN.slice(-6))).stdout).toContain('created');
  expect((await tell('notify', RUN.slice(-6))).stdout).toContain('unchanged');
  dropReceipts(home);
  expect((await tell('notify', RUN.slice(-6))).code).toBe(0);
  expect(pd.notes).toHaveLength(1);
  expect(pd.notes[0]!.content).toMatch(/^VERDICT: deploy\/orders\/2\.8\.1 broke orders/);
  expect(pd.notes[0]!.content.length).toBeLessThanOrEqual(1000);
  await tell('resume', RUN.slice(-6), '-q', '--note', 'deploy/orders/2.8.1 is innocent', '--notify', 'page');
  expect(pd.notes.map((n) => n.content.split(':')[1])).toEqual([
    ' deploy/orders/2.8.1 broke orders',
    ' orders is short of a resource',
  ]);
}, 60_000);

const verifier = peerPackage('standardwebhooks/dist/index.js');
test.skipIf(!verifier)(
  'webhook: a receiver of the specification accepts the signature, and sees one id for all tries',
  async () => {
    const { Webhook } = (await import(pathToFileURL(verifier!).href)) as {
      Webhook: new (secret: string) => { verify(body: string, headers: Record<string, string>): unknown };
    };
    const server = kept(await notifyServer(() => ({ status: 200, body: {} })));
    const home = homeWith({ hook: { type: 'webhook', url: `${server.url}/in/quest`, secret: { env: 'HOOK' } } });
    server.faults.push({ status: 500 }, { reset: true, after: true });
    expect((await notify(home)).stdout).toMatch(/^notified hook: webhook 127\S+\/in\/quest created\n$/);
    expect(server.sent).toHaveLength(3);
    expect(new Set(server.sent.map((s) => `${s.headers['webhook-id']} ${s.body}`)).size).toBe(1);
    const { headers, body } = server.sent[2]!;
    const event = new Webhook(SECRETS.HOOK).verify(body, headers as Record<string, string>) as {
      type: string;
      data: Record<string, unknown>;
    };
    expect(event).toMatchObject({
      type: 'inquest.run.finished',
      data: { run: RUN, outcome: { kind: 'cause', change: 'deploy/orders/2.8.1' } },
    });
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
    expect(() =>
      new Webhook(SECRETS.HOOK).verify(body.replace('cause', 'healthy'), headers as Record<string, string>),
    ).toThrow();
  },
  60_000,
);

test('file: a report as a file, whole, one of a run', async () => {
  const home = homeWith({
    page: { type: 'file', folder: 'reports', format: 'html' },
    notes: { type: 'file', folder: 'reports' },
  });
  const { stdout } = await notify(home);
  expect(stdout.split('\n').filter(Boolean)).toHaveLength(2);
  expect(readdirSync(join(home, 'reports')).sort()).toEqual([`inquest-${RUN}.html`, `inquest-${RUN}.md`]);
  expect(readFileSync(join(home, 'reports', `inquest-${RUN}.html`), 'utf8')).toMatch(
    /^<!doctype html>[\s\S]*<\/html>\n$/,
  );
  await again(home, '--notify', 'notes');
  expect(readdirSync(join(home, 'reports'))).toHaveLength(2);
  expect(readFileSync(join(home, 'reports', `inquest-${RUN}.md`), 'utf8')).toContain('orders is short of a resource');
}, 60_000);

describe('what fails', () => {
  const hook = async () => {
    const server = kept(await notifyServer(() => ({ status: 200, body: {} })));
    const home = homeWith({ hook: { type: 'webhook', url: server.url, secret: { env: 'HOOK' } } });
    return { server, home };
  };

  test('passes: 500 and 429 are tried again, after the pause that was asked for', async () => {
    const { server, home } = await hook();
    server.faults.push({ status: 500 }, { status: 429, headers: { 'retry-after': '2' } });
    const begun = performance.now();
    expect((await notify(home)).stdout).toContain('created');
    expect(performance.now() - begun).toBeGreaterThan(3000);
    expect(server.sent).toHaveLength(3);
    expect(letters(home)).toEqual([]);
  }, 60_000);

  test.each([
    ['500 for ever', [{ status: 500 }, { status: 500 }, { status: 500 }], 3, 'answered 500'],
    ['a longer pause than we wait', [{ status: 429, headers: { 'retry-after': '600' } }], 1, 'asks for a pause of 10m'],
    ['a target that is gone', [{ status: 410 }], 1, 'answered 410'],
    ['a redirect', [{ status: 302, headers: { location: 'https://evil.example/' } }], 1, 'Redirects are not followed'],
    ['no credential', [{ status: 401, body: '{"message":"who are you?"}' }], 1, 'answered 401: who are you?'],
  ])(
    'lies as a letter, and is sent again when it is asked for: %s',
    async (_what, faults, tries, why) => {
      const { server, home } = await hook();
      server.faults.push(...faults);
      const failed = await notify(home);
      expect([failed.code, failed.stdout]).toEqual([4, '']);
      expect(failed.stderr).toContain(why);
      expect(server.sent).toHaveLength(tries);
      expect(letters(home)).toEqual([`${RUN}.hook.json`]);
      expect((await run(home, 'notify', '--retry', '--dry-run')).stdout).toContain(`${RUN}\thook\t`);

      const sent = await run(home, 'notify', '--retry');
      expect([sent.code, sent.stdout]).toEqual([0, expect.stringContaining('created')]);
      expect(server.sent.at(-1)!.body).toBe(server.sent[0]!.body);
      expect(letters(home)).toEqual([]);
      expect((await run(home, 'notify', '--retry')).stderr).toBe('nothing waits to be sent again\n');
    },
    60_000,
  );

  test('a server that is not there; and the letter of a run that was removed meanwhile', async () => {
    const port = await freePort();
    const home = homeWith({ hook: { type: 'webhook', url: `http://127.0.0.1:${port}`, secret: { env: 'HOOK' } } });
    expect((await notify(home)).stderr).toContain('cannot be reached (ECONNREFUSED)');
    rmSync(join(home, 'inquest/runs', RUN), { recursive: true });
    const server = kept(await notifyServer(() => ({ status: 204, body: {} }), port));
    expect((await run(home, 'notify', '--retry')).stdout).toContain('created');
    expect(server.sent).toHaveLength(1);
    expect((await run(home, 'list')).stdout).toBe('');
  }, 60_000);

  test('what may have arrived is looked up before it is sent again', async () => {
    const pd = kept(await pagerduty('PT4KHLK'));
    const home = homeWith({
      page: { type: 'pagerduty', incident: 'PT4KHLK', from: 'dana@acme.example', token: { env: 'PD' }, url: pd.url },
    });
    pd.faults.push({ reset: true, after: true });
    expect((await notify(home)).stdout).toContain('created');
    expect(pd.notes).toHaveLength(1);
  }, 60_000);

  test('where nobody can look it is not sent again until a person says so', async () => {
    const server = kept(await notifyServer(() => ({ status: 200, body: 'ok' })));
    const home = homeWith({ chat: { type: 'slack', webhook: { file: 'address' } } });
    writeFileSync(join(home, 'address'), `${server.url}/services/T/B/X`);
    server.faults.push({ reset: true });
    const first = await notify(home);
    expect(first.stderr).toContain('it may have arrived all the same');
    expect((await notify(home)).stderr).toContain('an earlier try may have arrived');
    expect(server.sent).toHaveLength(1);
    expect((await notify(home, '--retry')).stdout).toContain('created');
    expect((await notify(home)).stdout).toContain('unchanged');
    expect(server.sent).toHaveLength(2);
  }, 60_000);

  test('a silent server: ten seconds, then a letter; a killed process leaves a note that it was sending', async () => {
    const server = kept(await notifyServer(() => ({ status: 200, body: 'ok' })));
    const home = homeWith({ chat: { type: 'slack', webhook: { file: 'address' } } });
    writeFileSync(join(home, 'address'), `${server.url}/services/T/B/X`);
    server.faults.push({ hang: true }, { hang: true });
    expect((await notify(home)).stderr).toContain('gave no answer within 10s; it may have arrived all the same');

    rmSync(join(home, 'inquest/dead-letters'), { recursive: true });
    dropReceipts(home);
    const env = { PATH: process.env.PATH ?? '', HOME: home, INQUEST_HOME: join(home, 'inquest') };
    const child: ChildProcess = spawn(process.execPath, [BIN, 'notify', RUN], { cwd: home, env, stdio: 'ignore' });
    const gone = new Promise((done) => child.once('exit', done));
    await expect.poll(() => server.sent.length, { timeout: 20_000 }).toBe(2);
    child.kill('SIGKILL');
    await gone;
    expect((await notify(home)).stderr).toContain('an earlier try may have arrived');
    expect(server.sent).toHaveLength(2);
  }, 60_000);

  test('of a finished run that does not go on is nothing: that nobody was told is said', async () => {
    const { server, home } = await hook();
    const ran = await run(home, 'resume', RUN.slice(-6), '-q', '--notify', 'hook');
    expect([ran.code, server.sent.length]).toEqual([0, 0]);
    expect(ran.stderr).toContain(`! nobody was notified: inquest notify ${RUN.slice(-6)} --to hook`);
  }, 60_000);

  test('costs a run neither its exit code nor its report', async () => {
    const { server, home } = await hook();
    server.faults.push({ status: 404 });
    const ran = await run(home, '--bundle', DEMO, '-q', '--notify', 'hook');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('VERDICT');
    expect(ran.stderr).toContain('! not notified, hook: ');
  }, 60_000);
});

describe('before anything is asked', () => {
  test('a wrong name is said; a notifier that cannot work troubles only who uses it', async () => {
    const home = homeWith({
      hook: { type: 'webhook', url: 'https://hooks.example/x', secret: { env: 'NOT_SET' } },
      plain: { type: 'slack', token: { env: 'SLACK' }, channel: 'ops', url: 'http://slack.example' },
      short: { type: 'webhook', url: 'https://hooks.example/x', secret: 'tiny' },
      odd: { type: 'file', folder: 'x', format: 'pdf' },
    });
    const before = readdirSync(join(home, 'inquest/runs')).length;
    const wrong = async (...names: string[]): Promise<[number | null, string]> => {
      const { code, stderr } = await run(home, '--bundle', DEMO, '-q', ...names.flatMap((n) => ['--notify', n]));
      return [code, stderr];
    };
    expect(await wrong('hok')).toEqual([
      2,
      '✗ no notifier is named "hok"\n  Did you mean "hook"?\n  Known: hook, plain, short, odd\n',
    ]);
    expect(await wrong('hook')).toEqual([
      3,
      expect.stringContaining('notify.hook.secret: the variable NOT_SET is not set'),
    ]);
    expect(await wrong('plain')).toEqual([2, expect.stringContaining('would send its credential in plain text')]);
    expect(await wrong('short')).toEqual([2, expect.stringContaining('a secret of 4 bytes: it must have 24 to 64')]);
    expect(await wrong('odd')).toEqual([2, expect.stringContaining('there is no report format named "pdf"')]);
    expect(readdirSync(join(home, 'inquest/runs'))).toHaveLength(before);
    expect((await run(home, 'list')).code).toBe(0);
  }, 60_000);

  test('mistakes in the config are explained', async () => {
    const home = homeWith({
      a: { type: 'slak' },
      b: { type: 'github', repo: 'shop', issue: 1, token: 'x', labels: [] },
    });
    const { code, stderr } = await run(home, 'notify', RUN.slice(-6));
    expect(code).toBe(2);
    expect(stderr).toContain('notify.a.type: there is no type "slak"; did you mean "slack"?');
    expect(stderr).toContain('notify.b.repo: is no "owner/name"');
    expect(stderr).toContain('notify.b: there is no key "labels"');
    const none = await run(homeWith({}), 'notify', RUN.slice(-6));
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('there is nobody to notify')]);
  }, 60_000);

  test('a dry run shows what would be sent, and sends nothing', async () => {
    const server = kept(await notifyServer(() => ({ status: 200, body: {} })));
    const home = homeWith({
      hook: { type: 'webhook', url: server.url, secret: { env: 'HOOK' } },
      notes: { type: 'file', folder: 'reports' },
    });
    const { code, stdout, stderr } = await notify(home, '--dry-run');
    expect(code).toBe(0);
    expect(stderr).toMatch(/would notify hook: webhook 127\S+ \(json, \d+ characters\)/);
    expect(stdout).toContain('### VERDICT: ');
    expect(server.sent).toEqual([]);
    expect(existsSync(join(home, 'reports'))).toBe(false);
  }, 60_000);
});
