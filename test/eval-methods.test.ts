/** The reference methods: what they do on made-up series, and that they meet the published reference figures. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { type EvalFlags, evalCommand } from '../src/commands/_eval-flags.ts';
import { methodOf, stressOf } from '../src/commands/_eval-options.ts';
import type { Io } from '../src/core/ports.ts';
import type { Change, Series } from '../src/core/telemetry.ts';
import { runCase } from '../src/eval/case.ts';
import { findBundles } from '../src/eval/find-bundles.ts';
import { runMethod } from '../src/eval/methods/method.ts';
import { DEFAULTS, type MethodOptions } from '../src/eval/methods/options.ts';
import { split } from '../src/eval/methods/samples.ts';
import { score } from '../src/eval/methods/scores.ts';
import { answeredRow } from '../src/eval/rows.ts';
import { summarise } from '../src/eval/summary.ts';
import { ALERT_AT, iso, MINUTE } from './_bundles.ts';

const options = (more: Partial<MethodOptions>): MethodOptions => ({ ...DEFAULTS, name: 'nsigma', ...more });
const incident = {
  alert: { startsAt: iso(ALERT_AT), service: 'front', metric: 'latency', labels: {} },
  now: ALERT_AT + 2 * MINUTE,
  baselines: [{ from: iso(ALERT_AT - 3 * MINUTE), to: iso(ALERT_AT - MINUTE), sources: ['metrics'] }],
};
/** One sample a minute, of which the last three lie at the alert and after. */
const series = (labels: Record<string, string>, values: (number | null)[], more: Partial<Series> = {}): Series => ({
  labels,
  times: values.map((_, i) => ALERT_AT + (i - values.length + 3) * MINUTE),
  values,
  ...more,
});
const names = (o: Partial<MethodOptions>, all: Series[], changes: Change[] = []): string[] =>
  runMethod(options(o), incident, { series: all, changes }).ranking.map((e) => e.name);

describe('reference methods', () => {
  test('nsigma is the largest standardised rise, baro the largest over median and interquartile range', () => {
    // Mean 3, deviation sqrt(2); median 3, quartiles 2 and 4.
    expect(score('nsigma', [1, 2, 3, 4, 5], [6, 0], false)).toBeCloseTo(3 / Math.SQRT2, 9);
    expect(score('baro', [1, 2, 3, 4, 5], [6, -9], false)).toBe(1.5);
    expect(score('baro', [1, 2, 3, 4, 5], [6, -9], true)).toBe(6);
    expect(score('nsigma', [0.1, 0.1, 0.1 + 1e-17], [2.1], false)).toBeCloseTo(2, 9);
  });

  test('before and after meet at the alert, with a length, a gap or known quiet times', () => {
    const s = series({ service: 'a' }, [1, 2, 3, 4, 5, 6, 7]);
    expect(split(s, incident, options({}))).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7],
    ]);
    expect(split(s, incident, options({ beforeMs: 2 * MINUTE }))[0]).toEqual([3, 4]);
    expect(split(s, incident, options({ gapMs: MINUTE }))[0]).toEqual([1, 2, 3]);
    expect(split(s, incident, options({ gapMs: MINUTE, beforeMs: MINUTE }))[0]).toEqual([3]);
    expect(split(s, incident, options({ baselineWindows: true }))[0]).toEqual([2, 3]);
    const holes = series({ service: 'a' }, [null, 2, null, 4, 5, null, 7]);
    expect(split(holes, incident, options({}))).toEqual([
      [2, 4],
      [5, 7],
    ]);
    expect(split(holes, incident, options({ fill: true }))).toEqual([
      [0, 2, 2, 4],
      [5, 5, 7],
    ]);
  });

  test('an entity has the score of its worst series; equal ones stand by name; nodes count too', () => {
    const all = [
      series({ __name__: 'cpu', service: 'b', instance: 'b-1' }, [1, 2, 1, 2, 9, 1, 2]),
      series({ __name__: 'cpu', service: 'b', instance: 'b-2' }, [1, 2, 1, 2, 1, 1, 2]),
      series({ __name__: 'latency', service: 'a' }, [1, 2, 1, 2, 3, 3, 4]),
      series({ __name__: 'load', node: 'vm1' }, [1, 2, 1, 2, 5, 5, 6]),
      series({ __name__: 'cpu', service: 'z' }, [1, 1, 1, 1, 9, 9, 8]),
      series({ __name__: 'cpu', service: 'y' }, [1, 1, 1, 1, 9, 9, 8]),
    ];
    expect(names({}, all)).toEqual(['b', 'vm1', 'a', 'y', 'z']);
    expect(names({ keepConstant: true }, all).slice(0, 3)).toEqual(['b', 'vm1', 'y']);
    expect(names({ metrics: 'alert' }, all)[0]).toBe('a');
    expect(names({ metrics: ['load'] }, all)[0]).toBe('vm1');
    expect(names({ instancesOnly: true }, all)[0]).toBe('b');
    const change: Change = { id: 'c', time: iso(ALERT_AT - MINUTE), kind: 'deploy', service: 'z', title: 'z' };
    expect(names({ changedFirst: true }, all, [change])[0]).toBe('z');
  });

  test('pooled, a new instance is compared with the old ones; series of an edge stay apart', () => {
    const old = series({ service: 'a', instance: 'a-1' }, [1, 2, 1, 2, 1, 2, 1]);
    const fresh: Series = { labels: { service: 'a', instance: 'a-2' }, times: [ALERT_AT + MINUTE], values: [50] };
    const other = series({ service: 'b' }, [1, 2, 1, 2, 4, 4, 5]);
    expect(names({}, [old, fresh, other])).toEqual(['b', 'a']);
    expect(names({ poolInstances: true }, [old, fresh, other])).toEqual(['a', 'b']);
    const edge = (s: Series): Series => ({ ...s, labels: { ...s.labels, caller: 'x', callee: 'a' } });
    expect(names({ poolInstances: true }, [edge(old), edge(fresh), other])).toEqual(['b', 'a']);
  });

  test('latest-change ranks what was changed before the alert, latest first, and blames the commit of a deploy', () => {
    const change = (id: string, minutes: number, more: Partial<Change> = {}): Change => ({
      id,
      time: iso(ALERT_AT + minutes * MINUTE),
      kind: 'deploy',
      service: id,
      title: id,
      ...more,
    });
    const changes = [
      change('old', -30),
      change('late', 1),
      change('front', -10, { deployed: ['sha1'] }),
      change('flag', -5, { kind: 'flag' }),
    ];
    const asked = (o: Partial<MethodOptions>): CaseParts => {
      const { ranking, changes: ids } = runMethod(options({ name: 'latest-change', ...o }), incident, {
        series: [],
        changes,
      });
      return [ranking.map((e) => e.name), ids];
    };
    type CaseParts = [string[], string[] | null];
    expect(asked({})).toEqual([
      ['flag', 'front', 'old'],
      ['flag', 'sha1', 'old'],
    ]);
    expect(asked({ changeKinds: ['deploy'] })).toEqual([
      ['front', 'old'],
      ['sha1', 'old'],
    ]);
    expect(asked({ alertService: true })).toEqual([['front'], ['sha1']]);
  });
});

