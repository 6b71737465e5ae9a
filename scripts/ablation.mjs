/**
 * What each part of the analysis buys: every part is left out in turn (`inquest eval --without`) and the figures are
 * set beside the whole. Prints a Markdown table. Needs a build.
 *
 *   npm run ablation -- [--part NAME]... [--every N] [--set NAME]... [--jobs N] DIR...     (fixtures/incidents)
 *
 * --every   every Nth case of a set
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PARTS } from '../src/analysis/ablation.ts';
import { evaluation, row, sampledCases, share } from './_cases.mjs';

const many = { type: 'string', multiple: true };
const one = { type: 'string' };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { part: many, set: many, every: one, jobs: one },
});
const root = new URL('..', import.meta.url).pathname;
const jobs = values.jobs ? ['--jobs', values.jobs] : [];

const signed = (x) => (Math.abs(x) < 0.0005 ? '' : `${x > 0 ? '+' : '−'}${share(Math.abs(x))}`);
const HEADS = ['left out', 'AC@1', 'AC@3', 'change@1', 'verdict', '>= .8', 'confident-wrong', 'sets (AC@1, verdict)'];
const KEYS = ['ac1', 'ac3', 'changeAc1', 'verdictAccuracy', 'answered', 'confidentWrong'];

/** The sets that moved: `shop −.231/−.038`. */
function moved(whole, rest) {
  return Object.entries(whole.sets)
    .map(([set, was]) => {
      const delta = (key) => signed((rest.sets[set][key] ?? 0) - (was[key] ?? 0)) || '0';
      const [ac1, verdict] = [delta('ac1'), delta('verdictAccuracy')];
      return ac1 === '0' && verdict === '0' ? '' : `${set} ${ac1}/${verdict}`;
    })
    .filter(Boolean)
    .join(', ');
}

const work = mkdtempSync(join(tmpdir(), 'inquest-ablation-'));
try {
  const { dir } = await sampledCases(positionals, { every: Number(values.every ?? 1), sets: values.set }, work);
  const whole = await evaluation(root, dir, jobs);
  row(HEADS);
  row(HEADS.map((_, i) => (i === 0 || i === HEADS.length - 1 ? '---' : '---:')));
  row([`nothing (${whole.total.cases} cases)`, ...KEYS.map((key) => share(whole.total[key])), '']);
  for (const part of values.part ?? Object.keys(PARTS)) {
    const rest = await evaluation(root, dir, [...jobs, '--without', part]);
    const cell = (key) => {
      const delta = signed((rest.total[key] ?? 0) - (whole.total[key] ?? 0));
      return `${share(rest.total[key])}${delta && ` (${delta})`}`;
    };
    row([`${part}: ${PARTS[part]}`, ...KEYS.map(cell), moved(whole, rest)]);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
