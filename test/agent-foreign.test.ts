/** The same investigations against a mock server that others wrote, over both protocols. */
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Model } from '../src/core/model.ts';
import { model as anthropic } from '../src/models/anthropic.ts';
import { model as openai } from '../src/models/openai.ts';
import { bench } from './_bench.ts';
import { conclusionOf, NOT_REFUTED, SOLVED, type Told } from './_policies.ts';

const env = { fetch, now: () => Date.now() };
const open: Record<string, (url: string) => Promise<Model>> = {
  anthropic: (url) => anthropic.open({ provider: 'anthropic', name: 'claude-opus-5-5', apiKey: 'mock', url }, env),
  openai: (url) => openai.open({ provider: 'openai', name: 'some-model', apiKey: 'mock', url: `${url}/v1` }, env),
};

interface Seen {
  messages: { role: string; content: unknown }[];
}
const textOf = (content: unknown): string => (typeof content === 'string' ? content : JSON.stringify(content ?? ''));

describe.each(Object.keys(open))('aimock, %s', (provider) => {
  const mock = new LLMock({ port: 0 });
  let name = '';
  beforeAll(async () => {
    const has = (r: unknown, role: string): boolean => (r as Seen).messages.some((m) => m.role === role);
    const first = (r: unknown): string => textOf((r as Seen).messages.find((m) => m.role === 'user')?.content);
    const refuting = (r: unknown): boolean =>
      first(r).includes('"conclusion":') || first(r).includes('\\"conclusion\\":');
    mock.on({ predicate: refuting }, { content: JSON.stringify(NOT_REFUTED) });
    mock.on({ predicate: (r) => !has(r, 'tool') }, () => ({
      toolCalls: [{ name: SOLVED[name]!.ask.name, arguments: JSON.stringify(SOLVED[name]!.ask.input) }],
    }));
    mock.on({ predicate: (r) => has(r, 'tool') }, (r) => {
      const brief = JSON.parse(first(r).split('\n')[1]!) as Told;
      const told = textOf((r as unknown as Seen).messages.find((m) => m.role === 'tool')?.content);
      const [answer] = JSON.parse(told) as { evidence: string }[];
      return { content: JSON.stringify(conclusionOf(SOLVED[name]!, brief, answer!.evidence)) };
    });
    await mock.start();
  });
  afterAll(() => mock.stop());

  test.each(Object.keys(SOLVED))('settles %s', async (incident) => {
    name = incident;
    const model = await open[provider]!(mock.url);
    const { looked } = await (await bench(incident)).look(model);
    expect(looked.verdict).toMatchObject({
      outcome: 'cause',
      confirmed: true,
      entity: { name: SOLVED[incident]!.entity },
      agent: { stop: 'concluded' },
    });
  });
});
