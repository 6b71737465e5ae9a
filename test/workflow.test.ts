/** The workflow's rules: playbooks, windows, hypotheses, the gate. */
import { describe, expect, test } from 'vitest';
import type { RankedCandidate, Ranking } from '../src/analysis/ranking.ts';
import type { UserError } from '../src/core/errors.ts';
import type { Alert } from '../src/core/types.ts';
import { DEFAULT_THRESHOLDS, decide } from '../src/workflow/gate.ts';
import { hypothesesOf } from '../src/workflow/hypotheses.ts';
import { choosePlaybook } from '../src/workflow/match.ts';
import { parsePlaybook } from '../src/workflow/parse-playbook.ts';
import { planWindow } from '../src/workflow/window.ts';

const STEPS = ['topology', 'golden-signals', 'changes'];
const alert = (more: Partial<Alert>): Alert => ({
  title: 'x',
  status: 'firing',
  startsAt: '2026-11-20T03:00:00.000Z',
  labels: {},
  annotations: {},
  links: [],
  source: 'test',
  fingerprint: 'f',
  ...more,
});
const playbook = (front: string): string => `---\n${front}\n---\n\nWords for people.\n`;
const mistake = (text: string): string => {
  try {
    parsePlaybook(text, 'playbooks/mine.md', STEPS);
    return 'no mistake';
  } catch (e) {
    const { message, hints } = e as UserError;
    return [message, ...hints].join(' | ');
  }
};

describe('a playbook', () => {
  test('is data: title, match, steps, weights, budget, and words for people', async () => {
    const text = playbook(
      'title: Slow\nmatch:\n  words: [slow]\n  labels:\n    team: shop\nsteps: [topology, changes]\nweights:\n  changes: 1.5\nbudget:\n  wall: 1m30s',
    );
    expect(parsePlaybook(text, 'a/slow.md', STEPS)).toMatchObject({
      name: 'slow',
      steps: ['topology', 'changes'],
      weights: { changes: 1.5 },
      budget: { wallMs: 90_000, stepMs: 45_000 },
      match: { words: ['slow'], labels: { team: 'shop' } },
      guidance: 'Words for people.',
    });
  });

  test('with a mistake is answered with line and nearest name', async () => {
    expect(mistake(playbook('title: Slow\nstep: [topology]'))).toBe(
      'playbook playbooks/mine.md, line 3: a playbook has no key "step" | Did you mean "steps"?',
    );
    expect(mistake(playbook('title: Slow\nsteps:\n  - topology\n  - golden-signal'))).toBe(
      'playbook playbooks/mine.md, line 5: there is no step "golden-signal" | Did you mean "golden-signals"?',
    );
    expect(mistake(playbook('title: Slow\nsteps: [topology]\nmatch:\n  word: [x]'))).toMatch(
      /line 5: match has no key "word" \| Did you mean "words"\?/,
    );
    expect(mistake(playbook('title: Slow\nsteps: [topology]\nweights:\n  changes: lots'))).toMatch(
      /line 5: weights.changes must be a number/,
    );
    expect(mistake(playbook('title: Slow\nsteps: [topology]\nbudget:\n  wall: soon'))).toMatch(
      /line 5: budget.wall must be a duration/,
    );
    expect(mistake(playbook('title: "Slow\nsteps: [topology]'))).toMatch(/line \d+: /);
    expect(mistake('no front matter')).toMatch(/line 1: has no front matter/);
  });

  test('is chosen by code from title, metric and labels, and says why', async () => {
    const books = [
      ['general', 'title: G\nsteps: [topology]'],
      ['latency', 'title: L\nmatch:\n  words: [latency, slow]\n  metric: [duration]\nsteps: [topology]'],
      ['errors', 'title: E\nmatch:\n  words: [error]\nsteps: [topology]'],
    ].map(([name, front]) => parsePlaybook(playbook(front!), `${name}.md`, STEPS));
    const chosen = (a: Partial<Alert>): string => {
      const { playbook: p, why } = choosePlaybook(alert(a), books);
      return `${p.name}: ${why}`;
    };
    expect(chosen({ title: 'Latency is high' })).toBe('latency: "latency" in the title');
    expect(chosen({ title: 'x', query: 'histogram(http_duration_seconds)' })).toBe(
      'latency: "duration" in the metric or query',
    );
    expect(chosen({ title: 'too many errors' })).toBe('errors: "error" in the title');
    expect(chosen({ title: 'terrors of the deep' })).toBe('general: no other playbook fits');
    expect(() => choosePlaybook(alert({}), books, 'latancy')).toThrow('there is no playbook "latancy"');
  });
});

