import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { API_KEY, APP_KEY, fakeDatadog } from './_datadog-fake.ts';
import { incident, onBundle, onDatadog, type Told, told } from './_datadog-runs.ts';
import { stable } from './_program.ts';
import { tempFolder } from './_temp.ts';

/**
 * Recorded incidents whose cause shows itself in what Datadog holds: telemetry, deployments and change events. What only a
 * diff tells (whether a release touches what fails) is not in Datadog; there a run on it stays undecided where the recording
 * with its diffs is decided.
 */
const SHOWN = [
  'amber-finch',
  'birch-otter',
  'cedar-heron',
  'jade-swift',
  'kelp-raven',
  'lunar-mole',
  'pebble-lynx',
  'quartz-dove',
  'river-shrew',
  'tidal-fox',
];
const REQUESTS_MAX = 25;

const what = ({ confidence: _, ...rest }: Told): Omit<Told, 'confidence'> => rest;

describe('with Datadog alone an investigation says what it says of the recording itself', () => {
  test.each(SHOWN)('%s', { timeout: 120_000 }, async (name) => {
    const [home, other] = [tempFolder(), tempFolder()];
    const fake = await fakeDatadog(incident(name));
    try {
      const recorded = told((await onBundle(other, name)).stdout);
      const run = await onDatadog(home, fake);
      const report = readFileSync(join(home, 'report.json'), 'utf8');
      const asked = told(report);
      expect(what(asked)).toEqual(what(recorded));
      expect(run.code).toBe(asked.outcome === 'inconclusive' ? 10 : 0);

      const sent = run.requests.flatMap((r) => r.sent);
      process.stdout.write(
        `${name}: ${asked.outcome} ${asked.entity ?? ''} ${asked.change ?? ''}, ${sent.length} requests (confidence ${asked.confidence}, recording ${recorded.confidence})\n`,
      );
      expect(sent.length).toBeLessThanOrEqual(REQUESTS_MAX);
      // What the journal tells is what was sent.
      expect(sent.length).toBe(fake.requests.length);
      expect(fake.requests.filter((r) => r.status !== 200)).toEqual([]);
      for (const key of [API_KEY, APP_KEY]) expect(run.journal + run.stderr + report).not.toContain(key);
    } finally {
      await fake.close();
    }
  });
});

interface Findings {
  steps: { name: string }[];
  findings: { kind: string; title: string; cites: string[]; link?: string }[];
  evidence: { id: string; tool: string; link?: string }[];
}

describe('kelp-raven', () => {
  test('asked twice, the same Datadog gives the same report', { timeout: 120_000 }, async () => {
    const fake = await fakeDatadog(incident('kelp-raven'));
    try {
      const reports: string[] = [];
      for (const home of [tempFolder(), tempFolder()]) {
        await onDatadog(home, fake);
        reports.push(readFileSync(join(home, 'report.json'), 'utf8'));
      }
      const [first, second] = reports.map((r) => comparable(r));
      expect(first).toEqual(second);

      const report = JSON.parse(reports[0]!) as Findings;
      const group = report.findings.find((f) => f.kind === 'new-error-group' && f.title.startsWith('orders'))!;
      expect(group.title).toMatch(/first seen 07:52:49Z in 2\.9\.0, brought by .*2\.9\.0.*reading 'quantity'/);
      expect(report.findings.find((f) => f.kind === 'objective')!.title).toMatch(
        /^gateway answers \(7d\): 9\d.*% of 99\.5%/,
      );
      // Every look at Datadog can be opened there.
      const ours = report.evidence.filter((e) => e.tool.startsWith('datadog.'));
      expect(ours.length).toBeGreaterThan(20);
      expect(ours.filter((e) => !e.link?.startsWith('https://app.datadoghq.com/'))).toEqual([]);
    } finally {
      await fake.close();
    }
  });

  test('steps that join a plan are in none where no source offers what they need', async () => {
    const report = JSON.parse((await onBundle(tempFolder(), 'kelp-raven')).stdout) as Findings;
    expect(report.steps.map((s) => s.name)).not.toContain('errors');
    expect(report.steps.map((s) => s.name)).not.toContain('slo');
  });
});

/** The folder of the alert, and who of several that asked at once paid for a shared request, are no content. */
const UNLIKE = new Set(['origin', 'requests']);
const comparable = (report: string): unknown =>
  JSON.parse(JSON.stringify(stable(report), (key, value: unknown) => (UNLIKE.has(key) ? undefined : value)));
