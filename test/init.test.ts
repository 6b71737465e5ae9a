/** The first two minutes: a new user in an empty home, with no key, a wrong one, one without scope, the right one. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { terminalAsker } from '../src/commands/_asker.ts';
import { loadConfig } from '../src/config/load.ts';
import type { Io } from '../src/core/ports.ts';
import { type Guarded, guardedPrometheus, RIGHT, WITHOUT_SCOPE, WRONG } from './_guarded-prometheus.ts';
import { peer } from './_peers.ts';
import { inquest } from './_program.ts';
import { tempFolder } from './_temp.ts';
import { atTerminal } from './_tmux.ts';

const CONFIG = 'inquest.config.json';
/** No variable of the machine that runs the tests speaks for a source. */
const BARE = { INQUEST_PROMETHEUS_BEARER: '' };
let server: Guarded;

beforeAll(async () => {
  server = await guardedPrometheus();
});
afterAll(() => server.close());

/** A project with one commit and a deploy tag, and the home around it. */
function project(): { home: string; cwd: string } {
  const home = tempFolder();
  const cwd = join(home, 'shop');
  mkdirSync(cwd);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd, stdio: 'ignore' });
  git('init', '-q');
  git('commit', '-q', '--allow-empty', '-m', 'first');
  git('tag', '-a', 'deploy/shop/1.0', '-m', 'deploy');
  return { home, cwd };
}

const answers = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');
const read = (cwd: string): { sources: Record<string, Record<string, unknown>> } =>
  JSON.parse(readFileSync(join(cwd, CONFIG), 'utf8'));
const keysIn = (home: string): string => join(home, 'inquest/keys');

