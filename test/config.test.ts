/** What a person wrote wrongly ends before anything is asked, with what to write instead. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type ConfigFlags, loadConfig } from '../src/config/load.ts';
import type { UserError } from '../src/core/errors.ts';
import { keyOf } from '../src/core/model.ts';
import { tempFolder } from './_temp.ts';

const load = (flags: ConfigFlags, env: Record<string, string> = {}, cwd = tempFolder()) =>
  loadConfig(flags, env, cwd, join(cwd, 'user.json'));

async function mistake(flags: ConfigFlags, env: Record<string, string> = {}, cwd?: string): Promise<string[]> {
  const error = await load(flags, env, cwd).then(
    () => undefined,
    (e: UserError) => e,
  );
  expect(error).toMatchObject({ name: 'UserError', exit: 2 });
  return [error?.message ?? '', ...(error?.hints ?? [])];
}

test('a secret prints as its name, and every secret is known to the redaction', async () => {
  const cwd = tempFolder();
  const sources = {
    a: { type: 'prometheus', url: 'http://me:p%40ss-word@x', bearer: { env: 'TOKEN' } },
    b: { type: 'alertmanager', url: 'http://y', basic: { user: 'me', password: 'written-down' } },
  };
  writeFileSync(join(cwd, 'inquest.config.json'), JSON.stringify({ sources }));
  const config = await load({}, { TOKEN: 'from-the-environment' }, cwd);
  expect(config.secrets).toEqual(['from-the-environment', 'written-down', 'p%40ss-word', 'p@ss-word']);
  const printed = `${inspect(config.sources, { depth: 9 })} ${JSON.stringify(config.sources)}`;
  expect(printed).not.toMatch(/from-the-environment|written-down/);
  expect(printed).toContain('[secret:TOKEN]');
});

test('a line break around a key of the environment is none of it, as init has it', async () => {
  const cwd = tempFolder();
  const sources = { dd: { type: 'datadog', apiKey: { env: 'A' }, appKey: { env: 'B' } } };
  writeFileSync(join(cwd, 'inquest.config.json'), JSON.stringify({ sources }));
  expect((await load({}, { A: 'key-of-a\n', B: ' key-of-b' }, cwd)).secrets).toEqual(['key-of-a', 'key-of-b']);
  const { sources: empty } = await load({}, { A: '\n', B: 'x' }, cwd);
  expect(empty.dd!.broken).toMatchObject({ exit: 3, message: expect.stringContaining('the variable A is not set') });
});

test.each([
  [`{"sources": {"dd": {\n  "apiKey": 'hunter2'}}}`, 'line 2, column 13: a value should stand here'],
  ['{"apiKey": hunter2hunter2}', 'line 1, column 12: a value should stand here'],
  ['{"apiKey": "hunter2" "x"}', 'line 1, column 22: "," or "}" should stand here'],
  ['{"apiKey": "hunter2', 'line 1, column 20: it ends inside a string'],
  ['{}\nhunter2', 'line 1, column 3: more follows after its end'],
])('a config that is no JSON is told where it breaks, and nothing of what stands there: %s', async (text, where) => {
  const cwd = tempFolder();
  const file = join(cwd, 'inquest.config.json');
  writeFileSync(file, text);
  expect(await mistake({}, {}, cwd)).toEqual([`${file} is no JSON: ${where}`, 'Nothing was sent anywhere.']);
});

test('a token in the address of a repository is not repeated', async () => {
  const said = await mistake({ github: ['https://x:ghp_hunter2@github.com/acme'] });
  expect(said[0]).toBe('--github: "https://github.com/acme" is no repository');
});

describe('the model', () => {
  const write = (model: object): string => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, 'inquest.config.json'), JSON.stringify({ model }));
    return cwd;
  };
  test('its key comes from the environment, a variable that is named, or a file; it prints as its name', async () => {
    const cwd = write({ name: 'claude-opus-5-5', apiKey: { file: 'key.txt' }, second: 'claude-haiku-5-5' });
    writeFileSync(join(cwd, 'key.txt'), 'sk-from-a-file\n');
    const cases: [string, ConfigFlags, Record<string, string>, string][] = [
      [cwd, {}, {}, 'sk-from-a-file'],
      [write({ name: 'claude-opus-5-5', apiKey: { env: 'MINE' } }), {}, { MINE: 'sk-of-mine' }, 'sk-of-mine'],
      [tempFolder(), { model: 'claude-opus-5-5' }, { ANTHROPIC_API_KEY: 'sk-usual' }, 'sk-usual'],
      [tempFolder(), { model: 'openai:gpt' }, { OPENAI_API_KEY: 'sk-other' }, 'sk-other'],
    ];
    for (const [folder, flags, env, key] of cases) {
      const { agent, secrets } = await load(flags, env, folder);
      expect([keyOf(agent!.model), secrets]).toEqual([key, [key]]);
      expect(inspect(agent, { depth: 9 }) + JSON.stringify(agent)).not.toContain(key);
    }
    expect((await load({}, {}, cwd)).agent?.second).toMatchObject({ provider: 'anthropic', name: 'claude-haiku-5-5' });
  });

  test('what the config says of one provider is not handed to another', async () => {
    const cwd = write({
      name: 'claude-opus-5-5',
      apiKey: { env: 'MINE' },
      url: 'https://proxy.example',
      second: 'claude-haiku-5-5',
    });
    const env = { MINE: 'sk-of-mine', OPENAI_API_KEY: 'sk-other' };
    const other = (await load({ model: 'openai:gpt' }, env, cwd)).agent!;
    expect([keyOf(other.model), other.second]).toEqual(['sk-other', undefined]);
    expect(JSON.stringify(other.model)).not.toContain('proxy.example');
    expect(keyOf((await load({ model: 'openai:gpt' }, { MINE: 'sk-of-mine' }, cwd)).agent!.model)).toBeUndefined();
    const same = (await load({ model: 'claude-other' }, env, cwd)).agent!;
    expect([keyOf(same.model), JSON.stringify(same.model).includes('proxy.example')]).toEqual(['sk-of-mine', true]);
  });

  test('a key that is missing is no mistake: the run says so if it comes to need the model', async () => {
    const { agent } = await load({}, {}, write({ name: 'claude-opus-5-5', apiKey: { env: 'NOT_SET' } }));
    expect(agent?.model).toEqual({ provider: 'anthropic', name: 'claude-opus-5-5' });
  });

  test('its budget and price override ours; a flag names another model and keeps the budget', async () => {
    const cwd = write({
      name: 'claude-opus-5-5',
      budget: { turns: 3, dollars: 0.1, time: '90s' },
      price: { input: 1, output: 2 },
    });
    const [own, other] = [await load({}, {}, cwd), await load({ model: 'openai:llama3' }, {}, cwd)];
    expect(own.agent?.limits).toMatchObject({ turns: 3, dollars: 0.1, timeMs: 90_000, calls: 20 });
    expect([own.agent?.model.price, other.agent?.model.price]).toEqual([{ input: 1, output: 2 }, undefined]);
    expect(other.agent).toMatchObject({ model: { provider: 'openai', name: 'llama3' }, limits: { turns: 3 } });
  });

  test('none of it is read without need, and mistakes are told', async () => {
    expect((await load({ model: false }, {}, write({ name: 'claude-opus-5-5' }))).agent).toBeUndefined();
    expect((await load({ mode: 'workflow', model: 'claude-opus-5-5' })).agent).toBeUndefined();
    expect((await mistake({ mode: 'agent' })).join(' ')).toContain('--mode agent needs a model');
    expect((await mistake({}, {}, write({ name: 'x', budgets: {} }))).join(' ')).toContain('did you mean "budget"?');
  });
});

describe('the URL of a flag or a variable', () => {
  test.each([
    ['127.0.0.1:9090', 'is no URL', 'http://127.0.0.1:9090'],
    ['localhost:9090', 'is no URL', 'http://localhost:9090'],
    ['prom.example/prefix', 'is no URL', 'http://prom.example/prefix'],
    ['[::1]:9090', 'is no URL', 'http://[::1]:9090'],
    ['not a url', 'is no URL', 'http://HOST:PORT'],
    ['ftp://x', 'is no http:// or https:// URL', 'http://x or https://x'],
    [
      'http://x:9090/graph?g0.expr=up',
      'has a "?" or "#"',
      'http://x:9090/graph: scheme, host, port and path prefix only',
    ],
  ])('%s', async (text, why, write) => {
    expect(await mistake({ prometheus: text })).toEqual([`--prometheus: "${text}" ${why}`, `Write ${write}`]);
    expect(await mistake({}, { INQUEST_ALERTMANAGER_URL: text })).toEqual([
      `INQUEST_ALERTMANAGER_URL: "${text}" ${why}`,
      `Write ${write}`,
    ]);
  });

  test('a password in it is not repeated', async () => {
    const said = [
      ...(await mistake({ prometheus: 'ftp://me:hunter2@x' })),
      ...(await mistake({ prometheus: 'me:hunter2@x y' })),
    ];
    expect(said.join(' ')).not.toContain('hunter2');
  });

  test.each(['http://127.0.0.1:9090', 'https://me:secret@prom.example/prefix/', 'http://[::1]:9090'])(
    '%s is taken as it is',
    async (url) => {
      expect((await load({ prometheus: url })).sources.prometheus).toMatchObject({
        config: { url },
        from: 'flag --prometheus',
      });
    },
  );
});

test('a source of an unknown type is told the nearest and all known ones, with its line', async () => {
  const cwd = tempFolder();
  const known = 'Known: prometheus, alertmanager, datadog, git, github, logfile';
  const write = (source: unknown): void =>
    writeFileSync(join(cwd, 'inquest.config.json'), JSON.stringify({ sources: { a: source } }, null, 1));
  write({ type: 'promtheus', url: 'http://x' });
  expect(await mistake({}, {}, cwd)).toEqual([
    expect.stringMatching(/inquest\.config\.json has a mistake$/),
    `sources.a.type: there is no type "promtheus"; did you mean "prometheus"? ${known} (line 4)`,
  ]);
  write({ type: 'oracle' });
  expect((await mistake({}, {}, cwd))[1]).toBe(`sources.a.type: there is no type "oracle". ${known} (line 4)`);
  write({ url: 'http://x' });
  expect((await mistake({}, {}, cwd))[1]).toBe(`sources.a.type: no type is given. ${known}`);
});

test('a Datadog site that does not exist is told the nearest, and nothing of a password in it', async () => {
  const cwd = tempFolder();
  const write = (source: object): void =>
    writeFileSync(join(cwd, 'inquest.config.json'), JSON.stringify({ sources: { a: { type: 'datadog', ...source } } }));
  const keys = { apiKey: { env: 'API' }, appKey: { env: 'APP' } };
  const env = { API: 'api-key-value', APP: 'app-key-value' };
  for (const [site, nearest] of [
    ['datadoghq.de', 'datadoghq.eu'],
    ['app.us5.datadoghq.com', 'us5.datadoghq.com'],
    ['https://api.datadoghq.eu', 'datadoghq.eu'],
    ['me:hunter2@ddog-gov.co', 'ddog-gov.com'],
  ]) {
    write({ ...keys, site });
    const [, said] = await mistake({}, env, cwd);
    expect(said).toMatch(`did you mean "${nearest}"? Known: datadoghq.com, `);
    expect(said).not.toContain('hunter2');
  }
  write({ ...keys, site: 'datadoghq.eu', proxy: 'http://me:p%40ss-word@proxy.example:3128' });
  const config = await load({}, env, cwd);
  const proxy = 'http://me:p%40ss-word@proxy.example:3128';
  expect(config.secrets).toEqual(['api-key-value', 'app-key-value', proxy, 'p%40ss-word', 'p@ss-word']);
  expect(JSON.stringify(config.sources)).not.toMatch(/key-value|ss-word/);
});
