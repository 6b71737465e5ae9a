import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { API_KEY, APP_KEY, fakeDatadog } from './_datadog-fake.ts';
import { incident, onBundle, onDatadog, type Told, told } from './_datadog-runs.ts';
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
