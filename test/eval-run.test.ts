/** `inquest eval`: finds cases, runs them in worker processes, opens the truth last, survives a crash. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EvalFlags } from '../src/commands/_eval-flags.ts';
import { runEval } from '../src/commands/eval.ts';
import type { UserError } from '../src/core/errors.ts';
import type { Io } from '../src/core/ports.ts';
import type { Verdict } from '../src/core/verdict.ts';
import { type Investigate, runCase } from '../src/eval/case.ts';
import { type Evaluation, evaluate } from '../src/eval/evaluate.ts';
import { findBundles } from '../src/eval/find-bundles.ts';
import { progressOn } from '../src/eval/progress.ts';
import { ALERT_AT, iso, MINUTE, makeBundle } from './_bundles.ts';
import { tempFolder } from './_temp.ts';

const ROOT = join(import.meta.dirname, '../src');
const CAUSE = { verdict: 'cause', level: 'service', entity: 'cart' };
const rising = (service: string, top: number) => ({
  labels: { __name__: 'latency', service },
  kind: 'latency',
  values: [1, 2, 1, 2, 1, 2, 1, 2, 1, top, top, top, top, top + 1, top],
});
const refusal = async (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'nothing was refused',
    (e: UserError) => `${e.exit}: ${e.message} | ${e.hints?.join(' | ')}`,
  );

describe('cases are found', () => {
  test('a set is the folder that holds bundles, whatever its cases are called; other folders are skipped', async () => {
    const top = tempFolder();
    makeBundle(join(top, 'shop'), 'pods-1');
    makeBundle(join(top, 'shop'), 'nodes-1');
    const deep = makeBundle(join(top, 'more/dev'), 'case');
    makeBundle(deep, 'inside-a-bundle');
    mkdirSync(join(top, 'templates'));
    writeFileSync(join(top, 'templates/lines.log'), 'no bundle');
    symlinkSync(top, join(top, 'round'));
    const found = await findBundles([top, join(top, 'shop'), deep], '/');
    expect(found.map((f) => `${f.set}/${f.name}`)).toEqual(['dev/case', 'shop/nodes-1', 'shop/pods-1']);
  });

  test('two sets of the same name are told apart by the folders above', async () => {
    const top = tempFolder();
    makeBundle(join(top, 'dev/shop'), 'a');
    makeBundle(join(top, 'held/shop'), 'a');
    expect((await findBundles([top], '/')).map((f) => f.set)).toEqual(['dev/shop', 'held/shop']);
  });

  test('a folder without any bundle is refused with what a bundle is', async () => {
    const top = tempFolder();
    expect(await refusal(findBundles([top], '/'))).toMatch(
      /^2: there is no bundle in or below .* \| A bundle is a folder with bundle\.json/,
    );
    expect(await refusal(findBundles(['nowhere'], top))).toMatch(/^2: cannot read nowhere: there is no such folder/);
    writeFileSync(join(top, 'file'), '');
    expect(await refusal(findBundles(['file'], top))).toMatch(/is no folder/);
  });
});

describe('a case', () => {
  const verdict: Verdict = {
    outcome: 'cause',
    headline: 'cart is slow',
    category: 'code-change',
    confidence: 0.9,
    confirmed: true,
    candidates: [{ name: 'cart-1', level: 'instance', of: 'cart', score: 1 }],
    changes: [],
    claims: [],
    next: [],
    notChecked: [],
    gate: {
      decision: 'verdict',
      outcome: 'cause',
      confidence: 0.9,
      margin: 1,
      coverage: 1,
      thresholds: { confidence: 0, margin: 0, coverage: 0 },
      reason: '',
    },
  };

  test('opens the truth after the verdict and folds the ranking to its level', async () => {
    const top = tempFolder();
    const dir = makeBundle(top, 'late');
    const investigate: Investigate = () => {
      writeFileSync(join(dir, 'truth.json'), JSON.stringify({ schema: 'inquest.truth/v1', ...CAUSE }));
      return Promise.resolve({ verdict });
    };
    const result = await runCase({ dir, shiftMs: 0, twins: false }, { root: ROOT, now: () => 0, investigate });
    expect(result).toMatchObject({ ranking: ['cart'], judgement: { entityRank: 1, right: true } });
  });

  test('its twin is asked before the onset, with alert and now moved back together', async () => {
    const top = tempFolder();
    const onset = ALERT_AT - 3 * MINUTE;
    const known = makeBundle(top, 'known', { truth: { ...CAUSE, onset: iso(onset) } });
    const guessed = makeBundle(top, 'guessed', { truth: CAUSE });
    const asked: unknown[] = [];
    const investigate: Investigate = (_, opts) => {
      asked.push(opts);
      return Promise.resolve({ verdict: opts.cutAt === undefined ? verdict : { ...verdict, outcome: 'healthy' } });
    };
    const deps = { root: ROOT, now: () => 0, investigate };
    const result = await runCase({ dir: known, shiftMs: 0, twins: true }, deps);
    expect(result.twin).toEqual({ outcome: 'healthy', confidence: 0.9 });
    await runCase({ dir: guessed, shiftMs: 0, twins: true }, deps);
    const now = ALERT_AT + 5 * MINUTE;
    expect(asked).toEqual([
      { shiftMs: 0 },
      { cutAt: onset - 1000, shiftMs: onset - 1000 - now },
      { shiftMs: 0 },
      { cutAt: ALERT_AT - 15 * MINUTE, shiftMs: -20 * MINUTE },
    ]);
  });
});

describe('worker processes', () => {
  /** Answers each case at once; dies, hangs or complains on demand. */
  const worker = (): { file: string; execArgv: string[] } => {
    const file = join(tempFolder(), 'worker.mjs');
    writeFileSync(
      file,
      `process.on('message', ({ dir }) => {
        if (dir.endsWith('crash')) { process.stderr.write('Error: the roof is on fire\\n    at home\\n'); process.exit(7); }
        if (dir.endsWith('hang')) { setInterval(() => {}, 1000); return; }
        if (dir.endsWith('broken')) return process.send({ failed: 'metrics.jsonl, line 3: no JSON', rssMb: 12 });
        const answer = { outcome: 'cause', confidence: 0.9, category: null, ranking: [], changes: null, reportHash: dir };
        process.send({ result: { answer, ranking: ['cart'], truth: null, judgement: null, ms: 5 }, rssMb: 34 });
      });`,
    );
    return { file, execArgv: [] };
  };
  const options = { shiftMs: 0, twins: false, jobs: 2, timeoutMs: 20_000, timings: true };

  test('one that dies or hangs is one failed case with its reason, and the others are answered in order', async () => {
    const top = join(tempFolder(), 'set');
    for (const name of ['a', 'b', 'broken', 'crash', 'hang', 'z']) {
      makeBundle(top, name, name === 'a' || name === 'b' ? {} : { truth: CAUSE });
    }
    const told: string[] = [];
    const evaluation = await evaluate(await findBundles([top], '/'), {
      ...options,
      timeoutMs: 1500,
      worker: worker(),
      signal: new AbortController().signal,
      onProgress: (done, of, _, set) => told.push(`${done}/${of}${set ? ' set' : ''}`),
    });
    expect(evaluation.cases.map((c) => `${c.name} ${c.failed ?? c.outcome}`)).toEqual([
      'a cause',
      'b cause',
      'broken metrics.jsonl, line 3: no JSON',
      'crash its worker ended with 7: Error: the roof is on fire',
      'hang its worker took longer than 1.5 s',
      'z cause',
    ]);
    expect(told).toEqual(['1/6', '2/6', '3/6', '4/6', '5/6', '6/6 set']);
    expect(evaluation.total).toMatchObject({ cases: 3, ac1: 0, rssMb: 34 });
    expect(Object.keys(evaluation.sets)).toEqual(['set']);
  });

  test('when stopped, nothing is left running', async () => {
    const top = join(tempFolder(), 'set');
    makeBundle(top, 'hang');
    const stop = new AbortController();
    const running = evaluate(await findBundles([top], '/'), { ...options, worker: worker(), signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    await expect(running).rejects.toThrow('eval was stopped');
  });
});

