/** The parts of the GitHub source that decide by themselves: names of servers and repositories, owners, diffs turned round. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config/load.ts';
import type { UserError } from '../src/core/errors.ts';
import { turned } from '../src/sources/github/_compare.ts';
import { reposOf, serverOf } from '../src/sources/github/_config.ts';
import { ownersOf } from '../src/sources/github/_owners.ts';
import { source } from '../src/sources/github.ts';
import { tempFolder } from './_temp.ts';

const PAGES = 'https://github.com';

describe('the config', () => {
  test('understands the address of a repository however it is written', () => {
    const written = [
      'acme/shop',
      'https://github.com/acme/shop',
      'https://github.com/acme/shop.git',
      'https://github.com/acme/shop/pull/5?a=b#c',
      'git@github.com:acme/shop.git',
      'ssh://git@github.com/acme/shop',
    ];
    for (const text of written)
      expect(reposOf('github', [text], PAGES)).toEqual([{ owner: 'acme', name: 'shop', full: 'acme/shop' }]);
    expect(reposOf('github', written, PAGES)).toHaveLength(1);
    expect(reposOf('github', ['https://ghe.example/a/b.c'], 'https://ghe.example')[0]?.full).toBe('a/b.c');
  });

  test('says what is no repository, and which server would be meant', () => {
    const said = (repos: unknown): string => {
      try {
        reposOf('github', repos, PAGES);
      } catch (e) {
        return [(e as UserError).message, ...(e as UserError).hints].join(' ');
      }
      return 'nothing';
    };
    for (const text of [
      'shop',
      'acme/shop/deep',
      'acme/..',
      '../shop',
      'acme/',
      '',
      'a b/c',
      'acme/sh op',
      'https://github.com/acme',
    ])
      expect(said([text]), text).toMatch(/is no repository: write owner\/name/);
    expect(said(['https://ghe.example/acme/shop'])).toContain('not on https://github.com: set "url" to its server');
    for (const none of [undefined, [], 'acme/shop']) expect(said(none)).toContain('needs "repos"');
    expect(said(Array.from({ length: 11 }, (_, i) => `acme/shop${i}`))).toContain('at most 10');
  });

  test('finds the API of github.com, of a tenant and of an own server', () => {
    const base = (url?: string): string[] => {
      const { origin, pages } = serverOf('github', url);
      return [origin.base, pages];
    };
    const own = ['https://ghe.example:8443/api/v3', 'https://ghe.example:8443'];
    expect(base()).toEqual(['https://api.github.com', PAGES]);
    expect(base('https://github.com/')).toEqual(base());
    expect(base('https://api.github.com')).toEqual(base());
    expect(base('https://acme.ghe.com')).toEqual(['https://api.acme.ghe.com', 'https://acme.ghe.com']);
    for (const url of ['https://ghe.example:8443', 'https://ghe.example:8443/', 'https://ghe.example:8443/api/v3'])
      expect(base(url)).toEqual(own);
    expect(() => base('https://ghe.example/acme/shop')).toThrow(/has a "url" with a path/);
  });

  test('a file with mistakes is told where and what; the token and the password of a proxy are known secrets', async () => {
    const load = (github: object) => {
      const cwd = tempFolder();
      writeFileSync(
        join(cwd, 'inquest.config.json'),
        JSON.stringify({ sources: { github: { type: 'github', ...github } } }),
      );
      return loadConfig({}, { T: 'ghp_secret' }, cwd, join(cwd, 'none.json'));
    };
    const hints = (github: object): Promise<string> =>
      load(github).then(
        () => 'nothing',
        (e: UserError) => e.hints.join(' '),
      );
    expect(await hints({ repos: 'acme/shop' })).toContain('sources.github.repos: is no list such as ["owner/name"]');
    expect(await hints({ repos: [] })).toContain('names no repository');
    expect(await hints({ repos: ['a/b'], tagpattern: 'v{version}' })).toContain('did you mean "tagPattern"?');
    const proxy = 'http://me:p%40ss-word@proxy.example:3128';
    const config = await load({ repos: ['acme/shop'], token: { env: 'T' }, proxy });
    expect(config.secrets).toEqual(['ghp_secret', proxy, 'p%40ss-word', 'p@ss-word']);
    expect(JSON.stringify(config.sources.github!.config.token)).not.toContain('ghp_secret');
  });

  test('a pattern that cannot be one ends before anything is asked', async () => {
    const env = { cwd: '/', fetch, now: () => 0, services: {} };
    await expect(source.open('github', { repos: ['a/b'], tagPattern: 'deploy' }, env)).rejects.toThrow(
      /has no \{version\}/,
    );
  });
});

test('Octokit is loaded with the first question, so a run without GitHub never does', () => {
  const folder = join(import.meta.dirname, '../src/sources/github');
  const lines = readdirSync(folder).flatMap((f) => readFileSync(join(folder, f), 'utf8').split('\n'));
  const named = lines.filter((line) => line.includes("'@octokit/"));
  expect(named.filter((line) => !line.startsWith('import type '))).toEqual([
    "    const { Octokit: Made } = await import('@octokit/rest');",
  ]);
});

describe('code owners', () => {
  const owners = (text: string, ...paths: string[]): string[] => ownersOf(text, paths);

  test('the last rule that fits wins, as in the examples of the documentation', () => {
    const text = [
      '# comment',
      '*       @all',
      '*.js    @js-owner # inline',
      '/build/logs/ @octo',
      'docs/*  docs@example.com',
      'apps/ @octocat',
      '/docs/ @doctocat',
      '/scripts/ @doctocat @octocat',
      '**/logs @logs',
      '/apps/ @octocat',
      '/apps/github',
    ].join('\n');
    const cases: [path: string, owners: string[]][] = [
      ['README.md', ['@all']],
      ['src/a.js', ['@js-owner']],
      ['build/logs/x.txt', ['@logs']],
      ['docs/getting-started.md', ['@doctocat']],
      ['docs/build-app/troubleshooting.md', ['@doctocat']],
      ['scripts/x.sh', ['@doctocat', '@octocat']],
      ['deeply/nested/logs', ['@logs']],
      ['apps/y.go', ['@octocat']],
      ['apps/github', []],
      ['apps/github/z.go', []],
    ];
    for (const [path, expected] of cases) expect(owners(text, path), path).toEqual(expected);
    expect(owners('docs/* @a', 'docs/x.md', 'docs/deep/y.md', 'other/docs/z.md')).toEqual(['@a']);
    expect(owners('docs/* @a', 'docs/deep/y.md')).toEqual([]);
    expect(owners('/a\\ b.txt @a', 'a b.txt')).toEqual(['@a']);
    expect(owners('a.c @a', 'abc')).toEqual([]);
  });

  test('a hostile file is read in the time that its length takes', () => {
    const stars = `${'*a'.repeat(60)}b @x\n`;
    const rules = `${stars.repeat(100)}${'**/'.repeat(60)}c @z\n${'x'.repeat(9000)} @y`;
    expect(owners(rules, 'a'.repeat(4000), 'a/'.repeat(500))).toEqual([]);
  });
});

test('a diff that is turned round twice is itself', () => {
  const patch = '@@ -1,3 +1,4 @@ function f() {\n a\n-b\n+c\n+d\n e\n\\ No newline at end of file';
  expect(turned(patch)).toBe('@@ -1,4 +1,3 @@ function f() {\n a\n+b\n-c\n-d\n e\n\\ No newline at end of file');
  expect(turned(turned(patch))).toBe(patch);
});
