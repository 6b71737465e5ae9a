/** The comparison of the modes: by seed the same figures, other seeds other ones, and no mode spends beyond its budget. */
import { beforeAll, expect, test } from 'vitest';
import { DEFAULT_AGENT_LIMITS } from '../src/core/agent.ts';
import { type Case, caseOf, MODES, play } from './_modes.ts';

let c: Case;
beforeAll(async () => {
  c = await caseOf('umber-ibis');
});

test.each(MODES)('%s: a seed decides everything', async (mode) => {
  const scores = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => play(c, mode, seed)));
  const again = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => play(c, mode, seed)));
  expect(again).toEqual(scores);
  const tokens = new Set(scores.map((s) => s.tokens));
  if (mode === 'workflow') expect([...tokens]).toEqual([0]);
  else expect(tokens.size).toBeGreaterThan(1);
  for (const s of scores) {
    expect(s.tokens).toBeLessThanOrEqual(DEFAULT_AGENT_LIMITS.tokens);
    expect(s.calls).toBeLessThanOrEqual(DEFAULT_AGENT_LIMITS.calls);
  }
});

test('what the workflow decides costs no mode but agent anything', async () => {
  const decided = await caseOf('amber-finch');
  const [workflow, hybrid, specialists, agent] = await Promise.all(MODES.map((mode) => play(decided, mode, 1)));
  expect(workflow).toMatchObject({ solved: true, tokens: 0 });
  expect([hybrid, specialists]).toEqual([workflow, workflow]);
  expect(agent!.tokens).toBeGreaterThan(0);
});