describe('the command', () => {
  const ioOf = (cwd: string) => {
    const out: string[] = [];
    const err: string[] = [];
    const stream = (into: string[]) => ({ columns: 200, write: (s: string) => into.push(s) > 0 });
    const io = {
      stdout: stream(out),
      stderr: stream(err),
      env: {},
      cwd,
      root: ROOT,
      now: () => 0,
      signal: new AbortController().signal,
      exitCode: 0,
    } as unknown as Io;
    return { io, out: () => out.join(''), err: () => err.join('') };
  };
  const flags = (more: Partial<EvalFlags>): EvalFlags => ({
    timings: true,
    seed: '1',
    caseTimeout: '5m',
    method: 'nsigma',
    ...more,
  });
  const shop = (): string => {
    const top = tempFolder();
    makeBundle(join(top, 'shop'), 'case-1', { truth: CAUSE, series: [rising('cart', 90), rising('front', 9)] });
    makeBundle(join(top, 'shop'), 'case-2', { truth: CAUSE, series: [rising('cart', 9), rising('front', 90)] });
    makeBundle(join(top, 'shop'), 'open', { series: [rising('cart', 9)] });
    return top;
  };

  test('prints a row a set and a total, and counts cases without a truth apart', async () => {
    const top = shop();
    const { io, out, err } = ioOf(top);
    await runEval(io, ['.'], flags({}));
    expect(out()).toMatch(/^shop {7}2 {3}\.500 {2}1\.000/m);
    expect(out()).toMatch(/^total {6}2/m);
    expect(out()).toContain('without a truth: 1 case, run and counted in no figure\n  shop/open  cause  cart');
    expect(err()).toMatch(/^shop: 2 cases, AC@1 0\.500, verdict 1\.000 \(3 of 3/);
    expect(io.exitCode).toBe(0);
  });

  test('as JSON it has the keys that are documented, and without timings the same bytes twice', async () => {
    const top = shop();
    const first = ioOf(top);
    const second = ioOf(top);
    await runEval(first.io, ['shop'], flags({ json: true, timings: false, jobs: '2', twins: true }));
    await runEval(second.io, ['shop'], flags({ json: true, timings: false, jobs: '1', twins: true }));
    expect(second.out()).toBe(first.out());
    const { total, sets, cases } = JSON.parse(first.out()) as Evaluation;
    expect(Object.keys(total).join(' ')).toBe(
      'cases ac1 ac3 ac5 avg5 changeAc1 verdictAccuracy answered confidentWrong abstained brier ece p50Ms p95Ms rssMb',
    );
    expect(sets.shop).toEqual(total);
    expect(cases.map((c) => c.ranking)).toEqual([['cart', 'front'], ['front', 'cart'], ['cart']]);
    expect(cases[1]).toMatchObject({
      name: 'case-2',
      set: 'shop',
      ms: null,
      truth: { entityRank: 2 },
      twin: { outcome: 'cause' },
    });
  });

  test('--compare tells what changed and exits 1 on a loss only', async () => {
    const top = shop();
    const base = ioOf(top);
    await runEval(base.io, ['shop'], flags({ json: true }));
    writeFileSync(join(top, 'base.json'), base.out());
    const same = ioOf(top);
    await runEval(same.io, ['shop'], flags({ compare: 'base.json' }));
    expect([same.io.exitCode, same.out()]).toEqual([0, expect.stringContaining('compared: 0 better, 0 worse')]);

    const swapped = readFileSync(join(top, 'base.json'), 'utf8').replaceAll('"entityRank": 2', '"entityRank": 1');
    writeFileSync(join(top, 'base.json'), swapped);
    const lost = ioOf(top);
    await runEval(lost.io, ['shop'], flags({ compare: 'base.json', json: true }));
    expect([lost.io.exitCode, lost.err()]).toEqual([1, expect.stringContaining('worse   shop/case-2  entity: 1 → 2')]);
  });

  test('--set and --only leave the cases that they name, and say so when there are none', async () => {
    const top = shop();
    const { io, out } = ioOf(top);
    await runEval(io, ['.'], flags({ set: ['shop'], only: ['*-2'], json: true }));
    expect((JSON.parse(out()) as Evaluation).cases.map((c) => c.name)).toEqual(['case-2']);
    expect(await refusal(runEval(io, ['.'], flags({ set: ['shopp'] })))).toContain(
      'there is no set "shopp" | Did you mean "shop"?',
    );
    expect(await refusal(runEval(io, ['.'], flags({ only: ['nope'] })))).toContain('none of 3 cases has such a name');
  });

  test('a flag that cannot be is refused before anything runs', async () => {
    const { io } = ioOf(shop());
    expect(await refusal(runEval(io, ['.'], flags({ method: 'nsigm' })))).toContain('Did you mean "nsigma"?');
    expect(await refusal(runEval(io, ['.'], flags({ shift: ['soon'] })))).toContain('--shift: "soon" is no duration');
    expect(await refusal(runEval(io, ['.'], flags({ jobs: '0' })))).toContain('--jobs');
    expect(await refusal(runEval(io, ['.'], flags({ compare: 'nowhere.json' })))).toContain(
      'cannot read nowhere.json: ENOENT',
    );
    const { method: _, ...plain } = flags({ before: '20m' });
    expect(await refusal(runEval(io, ['.'], plain))).toContain('--before belongs to a reference method');
  });

  test('a bundle with a broken line is one failed case that names the line, and exit 1', async () => {
    const top = tempFolder();
    const dir = makeBundle(join(top, 'shop'), 'case-1', { truth: CAUSE, series: [rising('cart', 90)] });
    writeFileSync(join(dir, 'metrics.jsonl'), `${readFileSync(join(dir, 'metrics.jsonl'), 'utf8')}{"metric":\n`);
    const { io, out } = ioOf(top);
    await runEval(io, ['.'], flags({}));
    expect(out()).toMatch(/failed: 1 case, counted as wrong\n {2}shop\/case-1 {2}metrics\.jsonl.*line 2/);
    expect(io.exitCode).toBe(1);
  });

  test('--plot writes the curve', async () => {
    const top = shop();
    const { io } = ioOf(top);
    await runEval(io, ['.'], flags({ plot: 'risk.svg' }));
    expect(readFileSync(join(top, 'risk.svg'), 'utf8')).toMatch(/^<svg xmlns/);
  });
});

test('on a terminal the progress is one line that is drawn over, elsewhere a line a set', () => {
  const draw = (isTTY: boolean): string => {
    const out: string[] = [];
    let clock = 0;
    const stream = { isTTY, columns: 80, write: (s: string) => out.push(s) };
    const progress = progressOn(stream, () => clock);
    clock = 2000;
    progress.on(1, 4, { name: 'a', set: 'shop', dir: '/' });
    progress.end();
    return out.join('');
  };
  expect(draw(false)).toBe('');
  expect(draw(true)).toBe('\r\u001B[K======------------------ 1/4  0.5/s  6s left  shop\r\u001B[K');
});
