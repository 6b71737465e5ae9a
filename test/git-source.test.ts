/** A git repository tells deploys, commits and diffs, and can make us run nothing. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Answers, Questions } from '../src/core/capabilities.ts';
import { UserError } from '../src/core/errors.ts';
import type { Answer } from '../src/core/types.ts';
import { type GitConfig, source } from '../src/sources/git.ts';
import type { ServiceConfig, SourceEnv } from '../src/tools/tool.ts';
import { removeFolder } from './_temp.ts';

const root = mkdtempSync(join(tmpdir(), 'inquest-git-'));
afterAll(() => removeFolder(root));

const DAY = '2026-03-02T';
const signal = new AbortController().signal;

interface Made {
  path: string;
  git(args: string[], at?: string): string;
  write(file: string, text: string): void;
  /** Writes files, commits them at this time, returns the SHA. */
  commit(at: string, title: string, files: Record<string, string>): string;
}

function repository(name: string): Made {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  const git = (args: string[], at = `${DAY}09:00:00Z`): string =>
    execFileSync('git', args, {
      cwd: path,
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'Ada Example',
        GIT_AUTHOR_EMAIL: 'ada@mail.example',
        GIT_COMMITTER_NAME: 'Ada Example',
        GIT_COMMITTER_EMAIL: 'ada@mail.example',
        GIT_AUTHOR_DATE: at,
        GIT_COMMITTER_DATE: at,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  git(['init', '--quiet', '--initial-branch=main']);
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  };
  const commit = (at: string, title: string, files: Record<string, string>) => {
    for (const [file, text] of Object.entries(files)) write(file, text);
    git(['add', '--all'], at);
    git(['commit', '--quiet', '--allow-empty', '-m', title], at);
    return git(['rev-parse', 'HEAD']);
  };
  return { path, git, write, commit };
}

const environment = (services: Record<string, ServiceConfig> = {}, now = `${DAY}12:00:00Z`): SourceEnv => ({
  cwd: root,
  fetch: () => Promise.reject(new Error('no network')),
  now: () => Date.parse(now),
  services,
});

async function ask(
  config: GitConfig,
  question: Partial<Questions['changes.list']> = {},
  env: SourceEnv = environment(),
): Promise<Answer<'changes.list'> & { changes: Answers['changes.list']['changes'] }> {
  const opened = await source.open('shop', config, env);
  const range = { from: `${DAY}10:00:00Z`, to: `${DAY}12:00:00Z` };
  const said = (await opened.tools[0]!.run({ ...range, ...question }, { signal })) as Answer<'changes.list'>;
  return { ...said, changes: said.data?.changes ?? [] };
}

/** Two services in one repository, two deploys in the window, configuration in the second. */
function shop(name: string) {
  const made = repository(name);
  const { git, commit } = made;
  commit(`${DAY}08:00:00Z`, 'start', {
    'orders/app.js': 'a\n',
    'gateway/app.js': 'a\n',
    'orders/config/db.yaml': 'pool: 10\n',
  });
  git(['tag', '-a', 'deploy/orders/v1', '-m', 'orders v1'], `${DAY}08:05:00Z`);
  git(['tag', '-a', 'deploy/gateway/v1', '-m', 'gateway v1'], `${DAY}08:05:00Z`);
  const gateway = commit(`${DAY}09:50:00Z`, 'gateway: faster', { 'gateway/app.js': 'b\n' });
  const pool = commit(
    `${DAY}10:10:00Z`,
    'orders: reduce db pool (#42)\n\nSaves connections.\n\nCo-authored-by: Bob <bob@mail.example>',
    {
      'orders/config/db.yaml': 'pool: 1\n',
    },
  );
  git(['tag', '-a', 'deploy/gateway/v2', '-m', 'deploy/gateway/v2', gateway], `${DAY}10:20:00Z`);
  git(['tag', '-a', 'deploy/orders/v2', '-m', 'deploy/orders/v2'], `${DAY}10:30:00Z`);
  return { ...made, gateway, pool };
}

test('deploys are the tags of the pattern, with the diff to the previous tag of the same service', async () => {
  const { path, pool } = shop('shop');
  const said = await ask({ path });
  expect(said.status).toBe('ok');
  expect(said.summary).toBe('2 deploys, 0 commits');
  expect(said.changes.map((c) => [c.time, c.kind, c.id, c.service])).toEqual([
    // Each brought one commit: that is the deploy itself, told once.
    [`${DAY}10:20:00.000Z`, 'deploy', 'deploy/gateway/v2', 'gateway'],
    [`${DAY}10:30:00.000Z`, 'deploy', 'deploy/orders/v2', 'orders'],
  ]);
  expect(said.changes.at(-1)).toEqual({
    id: 'deploy/orders/v2',
    time: `${DAY}10:30:00.000Z`,
    kind: 'deploy',
    service: 'orders',
    version: 'v2',
    previousVersion: 'v1',
    ref: pool,
    author: 'Ada Example',
    title: 'orders: reduce db pool (#42)',
    body: `1 commit since deploy/orders/v1; 1 file changed, +1 −1; 1 file of other services left out\n${pool.slice(0, 10)} orders: reduce db pool (#42)`,
    status: 'configuration only',
    deployed: [pool],
    files: [{ path: 'orders/config/db.yaml', patch: '@@ -1 +1 @@\n-pool: 10\n+pool: 1\n' }],
  });
});

test('no e-mail address leaves the repository', async () => {
  const { path } = shop('addresses');
  expect(JSON.stringify(await ask({ path }))).not.toContain('@mail.example');
});

test('the same question twice gives the same bytes, of a clone and of a bare mirror too', async () => {
  const { path, git } = shop('twice');
  const mirror = join(root, 'twice.git');
  git(['clone', '--quiet', '--mirror', path, mirror]);
  const first = await ask({ path });
  expect((await ask({ path })).changes).toEqual(first.changes);
  expect((await ask({ path: mirror })).changes).toEqual(first.changes);
});

test('asked for one service, changes of the others are left out and those of nobody stay', async () => {
  const { path, commit } = shop('one');
  commit(`${DAY}10:40:00Z`, 'shared: logging', { 'lib/log.js': 'x\n' });
  const said = await ask({ path }, { service: 'orders' });
  expect(said.changes.map((c) => [c.kind, c.service])).toEqual([
    ['deploy', 'orders'],
    ['commit', undefined],
  ]);
  const aliased = await ask({ path }, { service: 'order-api' }, environment({ 'order-api': { aliases: ['orders'] } }));
  expect(aliased.changes.filter((c) => c.kind === 'deploy').map((c) => c.id)).toEqual(['deploy/orders/v2']);
});

test('folders of the config say whose a commit is; the longest wins', async () => {
  const made = repository('paths');
  made.commit(`${DAY}10:10:00Z`, 'both', { 'src/a/x.js': '1\n', 'src/a/b/y.js': '1\n' });
  made.commit(`${DAY}10:20:00Z`, 'inner', { 'src/a/b/y.js': '2\n' });
  const services = { outer: { paths: ['./src/a/'] }, inner: { paths: ['src/a/b'] } };
  const all = await ask({ path: made.path }, {}, environment(services));
  expect(all.changes.map((c) => c.service)).toEqual([undefined, 'inner']);
  expect(all.changes[0]?.body).toContain('touches inner, outer');
  const outer = await ask({ path: made.path }, { service: 'outer' }, environment(services));
  expect(outer.changes.map((c) => [c.title, c.service])).toEqual([['both', 'outer']]);
});

test('a lightweight tag has no time of its own, and that is said', async () => {
  const made = repository('light');
  made.commit(`${DAY}09:00:00Z`, 'one', { a: '1\n' });
  made.git(['tag', 'v9']);
  made.commit(`${DAY}10:15:00Z`, 'two', { a: '2\n' });
  made.git(['tag', 'v10'], `${DAY}11:00:00Z`);
  const said = await ask({ path: made.path, tagPattern: 'v{version}', service: 'shop' });
  const deploy = said.changes.find((c) => c.kind === 'deploy');
  expect(deploy).toMatchObject({ service: 'shop', version: '10', previousVersion: '9', time: `${DAY}10:15:00.000Z` });
  expect(deploy?.body).toContain('lightweight and has no time of its own');
});

test('going back and deploying the same again are told as what they are', async () => {
  const made = repository('back');
  const one = made.commit(`${DAY}09:00:00Z`, 'one', { a: '1\n' });
  made.git(['tag', '-a', 'deploy/shop/v1', '-m', 'x'], `${DAY}09:01:00Z`);
  made.commit(`${DAY}09:30:00Z`, 'two', { a: '2\n' });
  made.git(['tag', '-a', 'deploy/shop/v2', '-m', 'x'], `${DAY}10:00:00Z`);
  made.git(['tag', '-a', 'deploy/shop/v1-again', '-m', 'roll back', one], `${DAY}10:30:00Z`);
  made.git(['tag', '-a', 'deploy/shop/v1-restart', '-m', 'x', one], `${DAY}10:40:00Z`);
  const deploys = (await ask({ path: made.path })).changes.filter((c) => c.kind === 'deploy');
  expect(deploys.map((c) => c.body?.split(';')[0])).toEqual([
    expect.stringMatching(/^1 commit since deploy\/shop\/v1$/),
    'goes back: 1 commit of deploy/shop/v2 is not in it',
    'same commit as deploy/shop/v1-again: deployed again, or only restarted',
  ]);
  expect(deploys[1]).toMatchObject({ title: 'shop v1-again: roll back', deployed: [], files: [{ path: 'a' }] });
});

test('without deploy tags merging is deploying: configuration and flags are changes of their own', async () => {
  const made = repository('gitops');
  made.commit(`${DAY}10:00:00Z`, 'code', { 'src/a.js': '1\n' });
  made.commit(`${DAY}10:01:00Z`, 'limits', { 'charts/shop/values.yaml': 'cpu: 1\n' });
  made.commit(`${DAY}10:02:00Z`, 'flag', { 'flags/checkout.json': '{}\n' });
  made.commit(`${DAY}10:03:00Z`, 'dependency', { 'package.json': '{}\n' });
  expect((await ask({ path: made.path })).changes.map((c) => c.kind)).toEqual(['commit', 'config', 'flag', 'commit']);
});

test('a merge is told once, when it landed, with all that it brought', async () => {
  const made = repository('merge');
  made.commit(`${DAY}08:00:00Z`, 'start', { a: '1\n' });
  made.git(['checkout', '--quiet', '-b', 'topic']);
  made.commit(`${DAY}09:00:00Z`, 'work', { b: '1\n' });
  made.git(['checkout', '--quiet', 'main']);
  made.git(['merge', '--quiet', '--no-ff', '-m', 'Merge pull request #7', 'topic'], `${DAY}10:30:00Z`);
  const said = await ask({ path: made.path });
  expect(said.changes).toMatchObject([
    { title: 'Merge pull request #7', files: [{ path: 'b', patch: '@@ -0,0 +1 @@\n+1\n' }] },
  ]);
});

test('nothing later than the moment of the investigation exists', async () => {
  const { path } = shop('clock');
  const said = await ask({ path }, {}, environment({}, `${DAY}10:25:00Z`));
  expect(said.changes.map((c) => c.id)).toContain('deploy/gateway/v2');
  expect(said.changes.map((c) => c.id)).not.toContain('deploy/orders/v2');
  const before = await ask({ path }, {}, environment({}, `${DAY}07:00:00Z`));
  expect([before.status, before.changes]).toEqual(['empty', []]);
});

test('asked and nothing there is empty; a repository without commits too', async () => {
  const { path } = shop('quiet');
  const range = { from: `${DAY}11:00:00Z`, to: `${DAY}12:00:00Z` };
  expect((await ask({ path }, range)).status).toBe('empty');
  expect((await ask({ path: repository('empty').path })).status).toBe('empty');
});

test('a bare repository whose HEAD names no branch still tells its commits', async () => {
  const { path, git, commit } = shop('dangling');
  const later = commit(`${DAY}10:40:00Z`, 'orders: not deployed yet', { 'orders/x.js': '1\n' });
  const bare = join(root, 'dangling.git');
  git(['clone', '--quiet', '--bare', path, bare]);
  writeFileSync(join(bare, 'HEAD'), 'ref: refs/heads/master\n');
  expect((await ask({ path: bare })).changes.map((c) => c.id)).toContain(later);
});

describe('limits', () => {
  test('at most 500 changes in 200 KiB, patches of 4 KiB and 64 KiB in all; what was left out is counted', async () => {
    const made = repository('large');
    const stream: string[] = [];
    const at = Date.parse(`${DAY}10:00:00Z`) / 1000;
    for (let i = 0; i < 700; i++) {
      const text = `${i}\n`.repeat(2000);
      stream.push(
        `commit refs/heads/main`,
        `committer Ada <ada@mail.example> ${at + i} +0000`,
        `data 9\nchange ${String(i % 100).padStart(2, '0')}`,
        `M 100644 inline file-${i % 7}.txt`,
        `data ${text.length}\n${text}`,
      );
    }
    execFileSync('git', ['fast-import', '--quiet'], { cwd: made.path, input: stream.join('\n') });
    const said = await ask({ path: made.path });
    expect(said.status).toBe('partial');
    expect(said.problem).toContain('only the newest 500 changes');
    expect(said.changes.length).toBeLessThanOrEqual(500);
    expect(JSON.stringify(said.data).length).toBeLessThan(220 * 1024);
    const patches = said.changes.flatMap((c) => c.files ?? []).flatMap((f) => f.patch ?? []);
    expect(Math.max(...patches.map((p) => p.length))).toBeLessThanOrEqual(4096);
    expect(patches.reduce((n, p) => n + p.length, 0)).toBeLessThanOrEqual(64 * 1024);
    expect(said.truncated).toMatchObject({ what: expect.stringContaining('patches') });
    expect(said.changes.at(-1)?.body).toContain('+2,000 −2,000');
  });

  test('strange names are names: options, quotes, line feeds and blanks in files, tags and messages', async () => {
    const made = repository('strange');
    const files = {
      '--output=x': '1\n',
      'with "quotes"': '1\n',
      'two words': '1\n',
      'line\nfeed': '1\n',
      ünï: '1\n',
      ':(glob)**': '1\n',
    };
    made.commit(`${DAY}09:00:00Z`, 'start', { a: '1\n' });
    made.git(['tag', '-a', 'deploy/shop/v1', '-m', 'x'], `${DAY}09:10:00Z`);
    made.commit(`${DAY}10:10:00Z`, '--exec=touch pwned\u0001\u0002', files);
    made.git(['tag', '-a', 'deploy/shop/--upload-pack=x', '-m', 'x'], `${DAY}10:20:00Z`);
    const said = await ask({ path: made.path });
    const deploy = said.changes.find((c) => c.kind === 'deploy');
    expect(deploy?.version).toBe('--upload-pack=x');
    expect(deploy?.files?.map((f) => f.path).sort()).toEqual(Object.keys(files).sort());
    expect(deploy?.files?.find((f) => f.path === 'ünï')?.patch).toBe('@@ -0,0 +1 @@\n+1\n');
    expect(existsSync(join(made.path, 'x'))).toBe(false);
  });
});

describe('nothing of the repository runs', () => {
  /** A repository in which everything that can name a program names one that leaves a file behind. */
  function trapped(name: string, more: (script: string) => Record<string, string> = () => ({})) {
    const made = shop(name);
    const script = join(root, `${name}.sh`);
    const fired = join(root, `${name}.fired`);
    writeFileSync(script, `#!/bin/sh\necho "$0 $@" >> ${fired}\ncat "$1" 2>/dev/null || true\n`);
    chmodSync(script, 0o755);
    const hooks = join(made.path, '.git', 'hooks');
    mkdirSync(hooks, { recursive: true });
    for (const hook of [
      'post-checkout',
      'pre-commit',
      'post-index-change',
      'reference-transaction',
      'fsmonitor-watchman',
    ]) {
      writeFileSync(join(hooks, hook), readFileSync(script));
      chmodSync(join(hooks, hook), 0o755);
    }
    made.write('.gitattributes', '* diff=trap filter=trap\n');
    made.git(['add', '.gitattributes']);
    made.git(['commit', '--quiet', '--no-verify', '-m', 'attributes'], `${DAY}10:45:00Z`);
    writeFileSync(join(made.path, '.git', 'info', 'attributes'), '* diff=trap filter=trap\n');
    // A signed commit, so that asking for signatures would call the signature program.
    const tree = made.git(['rev-parse', 'HEAD^{tree}']);
    const parent = made.git(['rev-parse', 'HEAD']);
    const at = Date.parse(`${DAY}10:50:00Z`) / 1000;
    const signed = `tree ${tree}\nparent ${parent}\nauthor A <a@mail.example> ${at} +0000\ncommitter A <a@mail.example> ${at} +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\nsigned\n`;
    const id = execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], {
      cwd: made.path,
      input: signed,
      encoding: 'utf8',
    });
    made.git(['update-ref', 'refs/heads/main', id.trim()]);
    const settings = {
      'core.fsmonitor': script,
      'core.hooksPath': hooks,
      'core.pager': script,
      'core.sshCommand': script,
      'core.alternateRefsCommand': script,
      'core.askPass': script,
      'core.editor': script,
      'diff.external': script,
      'diff.trap.command': script,
      'diff.trap.textconv': script,
      'filter.trap.clean': script,
      'filter.trap.smudge': script,
      'filter.trap.process': script,
      'filter.trap.required': 'true',
      'gpg.program': script,
      'log.showSignature': 'true',
      'pager.log': script,
      'pager.diff-tree': script,
      'uploadpack.packObjectsHook': script,
      'credential.helper': `!${script}`,
      'protocol.ext.allow': 'always',
      'protocol.allow': 'always',
    };
    for (const [key, value] of Object.entries({ ...settings, ...more(script) })) made.git(['config', key, value]);
    if (existsSync(fired)) unlinkSync(fired);
    return { ...made, fired };
  }

  test('hooks, monitors, external diffs, text conversions, signatures, pagers: none is called', async () => {
    const { path, fired } = trapped('traps');
    const said = await ask({ path });
    expect(said.changes.find((c) => c.id === 'deploy/orders/v2')?.files?.[0]?.patch).toContain('+pool: 1');
    expect(said.changes.map((c) => c.title)).toContain('signed');
    const opened = await source.open('shop', { path }, environment());
    expect((await opened.check({ signal })).map((c) => c.state)).toEqual(['ok', 'ok']);
    expect(existsSync(fired)).toBe(false);
    // The traps are real: git without our arguments walks into them.
    spawnSync('git', ['log', '-p', '--ext-diff', '--max-count=3'], { cwd: path });
    expect(readFileSync(fired, 'utf8').split('\n').length).toBeGreaterThan(1);
  });

  test('a missing object of a partial clone is not fetched', async () => {
    const { path, git, fired } = trapped('partial', (script) => ({
      'extensions.partialClone': 'evil',
      'remote.evil.url': `ext::${script} %S`,
      'remote.evil.promisor': 'true',
      'remote.evil.partialclonefilter': 'blob:none',
      'remote.evil.uploadpack': script,
      'core.repositoryformatversion': '1',
    }));
    const blob = git(['rev-parse', 'HEAD:orders/config/db.yaml']);
    unlinkSync(join(path, '.git', 'objects', blob.slice(0, 2), blob.slice(2)));
    const said = await ask({ path });
    expect(said.status).toBe('failed');
    expect(said.problem).toContain('git fsck');
    expect(existsSync(fired)).toBe(false);
  });

  test.skipIf(process.getuid?.() !== 0)('a repository of another user is read', async () => {
    const { path } = shop('foreign');
    execFileSync('chown', ['-R', '12345:12345', path]);
    expect((await ask({ path })).status).toBe('ok');
  });
});

