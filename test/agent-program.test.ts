/** The program with a model: paid once, resumed without paying, replayed without a network, and calm without a key. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../src/core/events.ts';
import { type ModelServer, modelServer } from './_model-server.ts';
import { serverSolver } from './_policies.ts';
import { inquest, ROOT } from './_program.ts';
import { removeFolder } from './_temp.ts';

const NAME = 'yarrow-gull';
const DIR = join(ROOT, 'fixtures/incidents', NAME);
const KEY = 'sk-ant-test-0123456789abcdefghij';
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'inquest-agent-'));
});
afterAll(() => removeFolder(home));
const open: ModelServer[] = [];
afterEach(async () => {
  for (const s of open.splice(0)) await s.close();
});

async function peer(name = NAME): Promise<ModelServer> {
  const server = await modelServer(serverSolver(name));
  open.push(server);
  return server;
}

const flags = ['--bundle', DIR, '--model', 'claude-opus-5-5'];
const envOf = (server: ModelServer): Record<string, string> => ({
  ANTHROPIC_API_KEY: KEY,
  ANTHROPIC_BASE_URL: server.url,
});
const fresh = (): string => mkdtempSync(join(home, 'run-'));
const runsOf = (at: string): string => join(at, 'inquest/runs');
const journalOf = (at: string): { file: string; text: string; events: Event[] } => {
  const file = join(runsOf(at), readdirSync(runsOf(at))[0]!, 'journal.ndjson');
  const text = readFileSync(file, 'utf8');
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line.slice(line.indexOf('{'))) as Event);
  return { file, text, events };
};

describe('inquest --model', () => {
  test('settles what the workflow leaves open, and tells each turn, its cost and what was offered', async () => {
    const server = await peer();
    const at = fresh();
    const ran = await inquest([...flags, '--plain'], { home: at, env: envOf(server) });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('VERDICT');
    expect(ran.stdout).toContain('payments is configured wrongly');
    expect(ran.stdout).toContain('Hypothesis in the words of the model');
    expect(ran.stderr).toMatch(/agent {3}turn 1\/8 settle: .* \(offered: .*logs_search/);
    expect(ran.stderr).toMatch(/budget .*\$0\.0\d\/\$0\.80 {2}\d+k\/250k tok {2}tools 1\/20/);
    const { text, events } = journalOf(at);
    expect(text).not.toContain(KEY);
    expect(
      events.filter((e) => e.type === 'turn.finished').map((e) => (e.type === 'turn.finished' ? e.stop : '')),
    ).toEqual(['calls', 'answered', 'answered']);
    const report = await inquest(['report', '--format', 'json', readdirSync(runsOf(at))[0]!], { home: at });
    expect(JSON.parse(report.stdout)).toMatchObject({
      agent: { stop: 'concluded', turns: 3, calls: 1 },
      outcome: { confirmed: true },
    });
  });

  test('resumed after any line, it pays for no turn twice and says the same', async () => {
    const server = await peer();
    const whole = fresh();
    const first = await inquest([...flags, '-q', '--json'], { home: whole, env: envOf(server) });
    const { file, text } = journalOf(whole);
    const paid = server.requests.length;
    const lines = text.trimEnd().split('\n');
    const turns = lines.flatMap((l, i) =>
      /"type":"(turn\.(started|finished)|budget\.changed)"|"activity":"anthropic/.test(l) ? [i] : [],
    );
    for (const cut of turns) {
      writeFileSync(file, `${lines.slice(0, cut + 1).join('\n')}\n`);
      const before = server.requests.length;
      const done = lines
        .slice(0, cut + 1)
        .filter((l) => /"type":"call.finished".*"activity":"anthropic.turn"/.test(l)).length;
      const again = await inquest(['resume', '--last', '-q', '--json'], { home: whole, env: envOf(server) });
      expect(again.stderr).toBe('');
      expect(server.requests.length - before).toBe(paid - done);
      const [a, b] = [first, again].map((r) => JSON.parse(r.stdout) as { outcome: unknown; agent: unknown });
      expect([b!.outcome, b!.agent]).toEqual([a!.outcome, a!.agent]);
    }
  });

  test('stopped while the model thinks, it says how to go on, and goes on', async () => {
    const rest = serverSolver(NAME);
    const server = await modelServer((r, n) => (n === 2 ? { hang: true } : rest(r)));
    open.push(server);
    const at = fresh();
    let stopped = false;
    const ran = await inquest([...flags, '--events', '-q'], {
      home: at,
      env: envOf(server),
      watch(child, stdout) {
        if (stopped || !/"type":"call.started"[^\n]*"key":"M2"/.test(stdout)) return;
        stopped = true;
        child.kill('SIGINT');
      },
    });
    expect([ran.code, ran.stderr]).toEqual([130, expect.stringContaining('Go on: inquest resume')]);
    const again = await inquest(['resume', '--last', '-q', '--json'], { home: at, env: envOf(server) });
    expect([again.code, JSON.parse(again.stdout)]).toEqual([
      0,
      expect.objectContaining({ agent: expect.objectContaining({ stop: 'concluded', turns: 3 }) }),
    ]);
    // The first turn was paid once, the second was sent twice and answered once.
    expect(server.requests.length).toBe(4);
  });

  test('replay --verify plays the model from the journal: no network, the same verdict', async () => {
    const server = await peer();
    const at = fresh();
    await inquest([...flags, '-q'], { home: at, env: envOf(server) });
    const asked = server.requests.length;
    const ran = await inquest(['replay', '--verify', readdirSync(runsOf(at))[0]!], { home: at });
    expect([ran.code, server.requests.length]).toEqual([0, asked]);
  });

  test('a cheaper model takes the second pass only, and replay and fork find what both said', async () => {
    const server = await peer();
    const config = join(home, 'with-second.json');
    writeFileSync(config, JSON.stringify({ model: { name: 'claude-opus-5-5', second: 'claude-haiku-4-5' } }));
    const at = fresh();
    const env = envOf(server);
    const ran = await inquest(['--bundle', DIR, '--config', config, '-q', '--json'], { home: at, env });
    const said = JSON.parse(ran.stdout) as { outcome: unknown; agent: unknown };
    expect(said.agent).toMatchObject({ stop: 'concluded' });
    expect(server.requests.map((r) => r.model)).toEqual(['claude-opus-5-5', 'claude-opus-5-5', 'claude-haiku-4-5']);
    const started = journalOf(at).events.find((e) => e.type === 'run.started');
    expect(started).toMatchObject({
      agent: { model: 'anthropic:claude-opus-5-5', second: { model: 'anthropic:claude-haiku-4-5' } },
    });
    const [run] = readdirSync(runsOf(at)) as [string];
    const verified = await inquest(['replay', '--verify', run], { home: at });
    expect([verified.code, verified.stderr]).toEqual([0, '']);
    const forked = await inquest(['fork', run, '-q', '--json'], { home: at, env });
    expect([(JSON.parse(forked.stdout) as typeof said).agent, server.requests.length]).toEqual([said.agent, 3]);
  });

  test('without a key the workflow stands, and the report says why nobody looked further', async () => {
    const at = fresh();
    const [without, none] = [
      await inquest([...flags], { home: at }),
      await inquest(['--bundle', DIR], { home: fresh() }),
    ];
    expect(without.code).toBe(10);
    expect(without.stdout).toContain('was not available');
    expect(without.stdout).toContain('ANTHROPIC_API_KEY');
    expect(none.stdout).toContain('No model is configured to look further.');
  });

  test('--no-model and --mode workflow ask nobody; an unknown mode or a model of nobody is said', async () => {
    const server = await peer();
    const config = join(home, 'with-model.json');
    writeFileSync(config, JSON.stringify({ model: { name: 'claude-opus-5-5', apiKey: { env: 'ANTHROPIC_API_KEY' } } }));
    for (const more of [['--no-model'], ['--mode', 'workflow']]) {
      const ran = await inquest(['--bundle', DIR, '--config', config, '-q', ...more], {
        home: fresh(),
        env: envOf(server),
      });
      expect(ran.code).toBe(10);
    }
    expect(server.requests).toEqual([]);
    const mode = await inquest(['--bundle', DIR, '--mode', 'magic'], { home: fresh() });
    expect([mode.code, mode.stderr]).toEqual([
      2,
      expect.stringContaining('Known: workflow, hybrid, agent, specialists'),
    ]);
    const nobody = await inquest(['--bundle', DIR, '--model', 'llama3'], { home: fresh() });
    expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining('openai:llama3')]);
  });

  test('--mode agent takes no step of its own, and its claims rest on what it asked', async () => {
    const server = await peer('umber-ibis');
    const at = fresh();
    const ran = await inquest(
      [
        '--bundle',
        join(ROOT, 'fixtures/incidents/umber-ibis'),
        '--model',
        'claude-opus-5-5',
        '--mode',
        'agent',
        '-q',
        '--json',
      ],
      {
        home: at,
        env: envOf(server),
      },
    );
    const report = JSON.parse(ran.stdout) as {
      steps: unknown[];
      evidence: { step: string }[];
      agent: { stop: string };
    };
    expect(report.steps).toEqual([]);
    expect(report.evidence.every((e) => e.step === 'agent')).toBe(true);
    const again = await inquest(['replay', '--verify', readdirSync(runsOf(at))[0]!], { home: at });
    expect(again.code).toBe(0);
  });

  test('does not load the SDK where no model is asked', () => {
    const dist = join(ROOT, 'dist');
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      const text = readFileSync(join(dist, file), 'utf8');
      for (const [, to] of text.matchAll(/(?:from|import)"(\.{1,2}\/[^"]+)"/g)) visit(join(file, '..', to!));
    };
    visit('cli.js');
    expect(reached.size).toBeGreaterThanOrEqual(3);
    const heavy = [...reached].filter((file) => readFileSync(join(dist, file), 'utf8').includes('anthropic-version'));
    expect(heavy).toEqual([]);
  });
});
