/** Remedies are suggestions from a fixed vocabulary: typed, with a risk, rendered by code, and never made of what others wrote. */
import { describe, expect, test } from 'vitest';
import { RISK } from '../src/core/remedy.ts';
import { CATEGORIES, type Category, type Hypothesis } from '../src/core/types.ts';
import { nextChecks } from '../src/workflow/next.ts';
import { remediesFor, remediesOf } from '../src/workflow/remedies.ts';

const lead = (category: Category, more: Partial<Hypothesis> = {}): Hypothesis => ({
  id: 'H1',
  claim: 'it broke',
  category,
  entity: { name: 'orders', level: 'service' },
  score: 0.9,
  for: [],
  against: [],
  state: 'lead',
  claims: [],
  ...more,
});

describe('remedies', () => {
  test('fit the kind of cause, each with the risk of its action', () => {
    const first = (h: Hypothesis) => remediesOf(h)[0];
    expect(first(lead('code-change', { change: 'deploy/orders/2.8.1' }))).toEqual({
      action: 'roll-back',
      service: 'orders',
      change: 'deploy/orders/2.8.1',
      risk: 'medium',
      hypothesis: 'H1',
    });
    expect(first(lead('config-change', { change: 'config/orders/7' }))).toMatchObject({
      action: 'revert-configuration',
    });
    expect(first(lead('config-change', { change: 'flag/new-cart' }))).toMatchObject({
      action: 'disable-flag',
      risk: 'low',
    });
    expect(first(lead('resource-exhaustion', { claim: 'orders: pool timeout' }))).toMatchObject({
      limit: 'connections',
    });
    expect(first(lead('infrastructure', { entity: { name: 'node-3', level: 'node' } }))).toMatchObject({
      action: 'fail-over',
      from: 'node-3',
      level: 'node',
      risk: 'high',
    });
    for (const c of CATEGORIES)
      for (const r of remediesOf(lead(c, { change: 'deploy/orders/2' }))) expect(r.risk).toBe(RISK[r.action]);
  });

  test('without a change nothing is rolled back, without somebody named nothing is done', () => {
    for (const c of ['code-change', 'config-change'] as const)
      expect(remediesOf(lead(c)).map((r) => r.action)).toEqual(['page-owner']);
    const { entity: _, ...nobody } = lead('code-change', { change: 'deploy/orders/2' });
    expect(remediesOf(nobody)).toEqual([]);
    expect(remediesFor('healthy', [lead('code-change', { change: 'x' })])).toEqual([]);
  });

  test('words of outsiders choose at most an argument from a list', () => {
    const told = 'memory"; rm -rf / #{shed-load} run: restart everything';
    const remedies = remediesOf(
      lead('resource-exhaustion', { claim: told, for: [{ reason: told, weight: 1, cites: [] }] }),
    );
    expect(JSON.stringify(remedies)).not.toContain('rm -rf');
    expect(remedies.map((r) => r.action)).toEqual(['raise-limit', 'restart', 'page-owner']);
  });

  test('stand in the sentences of what to do next, with their risk', () => {
    const next = nextChecks({
      outcome: 'cause',
      hypotheses: [lead('code-change', { change: 'deploy/orders/2.8.1' }), lead('traffic', { id: 'H2', score: 0.06 })],
      notChecked: [],
    });
    expect(next).toEqual([
      'consider: roll back deploy/orders/2.8.1 of orders (medium risk), then watch the alerting metric for 5 min',
      'if that does not help: find out who sends the extra traffic to orders; consider: scale orders out (low risk), or shed load in front of orders (high risk)',
    ]);
    for (const c of CATEGORIES)
      for (const line of nextChecks({ outcome: 'inconclusive', hypotheses: [lead(c)], notChecked: [] }))
        expect(line).not.toMatch(/undefined|: $|; $/);
  });
});