describe('what cannot be read is said', () => {
  test('a path that is not there, or no folder, is refused at once', async () => {
    writeFileSync(join(root, 'file'), '');
    for (const path of ['nowhere', 'file', ''])
      await expect(source.open('shop', { path }, environment())).rejects.toThrow(UserError);
    await expect(source.open('shop', { path: '.', tagPattern: 'v' }, environment())).rejects.toThrow(
      'has no {version}',
    );
    await expect(source.open('shop', { path: '.', tagPattern: '{name}/{version}' }, environment())).rejects.toThrow(
      '{name}',
    );
  });

  test('a folder that is no repository answers failed, inside of another repository too', async () => {
    const { path } = shop('outer');
    mkdirSync(join(path, 'plain'));
    const said = await ask({ path: join(path, 'plain') });
    expect(said).toMatchObject({ status: 'failed', problem: expect.stringContaining('is not a git repository') });
    const opened = await source.open('shop', { path: join(path, 'plain') }, environment());
    expect(await opened.check({ signal })).toMatchObject([{ state: 'fail', fix: expect.stringContaining('"path"') }]);
  });

  test('git that is not installed, and a repository that is broken', async () => {
    const { path } = shop('broken');
    const missing = await ask({ path, git: join(root, 'no-such-git') });
    expect(missing).toMatchObject({ status: 'failed', problem: expect.stringContaining('git is not installed') });
    writeFileSync(join(path, '.git', 'config'), '[core\n');
    expect(await ask({ path })).toMatchObject({ status: 'failed', problem: expect.stringContaining('bad config') });
  });

  test('a shallow clone that does not reach the window is partial and says how to mend it', async () => {
    const { path, git } = shop('deep');
    const shallow = join(root, 'shallow');
    git(['clone', '--quiet', '--depth=1', `file://${path}`, shallow]);
    const said = await ask({ path: shallow });
    expect(said).toMatchObject({ status: 'partial', problem: expect.stringContaining('fetch --unshallow') });
  });

  test('a stopped question ends with the reason of its signal', async () => {
    const { path } = shop('stopped');
    const opened = await source.open('shop', { path }, environment());
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    const range = { from: `${DAY}10:00:00Z`, to: `${DAY}12:00:00Z` };
    await expect(opened.tools[0]!.run(range, { signal: stop.signal })).rejects.toThrow('stopped');
  });

  test('doctor names the tags that mean deploys, and what to set where none do', async () => {
    const { path } = shop('doctor');
    const checks = async (config: Partial<GitConfig>, service?: string) =>
      (await source.open('shop', { path, ...config }, environment())).check({
        signal,
        ...(service !== undefined && { service }),
      });
    expect((await checks({})).map((c) => `${c.state} ${c.detail}`)).toEqual([
      expect.stringMatching(/^ok repository, 1 branch, newest commit 1h50m ago/),
      `ok 4 deploys of gateway, orders; the newest is deploy/orders/v2 at ${DAY}10:30:00.000Z`,
    ]);
    expect((await checks({ tagPattern: 'v{version}' }))[1]).toMatchObject({
      state: 'warn',
      fix: expect.stringContaining('tagPattern'),
    });
    expect((await checks({}, 'payments'))[2]).toMatchObject({
      state: 'warn',
      fix: expect.stringContaining('services.payments.paths'),
    });
  });
});