describe('inquest init', () => {
  test('without a terminal says how it can be used, and exits 2', async () => {
    const { home, cwd } = project();
    const ran = await inquest(['init'], { home, cwd });
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(/--yes[\s\S]*--print[\s\S]*--answers/);
    expect(existsSync(join(cwd, CONFIG))).toBe(false);
  });

  test('--yes takes what is found, and the config is one that inquest reads', async () => {
    const { home, cwd } = project();
    const ran = await inquest(['init', '--yes'], { home, cwd, env: BARE });
    expect(ran.code).toBe(0);
    expect(read(cwd).sources).toEqual({ git: { type: 'git', path: '.' } });
    const doctor = await inquest(['doctor', '--json'], { home, cwd, env: BARE });
    expect(doctor.code).toBe(0);
    expect((JSON.parse(doctor.stdout) as { name: string }[]).map((s) => s.name)).toEqual(['inquest', 'git']);
  });

  test('--print writes nothing, and prints the config alone on stdout', async () => {
    const { home, cwd } = project();
    const ran = await inquest(['init', '--print'], { home, cwd, env: BARE });
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout).sources.git.type).toBe('git');
    expect(readdirSync(cwd)).toEqual(['.git']);
  });

  test('--yes never changes a config that is there, shows what would change, and does with --force', async () => {
    const { home, cwd } = project();
    const mine = `${JSON.stringify({ '//': 'ours', sources: { shop: { type: 'git', path: '../shop' } }, limits: { wall: '60s' } }, null, 2)}\n`;
    writeFileSync(join(cwd, CONFIG), mine);
    const ran = await inquest(['init', '--yes'], { home, cwd, env: BARE });
    expect([ran.code, readFileSync(join(cwd, CONFIG), 'utf8')]).toEqual([2, mine]);
    expect(ran.stderr).toMatch(/\+ {5}"git": \{/);
    expect((await inquest(['init', '--yes', '--force'], { home, cwd, env: BARE })).code).toBe(0);
    expect(read(cwd)).toMatchObject({ '//': 'ours', sources: { shop: {}, git: {} }, limits: { wall: '60s' } });
  });

  test('--schema prints a JSON Schema that knows every type of source and remarks, and init names it where it lies', async () => {
    const { home, cwd } = project();
    const ran = await inquest(['init', '--schema'], { home, cwd });
    const schema = JSON.parse(ran.stdout) as { properties: Record<string, object> };
    expect([ran.code, Object.keys(schema.properties)]).toEqual([0, expect.arrayContaining(['//', 'sources', 'model'])]);
    for (const type of ['prometheus', 'alertmanager', 'git', 'logfile']) expect(ran.stdout).toContain(`"${type}"`);
    writeFileSync(join(cwd, 'inquest.schema.json'), ran.stdout);
    await inquest(['init', '--yes'], { home, cwd, env: BARE });
    expect(read(cwd)).toMatchObject({ $schema: './inquest.schema.json', sources: { git: {} } });
    expect((await inquest(['doctor'], { home, cwd, env: BARE })).code).toBe(0);
  });

  test('a wrong key and one without scope are told with how to mend it; the right one goes to a file of the user alone', async () => {
    const { home, cwd } = project();
    const said = answers('n', '1', server.url, 'k', WRONG, 'k', WITHOUT_SCOPE, 'k', RIGHT, 'y');
    const ran = await inquest(['init', '--answers', '-'], { home, cwd, env: BARE, input: said });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(/wants credentials \(401\): no such token[\s\S]*the scope metrics:read is missing/);
    for (const key of [RIGHT, WRONG, WITHOUT_SCOPE]) expect(ran.stderr + ran.stdout).not.toContain(key);
    const file = join(keysIn(home), 'prometheus-bearer');
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([`${RIGHT}\n`, 0o600]);
    expect(statSync(keysIn(home)).mode & 0o777).toBe(0o700);
    expect(readdirSync(keysIn(home))).toEqual(['prometheus-bearer']);
    const written = readFileSync(join(cwd, CONFIG), 'utf8');
    expect(written).not.toContain(RIGHT);
    expect(read(cwd).sources.prometheus!.bearer).toEqual({ file: '~/inquest/keys/prometheus-bearer' });
    const before = server.answered.length;
    const doctor = await inquest(['doctor', 'prometheus'], { home, cwd, env: BARE });
    expect(doctor.stdout).toMatch(/✓ answers/);
    expect(server.answered.length).toBeGreaterThan(before);
  });

  test('a source that is there keeps its name and what was not asked; another of its type gets a name of its own', async () => {
    const { home, cwd } = project();
    const prom = { type: 'prometheus', url: server.url, bearer: { env: 'TOKEN' }, serviceLabel: 'app' };
    const old = { sources: { main: prom, git: { type: 'git', path: '../other' } } };
    writeFileSync(join(cwd, CONFIG), JSON.stringify(old));
    const git = (await orderOf(home, cwd)).indexOf('git') + 1;
    const said = answers(`1 ${git}`, '', 'k', RIGHT, '', 'y');
    const env = { ...BARE, TOKEN: 'x' };
    const ran = await inquest(['init', '--answers', '-'], { home, cwd, env, input: `n\n${said}` });
    expect(ran.code).toBe(0);
    expect(read(cwd).sources).toEqual({
      main: {
        type: 'prometheus',
        serviceLabel: 'app',
        url: server.url,
        bearer: { file: '~/inquest/keys/main-bearer' },
      },
      git: { type: 'git', path: '../other' },
      'git-2': { type: 'git', path: '.' },
    });
  });

  test('goes on without a source that cannot be reached', async () => {
    const { home, cwd } = project();
    const said = answers('n', '1 3', 'localhost', 'http://127.0.0.1:9', 's', '.', 'y');
    const git = String((await orderOf(home, cwd)).indexOf('git') + 1);
    const ran = await inquest(['init', '--answers', '-'], {
      home,
      cwd,
      env: BARE,
      input: said.replace('1 3', `1 ${git}`),
    });
    expect(ran.stderr).toMatch(/is no URL[\s\S]*refused the connection/);
    expect([ran.code, Object.keys(read(cwd).sources)]).toEqual([0, ['git']]);
  });

  test('a password in a URL leaves it, and is kept where keys are', async () => {
    const { home, cwd } = project();
    const url = server.url.replace('//', '//me:p%40ss-word-0815@');
    const said = answers('1', '', 'g', 'y');
    const env = { ...BARE, PROMETHEUS_URL: url };
    const ran = await inquest(['init', '--answers', '-'], { home, cwd, env, input: `n\n${said}` });
    expect(ran.code).toBe(0);
    expect(ran.stderr).not.toMatch(/p%40ss|p@ss/);
    expect(read(cwd).sources.prometheus).toEqual({
      type: 'prometheus',
      url: server.url,
      basic: { user: 'me', password: { file: '~/inquest/keys/prometheus-password' } },
    });
    expect(readFileSync(join(keysIn(home), 'prometheus-password'), 'utf8')).toBe('p@ss-word-0815\n');
  });

  test('answers that end too early write nothing', async () => {
    const { home, cwd } = project();
    const said = answers('n', '1', server.url, 'k', RIGHT);
    const ran = await inquest(['init', '--answers', '-'], { home, cwd, env: BARE, input: said });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/ended at: Write .*Nothing was written/s);
    expect([existsSync(join(cwd, CONFIG)), existsSync(keysIn(home))]).toEqual([false, false]);
  });

  test('a typed key is refused where it would lie in the repository', async () => {
    const { home, cwd } = project();
    const said = answers('n', '1', server.url, 'k', RIGHT);
    const env = { ...BARE, INQUEST_HOME: join(cwd, 'here') };
    const ran = await inquest(['init', '--answers', '-'], { home, cwd, env, input: said });
    expect([ran.code, readdirSync(cwd)]).toEqual([2, ['.git']]);
    expect(ran.stderr).toMatch(/inside of this repository/);
  });

  test('says what the environment and other tools hold, and never a value of it', async () => {
    const { home, cwd } = project();
    mkdirSync(join(home, '.config/gh'), { recursive: true });
    writeFileSync(
      join(home, '.config/gh/hosts.yml'),
      'github.com:\n    user: ada\n    oauth_token: gho_0123456789abcdef0123456789abcdef0123\n',
    );
    writeFileSync(
      join(home, '.dogrc'),
      '[Connection]\napikey = 0a1b2c3d4e5f60718293a4b5c6d7e8f9\nappkey = f0e1d2c3b4a5\n',
    );
    const env = { ...BARE, DD_API_KEY: 'dd-key-in-the-environment', GITHUB_TOKEN: 'ghp_in-the-environment' };
    const ran = await inquest(['init', '--answers', '-'], { home, cwd, env, input: answers('n', '0') });
    expect(ran.stderr).toMatch(/DD_API_KEY[\s\S]*GITHUB_TOKEN[\s\S]*github\.com as ada[\s\S]*\.dogrc/);
    expect(ran.stderr).not.toMatch(/in-the-environment|gho_|0a1b2c3d/);
    expect([ran.code, existsSync(join(cwd, CONFIG))]).toEqual([0, false]);
  });
});