describe('the window', () => {
  const now = Date.parse('2026-11-20T03:10:00Z');
  test('begins before the alert, ends now, and is compared with the time before it', () => {
    expect(planWindow({ alert: alert({}), now })).toEqual({
      from: '2026-11-20T02:45:00.000Z',
      to: '2026-11-20T03:10:00.000Z',
      baseline: { from: '2026-11-19T22:45:00.000Z', to: '2026-11-20T02:45:00.000Z' },
    });
  });
  test('of an old alert ends an hour after it, not today', () => {
    const old = planWindow({ alert: alert({ startsAt: '2019-05-01T10:00:00Z' }), now });
    expect([old.from, old.to]).toEqual(['2019-05-01T09:45:00.000Z', '2019-05-01T11:00:00.000Z']);
  });
  test('of a recording is compared with all that was recorded before', () => {
    const recorded = { from: '2026-11-20T00:00:00.000Z', to: '2026-11-20T03:10:00.000Z' };
    expect(planWindow({ alert: alert({}), now, recorded }).baseline.from).toBe(recorded.from);
  });
  test('of a short recording leaves half of what lies before the alert to compare with', () => {
    const recorded = { from: '2026-11-20T02:58:00.000Z', to: '2026-11-20T03:01:00.000Z' };
    const w = planWindow({ alert: alert({}), now, recorded });
    expect([w.baseline.from, w.from]).toEqual(['2026-11-20T02:58:00.000Z', '2026-11-20T02:59:00.000Z']);
  });
  test('never reaches into the future, even where the alert does', () => {
    const w = planWindow({ alert: alert({ startsAt: '2030-01-01T00:00:00Z' }), now });
    expect(Date.parse(w.to)).toBeLessThanOrEqual(now);
    expect(Date.parse(w.from)).toBeLessThan(Date.parse(w.to));
  });
});

const candidate = (name: string, score: number): RankedCandidate => ({
  entity: { name, level: 'service' },
  category: 'code-change',
  score,
  sentence: `${name} is broken`,
  for: [],
  against: [],
  claims: [],
});
const ranking = (more: Partial<Ranking>): Ranking => ({
  candidates: [candidate('a', 6), candidate('b', 2)],
  changes: [],
  healthy: { score: 0, looks: 0, reasons: [], claims: [] },
  confidence: 0.9,
  kind: 1,
  unknown: 0.2,
  ...more,
});

describe('hypotheses', () => {
  test('add up to 1 with "unknown" always among them', () => {
    for (const r of [
      ranking({}),
      ranking({ candidates: [] }),
      ranking({ unknown: 1 }),
      ranking({ candidates: Array.from({ length: 12 }, (_, i) => candidate(`s${i}`, 12 - i)) }),
    ]) {
      const all = hypothesesOf(r);
      expect(all.reduce((sum, h) => sum + h.score, 0)).toBeCloseTo(1, 6);
      expect(all.at(-1)).toMatchObject({ claim: 'unknown cause', state: 'unknown' });
    }
    expect(hypothesesOf(ranking({ candidates: [] })).at(-1)?.score).toBe(1);
  });
});

describe('the gate', () => {
  const gate = (r: Partial<Ranking>, more: Partial<Parameters<typeof decide>[0]> = {}) => {
    const ranked = ranking(r);
    return decide({
      ranking: ranked,
      hypotheses: hypothesesOf(ranked),
      coverage: 1,
      unconfirmed: undefined,
      supported: true,
      stranger: undefined,
      thresholds: DEFAULT_THRESHOLDS,
      ...more,
    });
  };
  test('gives a verdict only when every number is met, and prints them', () => {
    expect(gate({})).toMatchObject({
      outcome: 'cause',
      decision: 'verdict',
      reason: 'verdict: confidence 0.90 >= 0.7, margin 0.67 >= 0.05, coverage 1.00 >= 0.5',
    });
  });
  test('escalates with the number that was missed', () => {
    expect(gate({ confidence: 0.5 }).reason).toBe('escalated: confidence 0.50 < 0.7');
    expect(gate({ candidates: [candidate('a', 5), candidate('b', 4.9)] }).reason).toBe('escalated: margin 0.02 < 0.05');
    expect(gate({}, { coverage: 0.2 }).reason).toBe('escalated: coverage 0.20 < 0.5');
    expect(gate({ candidates: [] }).reason).toBe('escalated: nothing abnormal was found that could be a cause');
    expect(gate({}, { supported: false }).reason).toBe(
      'escalated: no claim of the lead could be checked on the evidence',
    );
  });
  test('never confirms a cause that rests only on what an outsider can write', () => {
    expect(gate({ confidence: 0.7 }, { unconfirmed: 0.99 })).toMatchObject({
      outcome: 'inconclusive',
      confidence: 0.7,
      reason: 'escalated: the lead rests only on text that an outsider can write',
    });
  });
  test('says "healthy" only after enough successful looks', () => {
    const calm = { candidates: [], confidence: 0, healthy: { score: 0.9, looks: 5, reasons: [], claims: [] } };
    expect(gate(calm)).toMatchObject({ outcome: 'healthy', confidence: 0.9 });
    expect(gate({ ...calm, healthy: { ...calm.healthy, looks: 2 } }).outcome).toBe('inconclusive');
    expect(gate(calm, { coverage: 0.3 }).outcome).toBe('inconclusive');
  });
});
