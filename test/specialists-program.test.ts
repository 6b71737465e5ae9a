/** `--mode specialists`: settled, resumed after a kill between specialists without paying twice, replayed and forked. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ModelServer, modelServer } from './_model-server.ts';
import { inquest, ROOT } from './_program.ts';
import { teamServer } from './_team.ts';
import { removeFolder } from './_temp.ts';

const NAME = 'umber-ibis';
const DIR = join(ROOT, 'fixtures/incidents', NAME);
const flags = ['--bundle', DIR, '--model', 'claude-opus-5-5', '--mode', 'specialists'];
let home: string;
let server: ModelServer;
let at: string;
let first: Awaited<ReturnType<typeof inquest>>;
let paid: number;
const env = (): Record<string, string> => ({
  ANTHROPIC_API_KEY: 'sk-ant-test-0123456789abcdefghij',
  ANTHROPIC_BASE_URL: server.url,
});
const runs = (): string => join(at, 'inquest/runs');
const run = (): string => readdirSync(runs()).sort()[0]!;
interface Said {
  outcome: { kind: string };
  agent: { turns: number; specialists: { name: string; stop: string }[] };
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'inquest-team-'));
  server = await modelServer(teamServer(NAME));
  at = mkdtempSync(join(home, 'run-'));
  first = await inquest([...flags, '-q', '--json'], { home: at, env: env() });
  paid = server.requests.length + server.counted;
});
afterAll(async () => {
  await server.close();
  removeFolder(home);
});

test('four specialists settle the case, and the report says what each found', () => {
  expect([first.code, first.stderr]).toEqual([0, '']);
  const { agent, outcome } = JSON.parse(first.stdout) as Said;
  expect(outcome.kind).toBe('cause');
  expect(agent.specialists.map((s) => [s.name, s.stop])).toEqual(
    ['metrics', 'logs', 'traces', 'change'].map((s) => [s, 'concluded']),
  );
  expect(server.refused).toEqual([]);
});

test('replay --verify says the same without a network; a fork shares every turn', async () => {
  const before = server.requests.length;
  const verified = await inquest(['replay', '--verify', run()], { home: at });
  expect([verified.code, verified.stdout + verified.stderr]).toEqual([0, expect.any(String)]);
  const fork = await inquest(['fork', run(), '-q', '--json'], { home: at, env: env() });
  expect(fork.code).toBe(0);
  expect((JSON.parse(fork.stdout) as Said).agent).toEqual((JSON.parse(first.stdout) as Said).agent);
  expect(server.requests.length).toBe(before);
});

test('killed between two specialists, it asks and pays nothing twice, and says the same', async () => {
  const file = join(runs(), run(), 'journal.ndjson');
  const text = readFileSync(file, 'utf8');
  const lines = text.trimEnd().split('\n');
  const places = lines.flatMap((l, i) => (/"type":"(turn\.finished|budget\.changed)"|"key":"A\./.test(l) ? [i] : []));
  const done = (upTo: string[], what: RegExp): number =>
    upTo.filter((l) => /"type":"call.finished"/.test(l) && what.test(l)).length;
  for (const cut of places.filter((_, i) => i % 3 === 1)) {
    const kept = lines.slice(0, cut + 1);
    writeFileSync(file, `${kept.join('\n')}\n`);
    const before = server.requests.length + server.counted;
    const again = await inquest(['resume', run(), '-q', '--json'], { home: at, env: env() });
    expect([cut, again.stderr]).toEqual([cut, '']);
    expect(server.requests.length + server.counted - before).toBe(paid - done(kept, /"activity":"anthropic\./));
    const [a, b] = [first, again].map((r) => JSON.parse(r.stdout) as Said);
    expect([b!.outcome, b!.agent]).toEqual([a!.outcome, a!.agent]);
    const now = readFileSync(file, 'utf8').trimEnd().split('\n');
    const keys = now.filter((l) => /"type":"call.finished"/.test(l)).map((l) => /"key":"([^"]+)"/.exec(l)![1]);
    expect(new Set(keys).size).toBe(keys.length);
  }
}, 240_000);

test('needs a model, and says so', async () => {
  const ran = await inquest(['--bundle', DIR, '--mode', 'specialists'], { home: mkdtempSync(join(home, 'none-')) });
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('--mode specialists needs a model')]);
});
