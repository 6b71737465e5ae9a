/** The eight incidents that the workflow leaves open are each settled by their follow-up question. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runBundle } from '../src/app/run-bundle.ts';
import { DEFAULT_AGENT_LIMITS } from '../src/core/agent.ts';
import { scripted } from '../src/models/scripted.ts';
import { SOLVED, solver } from './_policies.ts';
import { ROOT } from './_program.ts';

const src = join(ROOT, 'src');
const dirOf = (name: string): string => join(ROOT, 'fixtures/incidents', name);

test.each(Object.keys(SOLVED))('%s: open for the workflow, settled by one question of the model', async (name) => {
  const truth = JSON.parse(readFileSync(join(dirOf(name), 'truth.json'), 'utf8')) as Record<string, unknown>;
  const alone = await runBundle(dirOf(name), { root: src, now: () => Date.now() });
  expect(alone.verdict.outcome).toBe('inconclusive');
  const model = scripted(solver(name));
  const further = {
    name: model.name,
    limits: DEFAULT_AGENT_LIMITS,
    price: model.price!,
    open: async () => ({ model }),
  };
  const { verdict } = await runBundle(dirOf(name), { root: src, now: () => Date.now(), further });
  expect(verdict).toMatchObject({ outcome: 'cause', confirmed: true, category: truth.category });
  expect([truth.entity].flat()).toContain(verdict.entity?.name);
  expect(verdict.candidates[0]?.name).toBe(verdict.entity?.name);
  expect(verdict.change ?? 'none').toBe(truth.change);
  expect(verdict.claims.every((c) => c.ok)).toBe(true);
  expect(verdict.claims.map((c) => c.claim)).toContainEqual(
    expect.objectContaining({ type: 'mentions', quote: SOLVED[name]!.quote }),
  );
  expect(verdict.agent).toMatchObject({ stop: 'concluded', calls: 1 });
  expect(verdict.agent!.dollars).toBeLessThan(DEFAULT_AGENT_LIMITS.dollars);
});