const DATA = process.env.INQUEST_DATA;
if (DATA === undefined) process.stderr.write('SKIP reference figures: INQUEST_DATA is not set\n');

/** One line of the README of a public set: the flags that reproduce it, and its figures. */
interface Reference {
  set: string;
  only: string;
  flags: string;
  figures: Partial<Record<'ac1' | 'ac3' | 'ac5' | 'avg5' | 'changeAc1' | 'verdictAccuracy', number>>;
}
const references = JSON.parse(
  readFileSync(join(import.meta.dirname, 'data/reference-figures.json'), 'utf8'),
) as Reference[];

function flagsOf(text: string): EvalFlags {
  const root = new Command();
  evalCommand(root, {} as Io);
  const command = root.commands[0] as Command;
  command.parseOptions(text.split(' '));
  return command.opts<EvalFlags>();
}

describe.skipIf(DATA === undefined)('published reference figures are met within one case', () => {
  const deps = {
    root: join(import.meta.dirname, '../src'),
    now: () => 0,
    investigate: () => Promise.reject(new Error('a reference method does not investigate')),
  };

  test.each(references)('$set $only $flags', async ({ set, only, flags, figures }) => {
    const all = await findBundles([join(DATA as string, 'benchmarks', set)], '/');
    const found = all.filter((f) => f.name.includes(only.replaceAll('*', '')));
    const read = flagsOf(flags);
    const method = methodOf(read) as MethodOptions;
    const { shiftMs } = stressOf(read);
    const cases = [];
    for (const bundle of found) {
      const result = await runCase({ dir: bundle.dir, shiftMs, twins: false, method }, deps);
      cases.push({ row: answeredRow(bundle, result), rssMb: null });
    }
    const measured = summarise(cases, false);
    // Published figures have three decimals.
    const tolerance = 1 / found.length + 0.0005;
    for (const [key, published] of Object.entries(figures)) {
      expect(Math.abs((measured[key as keyof typeof figures] as number) - published), key).toBeLessThanOrEqual(
        tolerance,
      );
    }
  });
});