/** The kinds in the order in which this build offers them. */
async function orderOf(home: string, cwd: string): Promise<string[]> {
  const ran = await inquest(['init', '--answers', '-'], { home, cwd, env: BARE, input: answers('n', '0') });
  return [...ran.stderr.matchAll(/^ {2}\d [* ] (.+?) {2}/gm)].map((m) => m[1]!.trim());
}

describe('a question at a terminal', () => {
  test('is answered by what is typed after it: the rest of a paste answers nothing, and a key is not echoed', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
    const stderr = new PassThrough();
    let shown = '';
    stderr.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    const asker = terminalAsker({ stdin, stderr, signal: new AbortController().signal } as unknown as Io);
    const first = asker.ask('First');
    stdin.write('one\rtwo\rthr');
    expect(await first).toBe('one');
    const second = asker.secret('Second', 'none');
    stdin.write(`${RIGHT}\r`);
    expect(await second).toBe(RIGHT);
    const third = asker.yes('Third', true);
    stdin.write('n\r');
    expect(await third).toBe(false);
    asker.close();
    expect(shown).not.toContain(RIGHT.slice(0, 5));
  });
});

describe('the config', () => {
  test('a key "//" is a remark anywhere, and "~/" the home folder', async () => {
    const home = tempFolder();
    writeFileSync(join(home, 'token'), 'a-token\n');
    const source = { '//': ['a', 'b'], type: 'prometheus', url: 'http://x', bearer: { file: '~/token' } };
    writeFileSync(join(home, CONFIG), JSON.stringify({ '//': 'x', sources: { a: source }, gate: { '//': 'y' } }));
    const config = await loadConfig({}, { HOME: home }, home, join(home, 'none.json'));
    expect([config.secrets, Object.keys(config.sources.a!.config)]).toEqual([['a-token'], ['url', 'bearer']]);
  });

  test('a source whose key is missing is left out; alone it is exit 3', async () => {
    const { home, cwd } = project();
    const broken = { type: 'prometheus', url: server.url, bearer: { env: 'NOT_SET' } };
    writeFileSync(join(cwd, CONFIG), JSON.stringify({ sources: { p: broken } }));
    const args = ['--text', 'checkout is slow', '--service', 'checkout', '-q'];
    const alone = await inquest(args, { home, cwd, env: BARE });
    expect([alone.code, alone.stderr]).toEqual([3, expect.stringMatching(/the variable NOT_SET is not set/)]);
    writeFileSync(join(cwd, CONFIG), JSON.stringify({ sources: { p: broken, g: { type: 'git', path: '.' } } }));
    const both = await inquest(args, { home, cwd, env: BARE });
    expect([both.code, both.stdout]).toEqual([10, expect.stringMatching(/Not checked[\s\S]*NOT_SET/)]);
  });
});

