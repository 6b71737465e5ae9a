/** Files too large to be kept are read again for each question, and answer the same. */
import { afterEach, expect, test } from 'vitest';
import type { Questions } from '../src/core/capabilities.ts';
import { source } from '../src/sources/bundle.ts';
import type { OpenSource } from '../src/tools/tool.ts';
import { DEMO } from './_program.ts';

const env = { cwd: '/', fetch, now: () => 0, services: {} };
const context = { signal: new AbortController().signal };
const opened: OpenSource[] = [];
afterEach(() => Promise.all(opened.splice(0).map((s) => s.close?.())));

const open = async (keptCharacters?: number): Promise<OpenSource> => {
  const config = { dir: DEMO, ...(keptCharacters === undefined ? {} : { keptCharacters }) };
  const s = await source.open('demo', config, env);
  opened.push(s);
  return s;
};

const ask = (s: OpenSource, capability: keyof Questions, question: unknown): Promise<unknown> => {
  const tool = s.tools.find((t) => t.capability === capability);
  if (!tool) throw new Error(`no ${capability}`);
  return tool.run(question as never, context);
};

test('every answer is the same whether the records are kept or not', async () => {
  const [kept, anew] = [await open(), await open(0)];
  const whole = { from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };
  const found = (await ask(kept, 'logs.search', { ...whole, limit: 1 })) as {
    data: { records: { timestamp: string }[] };
  };
  const first = Date.parse(found.data.records[0]!.timestamp);
  const at = (minute: number): string => new Date(first + minute * 60_000).toISOString();
  const window = { from: at(10), to: at(50), baseline: [{ from: at(0), to: at(10) }] };
  const questions: [keyof Questions, unknown][] = [
    ['topology.get', whole],
    ['logs.patterns', window],
    ['logs.patterns', { ...window, baseline: [], service: 'checkout' }],
    ['logs.search', { ...whole, limit: 7 }],
    ['logs.search', { from: at(5), to: at(20), level: 'WARN', limit: 100_000 }],
    ['traces.summary', window],
    ['traces.search', { ...whole, limit: 5 }],
    ['traces.search', { from: at(5), to: at(20), errorsOnly: true, limit: 3 }],
  ];
  for (const [capability, question] of questions) {
    expect([capability, await ask(anew, capability, question)]).toEqual([
      capability,
      await ask(kept, capability, question),
    ]);
  }
  expect(await anew.check(context)).toEqual(await kept.check(context));
});
