/**
 * What each part of the analysis buys: every part is left out in turn (`inquest eval --without`) and the figures are
 * set beside the whole. Prints a Markdown table. Needs a build.
 *
 *   npm run ablation -- [--part NAME]... [--jobs N] DIR...     (fixtures/incidents)
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { PARTS } from '../src/analysis/ablation.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { part: { type: 'string', multiple: true }, jobs: { type: 'string' } },
});
const dirs = positionals.length > 0 ? positionals : ['fixtures/incidents'];
const program = new URL('../bin/inquest.js', import.meta.url).pathname;

async function evaluate(without) {
  const jobs = values.jobs ? ['--jobs', values.jobs] : [];
  const args = [
    program,
    'eval',
    ...dirs,
    '--json',
    '--no-timings',
    ...jobs,
    ...(without ? ['--without', without] : []),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 30 }).catch((e) => {
    // A case that failed is told in the figures; anything else ends here.
    if (e.code === 1 && e.stdout) return e;
    throw e;
  });
  return JSON.parse(stdout);
}

const share = (x) => (x === null ? '–' : x.toFixed(3).replace(/^(-?)0/, '$1'));
const signed = (x) => (Math.abs(x) < 0.0005 ? '' : `${x > 0 ? '+' : '−'}${share(Math.abs(x))}`);
const row = (cells) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
const HEADS = ['left out', 'AC@1', 'AC@3', 'change@1', 'verdict', '>= .8', 'confident-wrong', 'sets (AC@1, verdict)'];
const KEYS = ['ac1', 'ac3', 'changeAc1', 'verdictAccuracy', 'answered', 'confidentWrong'];

/** The sets that moved by a case or more: `petshop −.231/−.038`. */
function moved(whole, rest) {
  return Object.entries(whole.sets)
    .map(([set, was]) => {
      const now = rest.sets[set];
      const delta = (key) => signed((now[key] ?? 0) - (was[key] ?? 0)) || '0';
      const [ac1, verdict] = [delta('ac1'), delta('verdictAccuracy')];
      return ac1 === '0' && verdict === '0' ? '' : `${set} ${ac1}/${verdict}`;
    })
    .filter(Boolean)
    .join(', ');
}

const whole = await evaluate();
row(HEADS);
row(HEADS.map((_, i) => (i === 0 || i === HEADS.length - 1 ? '---' : '---:')));
row([`nothing (${whole.total.cases} cases)`, ...KEYS.map((key) => share(whole.total[key])), '']);
for (const part of values.part ?? Object.keys(PARTS)) {
  const rest = await evaluate(part);
  const cell = (key) => {
    const delta = signed((rest.total[key] ?? 0) - (whole.total[key] ?? 0));
    return `${share(rest.total[key])}${delta && ` (${delta})`}`;
  };
  row([`${part}: ${PARTS[part]}`, ...KEYS.map(cell), moved(whole, rest)]);
}