describe.skipIf(!peer('tmux'))('at a terminal of 80x24', { timeout: 120_000 }, () => {
  test('a key is typed unseen, and the config is written after the last answer', async () => {
    const { home, cwd } = project();
    const t = atTerminal(['init'], { home, cwd });
    try {
      await t.until(/Look for Prometheus and Alertmanager/);
      t.keys('n', 'Enter');
      await t.until(/Connect which\?.*: $/m);
      t.keys('1', 'Enter');
      await t.until(/URL \[http:\/\/127\.0\.0\.1:9090\]: $/m);
      t.keys('-l', server.url);
      t.keys('Enter');
      await t.until(/What now\?.*\[k\] $/m);
      t.keys('Enter');
      await t.until(/Bearer token/);
      t.keys('-l', RIGHT);
      t.keys('Enter');
      await t.until(/Write .*\[Y\/n\] $/m);
      expect(existsSync(join(cwd, CONFIG))).toBe(false);
      t.keys('Enter');
      await t.until(/Investigate now\?.*\[l\] $/m);
      t.keys('l', 'Enter');
      await t.until(/exit=0/);
      expect(t.everything()).not.toContain(RIGHT.slice(0, 8));
      expect(readFileSync(join(home, '.config/inquest/keys/prometheus-bearer'), 'utf8')).toBe(`${RIGHT}\n`);
      // Nothing of ours is wider than the screen.
      expect(
        t
          .everything()
          .split('\n')
          .filter((line) => !line.includes(home) && [...line].length > 80),
      ).toEqual([]);
    } finally {
      t.close();
    }
  });

  test('Ctrl-C leaves nothing behind, gives the terminal back, and exits 130', async () => {
    const { home, cwd } = project();
    const t = atTerminal(['init'], { home, cwd });
    try {
      await t.until(/Look for Prometheus/);
      t.keys('n', 'Enter');
      await t.until(/Connect which\?.*: $/m);
      t.keys('1', 'Enter');
      await t.until(/URL \[/);
      t.keys('-l', server.url);
      t.keys('Enter');
      await t.until(/What now\?/);
      t.keys('Enter');
      await t.until(/Bearer token/);
      t.keys('-l', RIGHT);
      t.keys('C-c');
      await t.until(/nothing was written[\s\S]*exit=130/);
      t.keys('echo typed-$((20+3))', 'Enter');
      await t.until(/^typed-23/m);
      expect([existsSync(join(cwd, CONFIG)), existsSync(join(home, '.config'))]).toEqual([false, false]);
    } finally {
      t.close();
    }
  });

  test('ends with the first investigation: the demo, live', async () => {
    const { home, cwd } = project();
    const t = atTerminal(['init', '--config', join(home, CONFIG)], { home, cwd });
    try {
      await t.until(/Look for Prometheus/);
      t.keys('Enter');
      await t.until(/Connect which\?.*: $/m);
      t.keys('Enter');
      await t.until(/Folder of the repository/);
      t.keys('Enter');
      await t.until(/Write .*\[Y\/n\] $/m);
      t.keys('Enter');
      await t.until(/Investigate now\?/);
      t.keys('d', 'Enter');
      await t.until(/exit=0/);
      expect(t.everything()).toMatch(/✓ VERDICT/);
    } finally {
      t.close();
    }
  });
});
