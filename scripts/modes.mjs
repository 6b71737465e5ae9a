/**
 * `npm run modes`: the modes compared on all recorded incidents with one fixed scripted policy, by seed. No model is asked:
 * the figures are of the machinery around one. Prints a Markdown table; the same seeds, the same table.
 *   npm run modes -- [--runs 100] [--seed 1] [--modes workflow,hybrid,specialists,agent] [--only name]
 */
import { caseOf, incidents, MODES, play } from '../test/_modes.ts';

const flag = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? process.argv[at + 1] : otherwise;
};
const runs = Number(flag('--runs', '100'));
const first = Number(flag('--seed', '1'));
const modes = flag('--modes', MODES.join(',')).split(',');
const only = flag('--only', '');
const unknown = modes.filter((m) => !MODES.includes(m));
if (unknown.length > 0) throw new Error(`no such mode: ${unknown.join(', ')}; known: ${MODES.join(', ')}`);

const names = incidents().filter((n) => !only || n === only);
/** By mode and run: the sums over all cases. */
const sums = new Map(modes.map((m) => [m, Array.from({ length: runs }, () => ({}))]));
let open = 0;
const began = Date.now();
for (const name of names) {
  const c = await caseOf(name);
  if (c.open) open++;
  for (const mode of modes)
    for (let i = 0; i < runs; i++) {
      // The workflow draws no lots: one run of it is all of them.
      const score = mode === 'workflow' && i > 0 ? sums.get(mode).last : await play(c, mode, first + i);
      if (mode === 'workflow') sums.get(mode).last = score;
      const sum = sums.get(mode)[i];
      for (const [k, v] of Object.entries(score)) sum[k] = (sum[k] ?? 0) + Number(v);
    }
  process.stderr.write(`${name} ${Math.round((Date.now() - began) / 1000)} s\n`);
}

const stats = (xs) => {
  const mean = xs.reduce((a, b) => a + b, 0) / xs.length;
  const sd = Math.sqrt(xs.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, xs.length - 1));
  return { mean, sd, low: Math.min(...xs), high: Math.max(...xs) };
};
const percent = (xs) => {
  const { mean, sd, low, high } = stats(xs.map((x) => (100 * x) / names.length));
  return `${mean.toFixed(1)} ± ${sd.toFixed(1)} (${low.toFixed(0)}–${high.toFixed(0)})`;
};
const each = (xs, digits) => {
  const { mean, sd } = stats(xs.map((x) => x / names.length));
  return `${mean.toFixed(digits)} ± ${sd.toFixed(digits)}`;
};
const line = (cells) => `| ${cells.join(' | ')} |\n`;
process.stdout.write(
  `${names.length} incidents, ${open} of them open for the workflow; ${runs} runs a mode, seeds ${first} to ${first + runs - 1}. ` +
    'A scripted policy with seeded noise, no model. Mean ± standard deviation over the runs (least–most).\n\n',
);
process.stdout.write(
  line([
    'mode',
    'solved, %',
    'right first suspect, %',
    'decided, wrong who, %',
    'decided, wrong change or kind, %',
    'turns a case',
    'questions a case',
    'tokens a case',
    'dollars a case',
  ]),
);
process.stdout.write(line(['---', ...Array.from({ length: 8 }, () => '---:')]));
for (const mode of modes) {
  const of = (k) => sums.get(mode).map((s) => s[k]);
  process.stdout.write(
    line([
      mode,
      percent(of('solved')),
      percent(of('entity')),
      percent(of('wrongWho')),
      percent(of('wrongWhat')),
      each(of('turns'), 1),
      each(of('calls'), 1),
      each(of('tokens'), 0),
      each(of('dollars'), 4),
    ]),
  );
}
