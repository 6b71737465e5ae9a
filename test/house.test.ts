/** The house: who may import whom, read from the import lines. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

const ALL = readdirSync(SRC).filter((name) => statSync(join(SRC, name)).isDirectory());

/** Rows of the import table in ARCHITECTURE.md; every folder may import itself. */
const MAY: Record<string, string[]> = {
  core: [],
  safety: ['core'],
  config: ['core', 'safety'],
  journal: ['core'],
  alerts: ['core'],
  analysis: ['core'],
  claims: ['core', 'analysis'],
  tools: ['core', 'safety'],
  models: ['core', 'safety'],
  reports: ['core', 'safety'],
  notifiers: ['core', 'safety'],
  ui: ['core', 'safety'],
  sinks: ['core', 'safety', 'journal', 'ui'],
  sources: ['core', 'safety', 'tools', 'analysis'],
  steps: ['core', 'analysis'],
  workflow: ['core', 'tools', 'analysis', 'claims'],
  agent: ['core', 'safety', 'tools', 'claims', 'workflow'],
  followup: ['core', 'safety', 'tools', 'claims', 'workflow', 'agent'],
  engines: ['core', 'journal'],
  eval: ['core', 'analysis', 'app'],
  ci: ['core'],
  serve: ['core', 'safety', 'alerts', 'reports', 'app'],
  app: ALL.filter((folder) => !['commands', 'serve', 'eval'].includes(folder)),
  commands: ALL,
};

/** Plug-in folders: a plug-in never imports another one; `_x` is shared inside the folder. */
const PLUGINS = ['alerts', 'sources', 'steps', 'models', 'engines', 'reports', 'notifiers'];

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
  text: string;
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? filesBelow(join(dir, e.name)) : /\.tsx?$/.test(e.name) ? [join(dir, e.name)] : [],
  );
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?[^'"`;]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g,
  );
  return [...found].map((m) => ({ from: file, to: m[2] ?? m[3] ?? '', typeOnly: Boolean(m[1]), text: m[0].trim() }));
}

const files = filesBelow(SRC);
const imports = files.flatMap(importsOf);
const folderOf = (file: string): string => {
  const [first, ...rest] = relative(SRC, file).split('/');
  return rest.length === 0 ? '' : first!;
};
const show = (i: Import): string => `${relative(SRC, i.from)} imports ${i.to}`;

describe('the house', () => {
  test('has only rooms that the table knows', () => {
    expect(ALL.filter((folder) => !(folder in MAY))).toEqual([]);
  });

  test('imports only as the table allows', () => {
    const wrong = imports.filter((i) => {
      if (!i.to.startsWith('.')) return false;
      const [from, to] = [folderOf(i.from), folderOf(resolve(dirname(i.from), i.to))];
      return from !== '' && from !== to && !MAY[from]?.includes(to);
    });
    expect(wrong.map(show)).toEqual([]);
  });

  test('lets only app and commands load what writes to others, so that no step and no model reaches it', () => {
    const below = files.filter((f) => !['app', 'commands', 'serve', 'notifiers', ''].includes(folderOf(f)));
    const naming = below.filter((f) =>
      /notifiers\//.test(readFileSync(f, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')),
    );
    expect(naming.map((f) => relative(SRC, f))).toEqual([]);
    const agent = imports.filter((i) => folderOf(i.from) === 'app' && /\/notify\.ts$/.test(i.to));
    expect(agent.filter((i) => /agent|desk|human/.test(relative(SRC, i.from))).map(show)).toEqual([]);
  });

  test('has no plug-in that imports another plug-in', () => {
    const wrong = imports.filter((i) => {
      const folder = folderOf(i.from);
      if (!PLUGINS.includes(folder) || !i.to.startsWith('.')) return false;
      const target = resolve(dirname(i.from), i.to);
      if (folderOf(target) !== folder) return false;
      const [name] = relative(join(SRC, folder), target).split('/').slice(-1);
      return !name!.startsWith('_');
    });
    expect(wrong.map(show)).toEqual([]);
  });

  test('touches the process in cli.ts only', () => {
    const wrong = files.filter((file) => {
      if (folderOf(file) === '') return false;
      const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      return /\bprocess\.(?!env\.NODE_ENV)|\bconsole\.|\bDate\.now\(\)/.test(code) && !file.endsWith('eval/worker.ts');
    });
    expect(wrong.map((f) => relative(SRC, f))).toEqual([]);
  });

  test('imports a heavy package in one file', () => {
    const heavy = [
      'ink',
      'fastify',
      'react',
      'zod',
      'yaml',
      'lowdb',
      'commander',
      '@secretlint/secretlint-rule-preset-recommend',
      'mdast-util-from-markdown',
      '@anthropic-ai/sdk',
      '@octokit/rest',
      '@datadog/datadog-api-client',
      '@restatedev/restate-sdk',
    ];
    // Deep paths count, each file once.
    const usersOf = (name: string): string[] => [
      ...new Set(
        imports.filter((i) => `${i.to}/`.startsWith(`${name}/`) && !i.typeOnly).map((i) => relative(SRC, i.from)),
      ),
    ];
    const users = heavy.map((name) => [name, usersOf(name)] as const);
    const shared = { ink: 3, react: 3, zod: 4 } as Record<string, number>;
    expect(
      users.filter(([name, by]) => by.length > (shared[name] ?? 2)).map(([name, by]) => `${name}: ${by.join(', ')}`),
    ).toEqual([]);
  });

  test("reaches Datadog's client from the worker alone", () => {
    const reached = (from: string, seen = new Set<string>()): Set<string> => {
      if (seen.has(from)) return seen;
      seen.add(from);
      for (const i of imports) {
        if (i.from === from && !i.typeOnly && i.to.startsWith('.')) reached(resolve(dirname(from), i.to), seen);
      }
      return seen;
    };
    const client = join(SRC, 'sources/datadog/_package.ts');
    const entries = ['sources/datadog/_open.ts', 'sources/datadog.ts'].map((f) => join(SRC, f));
    expect(entries.filter((f) => reached(f).has(client))).toEqual([]);
    expect(reached(join(SRC, 'sources/datadog/_worker.ts')).has(client)).toBe(true);
  });

  test('speaks to systems through the wire only', () => {
    const wrong = files.filter((file) => {
      const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      return folderOf(file) === 'sources' && /(?<![.\w])fetch\(|env\.fetch|WebSocket/.test(code);
    });
    expect(wrong.map((f) => relative(SRC, f))).toEqual([]);
  });

  test('runs other programs in one file only, with fixed arguments', () => {
    const wrong = imports.filter((i) => /^node:(child_process|vm|net|http|https|dgram|tls)$/.test(i.to) && !i.typeOnly);
    const allowed = [/^sources\/_git-/, /^sources\/_http/, /^sources\/_wire/, /^eval\//, /^serve\/worker/];
    expect(wrong.filter((i) => !allowed.some((a) => a.test(relative(SRC, i.from)))).map(show)).toEqual([]);
  });
});
