/** `inquest tools` and the flags that name a source: one question by hand, through the same door as an investigation. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fieldRows, questionOf } from '../src/commands/_question.ts';
import { adHoc } from '../src/config/ad-hoc.ts';
import { parseRepository, tokenVariable } from '../src/config/credentials.ts';
import type { Capability } from '../src/core/capabilities.ts';
import { UserError } from '../src/core/errors.ts';
import { jsonSchemaOf, QUESTIONS } from '../src/tools/question-schema.ts';
import { type Guarded, guardedPrometheus, RIGHT, WITHOUT_SCOPE } from './_guarded-prometheus.ts';
import { DEMO, inquest } from './_program.ts';
import { tempFolder } from './_temp.ts';

const home = tempFolder();
const NOW = Date.parse('2026-01-31T14:00:00Z');

const tools = (...args: string[]) => inquest(['tools', ...args, '--bundle', DEMO], { home });

describe('inquest tools', () => {
  test('list names every tool with its cost and what it asks', async () => {
    const ran = await tools('list', '--json');
    const listed = JSON.parse(ran.stdout) as { name: string; risk: string; cost: string; question: object }[];
    expect(ran.code).toBe(0);
    expect(listed.map((t) => t.name)).toEqual(expect.arrayContaining(['bundle.metrics.range', 'bundle.changes.list']));
    expect(new Set(listed.map((t) => t.risk))).toEqual(new Set(['read']));
    expect(listed.find((t) => t.name === 'bundle.logs.search')!.question).toEqual(jsonSchemaOf('logs.search'));
    const plain = await tools('list');
    expect(plain.stdout.trim().split('\n').length).toBe(listed.length);
  });

  test('show gives an example, and the example can be put', async () => {
    const shown = JSON.parse((await tools('show', 'bundle.logs.search', '--json')).stdout) as { example: object };
    const ran = await tools('call', 'bundle.logs.search', '--question', JSON.stringify(shown.example), '--json');
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout).answer.status).toMatch(/ok|empty|partial/);
    expect((await tools('show', 'bundle.logs.search')).stdout).toMatch(
      /--level <level> +may be left out +trace, debug/,
    );
  });

  test('call prints window, what was searched, and the answer as a table, text or JSON', async () => {
    const ran = await tools('call', 'bundle.changes.list', '--from', '2h', '--to', 'now');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(
      /✓ bundle\.changes\.list {2}ok: 2 deploys[\s\S]*window[\s\S]*searched {2}changes\.jsonl/,
    );
    expect(ran.stdout).toMatch(/\tdeploy\torders\t/);
    const json = JSON.parse((await tools('call', 'bundle.changes.list', '--from', '2h', '--json')).stdout);
    expect(json.answer.data.changes.map((c: { service: string }) => c.service)).toEqual(['catalog', 'orders']);
    expect(json.question.to).toBe('2026-11-20T07:12:53.545Z');
  });

  test('says which field is wrong and the nearest one, before anything is asked', async () => {
    for (const [args, says] of [
      [['call', 'bundle.changes.lst'], /did you mean "bundle\.changes\.list"/],
      [['call', 'bundle.changes.list', '--limit', '3'], /changes\.list has no --limit[\s\S]*--from --to --service/],
      [['call', 'bundle.logs.search', '--level', 'loud'], /--level: "loud"[\s\S]*trace, debug/],
      [['call', 'bundle.logs.search', '--from', '1h', '--to', '2h'], /is not before --to/],
      [['call', 'bundle.logs.search', '--question', '[]'], /--question is no JSON object/],
      [['call', 'history.incidents.similar'], /--title is missing/],
    ] as const) {
      const ran = await tools(...args);
      expect([ran.code, ran.stdout, ran.stderr]).toEqual([2, '', expect.stringMatching(says)]);
    }
  });

  describe('on a live source', () => {
    let server: Guarded;
    beforeAll(async () => {
      server = await guardedPrometheus();
    });
    afterAll(() => server.close());
    const call = (token: string, ...more: string[]) =>
      inquest(['tools', 'call', 'prometheus.topology.get', '--prometheus', server.url, ...more], {
        home,
        env: { INQUEST_PROMETHEUS_BEARER: token },
      });

    test('an answer is exit 0 with the requests that were sent, a refusal 3, no answer 4; the key is in none', async () => {
      const good = await call(RIGHT, '--json');
      const { requests } = JSON.parse(good.stdout) as { requests: { method: string; path: string; status: number }[] };
      expect(good.code).toBe(0);
      expect(requests.length).toBe(server.answered.length);
      expect(requests.every((r) => r.status === 200 && r.path.startsWith('/api/v1/'))).toBe(true);
      expect((await call(RIGHT)).stdout).toMatch(/requests {2}GET \/api\/v1\/\S+ {2}200 in \d+ms/);
      const denied = await call(WITHOUT_SCOPE);
      expect([denied.code, denied.stdout]).toEqual([
        3,
        expect.stringMatching(/✗ .*denied[\s\S]*403[\s\S]*metrics:read/),
      ]);
      const args = ['tools', 'call', 'prometheus.topology.get', '--prometheus', 'http://127.0.0.1:9'];
      const dead = await inquest(args, { home, env: { INQUEST_PROMETHEUS_BEARER: RIGHT } });
      expect(dead.code).toBe(4);
      for (const ran of [good, denied, dead]) expect(ran.stdout + ran.stderr).not.toMatch(/-token-/);
    });
  });
});

describe('a question by hand', () => {
  test('every capability has a flag for each field, and every example value is read back as its schema says', () => {
    for (const capability of Object.keys(QUESTIONS) as Capability[]) {
      const names = Object.keys(QUESTIONS[capability]);
      expect(fieldRows(capability).length).toBe(names.length);
      const needed = Object.entries(QUESTIONS[capability] as Record<string, string>).filter(
        ([, k]) => !k.endsWith('?'),
      );
      const typed = Object.fromEntries(
        needed.filter(([, k]) => /^(?:monitor|title|fingerprint)$/.test(k)).map(([n]) => [n, 'x']),
      );
      expect(Object.keys(questionOf(capability, typed, NOW)).sort()).toEqual(needed.map(([n]) => n).sort());
    }
  });

  test('reads lists, pairs, durations and whole numbers, and refuses what is none', () => {
    const q = questionOf('traces.search', { minMs: '2s', limit: '5', errorsOnly: true, from: '1h' }, NOW);
    expect(q).toEqual({
      from: '2026-01-31T13:00:00.000Z',
      to: '2026-01-31T14:00:00.000Z',
      minMs: 2000,
      limit: 5,
      errorsOnly: true,
    });
    expect(questionOf('monitors.get', { name: 'a', labels: 'job=x,env=y' }, NOW).labels).toEqual({
      job: 'x',
      env: 'y',
    });
    expect(questionOf('metrics.range', { kinds: 'errors,latency' }, NOW).kinds).toEqual(['errors', 'latency']);
    expect(questionOf('logs.patterns', { baseline: '3h..2h' }, NOW).baseline).toEqual([
      { from: '2026-01-31T11:00:00.000Z', to: '2026-01-31T12:00:00.000Z' },
    ]);
    for (const typed of [{ limit: '0' }, { limit: '1.5' }, { minMs: 'soon' }, { errorsOnly: 'yes' }, { from: '' }])
      expect(() => questionOf('traces.search', typed, NOW)).toThrow(UserError);
  });
});

describe('flags that name a source', () => {
  const keys = { DD_API_KEY: 'api', DD_APP_KEY: 'app' };

  test('--datadog takes its keys from the environment, its site from the flag or the environment', () => {
    const site = (flag: string | true, env = {}) => adHoc({ datadog: flag }, { ...keys, ...env }, []).datadog!.config;
    expect(site(true)).toMatchObject({ site: 'datadoghq.com' });
    expect(site(true, { DD_SITE: 'us5.datadoghq.com' })).toMatchObject({ site: 'us5.datadoghq.com' });
    expect(site('https://app.datadoghq.eu')).toMatchObject({ site: 'datadoghq.eu' });
    expect(site(true, { DATADOG_HOST: 'https://api.us3.datadoghq.com' })).toMatchObject({ site: 'us3.datadoghq.com' });
    expect(site('http://127.0.0.1:1')).toMatchObject({ url: 'http://127.0.0.1:1' });
    expect(() => site('datadoghq.eux')).toThrow(/did you mean "datadoghq\.eu"/);
    expect(() => adHoc({ datadog: true }, { DD_API_KEY: 'api' }, [])).toThrow(/DD_APP_KEY or .* is not set/);
    const secrets: string[] = [];
    const made = adHoc({ datadog: true }, keys, secrets);
    expect([secrets, JSON.stringify(made)]).toEqual([['api', 'app'], expect.not.stringMatching(/"(?:api|app)"/)]);
  });

  test('--github takes several repositories, one source a server, and sends a token only where it is for', () => {
    const env = { GITHUB_TOKEN: 'public', GH_ENTERPRISE_TOKEN: 'own' };
    const secrets: string[] = [];
    const made = adHoc(
      { github: ['acme/shop', 'https://github.com/acme/web.git', 'https://ghe.example/a/b'] },
      env,
      secrets,
    );
    expect(made.github!.config).toMatchObject({ repos: ['acme/shop', 'acme/web'] });
    expect(made['github-2']!.config).toMatchObject({ repos: ['a/b'], url: 'https://ghe.example' });
    expect(secrets).toEqual(['public', 'own']);
    expect(tokenVariable({ GITHUB_TOKEN: 'x' }, 'ghe.example')).toBeUndefined();
    expect(tokenVariable({ GITHUB_TOKEN: 'x', GITHUB_SERVER_URL: 'https://ghe.example' }, 'ghe.example')).toBe(
      'GITHUB_TOKEN',
    );
    expect(() => adHoc({ github: ['shop'] }, {}, [])).toThrow(/is no repository/);
  });

  test('a repository is read from every form in which git and GitHub write it', () => {
    for (const text of [
      'acme/shop',
      'https://github.com/acme/shop',
      'https://github.com/acme/shop.git',
      'git@github.com:acme/shop.git',
      'ssh://git@github.com/acme/shop',
      'https://github.com/acme/shop/pull/5',
    ])
      expect([text, parseRepository(text)?.repo]).toEqual([text, 'acme/shop']);
    expect(parseRepository('git@ghe.example:a/b.git')).toEqual({
      repo: 'a/b',
      host: 'ghe.example',
      url: 'https://ghe.example',
    });
    for (const text of ['shop', 'a/b/c', 'file:///a/b', '', 'https://github.com/acme'])
      expect(parseRepository(text)).toBeUndefined();
  });

  test('variables alone switch nothing on: what was seen is said, with what to type', async () => {
    const env = {
      DD_API_KEY: 'dd-key-0123',
      DD_APP_KEY: 'dd-app-0123',
      DD_SITE: 'datadoghq.eu',
      GITHUB_TOKEN: 'ghp_0123',
    };
    const ran = await inquest(['--text', 'slow', '--service', 'a', '-q'], { home: tempFolder(), env });
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(/DD_API_KEY and DD_APP_KEY are set: to use Datadog, add --datadog datadoghq\.eu/);
    expect(ran.stderr).toMatch(/GITHUB_TOKEN is set: to use GitHub, add --github OWNER\/REPO/);
    expect(ran.stderr).not.toMatch(/0123/);
    const doctor = await inquest(['doctor'], { home: tempFolder(), env });
    expect([doctor.code, doctor.stdout]).toEqual([0, expect.stringMatching(/not used +DD_API_KEY and DD_APP_KEY/)]);
  });

  test('an alert that --datadog takes for its site is told as that', async () => {
    const ran = await inquest(['--datadog', 'alert.json'], { home, env: keys });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(/inquest alert\.json --datadog/)]);
  });
});

describe('inquest doctor', () => {
  test('says the model, its mode and whether its key is there, without calling it', async () => {
    const at = tempFolder();
    const config = { model: { name: 'claude-opus-5-5', mode: 'specialists' } };
    writeFileSync(join(at, 'inquest.config.json'), JSON.stringify(config));
    const line = async (env: Record<string, string>) => (await inquest(['doctor'], { home: at, env })).stdout;
    expect(await line({})).toMatch(
      /! model +claude-opus-5-5 of anthropic, mode specialists, no key[\s\S]*ANTHROPIC_API_KEY/,
    );
    const dead = { ANTHROPIC_API_KEY: 'sk-ant-test-0123456789', ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' };
    expect(await line(dead)).toMatch(
      /✓ model +claude-opus-5-5 of anthropic, mode specialists, key set, at most 16 turns/,
    );
    const called = await inquest(['doctor', '--model'], { home: at, env: dead });
    expect([called.code, called.stdout]).toEqual([4, expect.stringMatching(/✗ model answers/)]);
  });

  test('warns of keys that others can read, and of one that stands in the config itself', async () => {
    const at = tempFolder();
    mkdirSync(join(at, 'keys'));
    writeFileSync(join(at, 'keys/p'), 'a-token', { mode: 0o644 });
    const url = 'http://127.0.0.1:9';
    const sources = {
      a: { type: 'prometheus', url, bearer: { file: 'keys/p' } },
      b: { type: 'prometheus', url, bearer: 'written-down-0123' },
    };
    writeFileSync(join(at, 'inquest.config.json'), JSON.stringify({ sources }));
    const { stdout, code } = await inquest(['doctor'], { home: at });
    expect(stdout).toMatch(
      /keys\/p may be read by others[\s\S]*chmod 600[\s\S]*sources\.b\.bearer stands in the config/,
    );
    expect([code, stdout.includes('written-down-0123')]).toEqual([4, false]);
  });

  test('a refused key is exit 3, and --json tells it as data', async () => {
    const server = await guardedPrometheus();
    try {
      const args = ['doctor', 'prometheus', '--prometheus', server.url, '--json'];
      const refused = await inquest(args, { home, env: { INQUEST_PROMETHEUS_BEARER: WITHOUT_SCOPE } });
      expect(refused.code).toBe(3);
      expect(JSON.parse(refused.stdout)[0].checks).toMatchObject([{ state: 'fail', status: 'denied' }]);
      const good = await inquest(args, { home, env: { INQUEST_PROMETHEUS_BEARER: RIGHT } });
      expect(good.code).toBe(0);
      expect(JSON.parse(good.stdout)[0].checks[0].facts).toMatchObject({ latencyMs: expect.any(Number) });
    } finally {
      await server.close();
    }
  });
});
