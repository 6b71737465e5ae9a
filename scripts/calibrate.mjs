/**
 * `npm run calibrate -- FILE.json…`: fits the constants of src/analysis/confidence-fit.ts to judged cases and says what
 * they are worth on a set that was left out of the fit.
 *
 * A FILE is what `inquest eval DIR… --json` printed, best with `--perturb` and `--shift`: cases as they are make any
 * engine look surer than it is on cases that nobody tuned it to. Every variant of a case is one row of the fit.
 */
import { readFileSync } from 'node:fs';
import { changeClass, confidenceOf, kindFeatures, placeFeatures } from '../src/analysis/confidence.ts';
import { ece } from '../src/eval/calibration.ts';

/** Strength of the pull towards 0, in rows: so few that it only keeps what hardly varies from running away. */
const RIDGE = 0.1;
const STEPS = 25;
const CONFIDENT = 0.8;
/** What the gate asks. */
const GATE = 0.7;

/** Logistic regression by Newton's method (iteratively reweighted least squares) with a ridge. */
function regress(rows, features, right) {
  const n = features(rows[0].basis).length;
  let w = Array(n).fill(0);
  for (let step = 0; step < STEPS; step++) {
    const gradient = w.map((x, i) => (i === 0 ? 0 : RIDGE * x));
    const hessian = w.map((_, i) => w.map((__, j) => (i === j ? (i === 0 ? 1e-6 : RIDGE) : 0)));
    for (const row of rows) {
      const x = features(row.basis);
      const p = 1 / (1 + Math.exp(-x.reduce((s, v, i) => s + v * w[i], 0)));
      for (let i = 0; i < n; i++) {
        gradient[i] += (p - Number(right(row))) * x[i];
        for (let j = 0; j < n; j++) hessian[i][j] += p * (1 - p) * x[i] * x[j];
      }
    }
    const delta = solve(hessian, gradient);
    w = w.map((x, i) => x - delta[i]);
  }
  return w.map((x) => Number(x.toFixed(2)));
}

/** Gaussian elimination with partial pivoting. */
function solve(a, b) {
  const n = b.length;
  const m = a.map((row, i) => [...row, b[i]]);
  for (let c = 0; c < n; c++) {
    const pivot = m.slice(c).reduce((best, row, i) => (Math.abs(row[c]) > Math.abs(m[best][c]) ? c + i : best), c);
    [m[c], m[pivot]] = [m[pivot], m[c]];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const f = m[r][c] / m[c][c];
      for (let k = c; k <= n; k++) m[r][k] -= f * m[c][k];
    }
  }
  return m.map((row, i) => row[n] / row[i]);
}

const has = (row, aspect) => row.truth.wrong.includes(aspect);
const isCause = (row) => row.truth.verdict === 'cause';
const placed = (row) => isCause(row) && !has(row, 'entity');
const allRight = (row) => isCause(row) && !['entity', 'change', 'category'].some((a) => has(row, a));

function fitAll(rows) {
  const told = rows.filter((r) => placed(r) && r.basis.category > 0);
  // Laplace's rule keeps a class of few rows away from 0 and 1.
  const share = (name) => {
    const all = rows.filter((r) => changeClass(r.basis) === name);
    return Number(((all.filter((r) => isCause(r) && !has(r, 'change')).length + 1) / (all.length + 2)).toFixed(2));
  };
  return {
    place: regress(
      rows.filter((r) => r.basis.seen),
      placeFeatures,
      placed,
    ),
    kind: regress(told, kindFeatures, (r) => !has(r, 'category')),
    change: { shown: share('shown'), suspected: share('suspected'), open: share('open') },
  };
}

const files = process.argv.slice(2);
if (files.length === 0) {
  process.stderr.write('usage: npm run calibrate -- FILE.json…   (what `inquest eval DIR… --json` printed)\n');
  process.exit(2);
}
const usable = (c) => c.truth && c.basis && c.outcome !== 'healthy' && c.truth.verdict !== 'healthy';
const plain = [];
const rows = [];
const twins = [];
for (const file of files) {
  const { cases, perturbed = {}, shifted = {} } = JSON.parse(readFileSync(file, 'utf8'));
  plain.push(...cases.filter(usable));
  rows.push(...cases.filter(usable));
  for (const { set, twin } of cases) {
    if (!twin?.basis || twin.outcome === 'healthy') continue;
    twins.push({ set, basis: twin.basis });
  }
  for (const variant of [...Object.values(perturbed), ...Object.values(shifted)]) {
    rows.push(...(variant.cases ?? []).filter(usable));
  }
}

const believed = (row, fitted) => {
  const { confidence, kind } = confidenceOf(row.basis, fitted);
  return { place: confidence, all: confidence * kind };
};
const percent = (x) => `${(100 * x).toFixed(1)} %`;
const sets = [...new Set(rows.map((r) => r.set))].sort();
const print = (name, list, forecasts) => {
  const sure = forecasts.filter((f) => f.confidence >= CONFIDENT);
  const wrong = sure.filter((f) => !f.right).length;
  const error = ece(forecasts);
  process.stdout.write(
    `${name.padEnd(22)} ${String(list.length).padStart(5)}  answered ${percent(sure.length / list.length).padStart(7)}  confident-wrong ${percent(wrong / list.length).padStart(6)}  ECE ${error.toFixed(3)}\n`,
  );
};

process.stdout.write(`${rows.length} rows of ${plain.length} cases; each set left out of its own fit\n`);
const forecastsOf = (list, fitted) => list.map((r) => ({ confidence: believed(r, fitted).all, right: allRight(r) }));
const left = { plain: [], rows: [], place: [], twins: [] };
for (const set of sets) {
  const fitted = fitAll(rows.filter((r) => r.set !== set));
  const own = plain.filter((r) => r.set === set);
  const stressed = rows.filter((r) => r.set === set);
  print(set, own, forecastsOf(own, fitted));
  left.plain.push(...forecastsOf(own, fitted));
  left.rows.push(...forecastsOf(stressed, fitted));
  for (const t of twins) if (t.set === set) left.twins.push(believed(t, fitted).place);
  const right = (r) => placed(r) && !has(r, 'change');
  left.place.push(...stressed.map((r) => ({ confidence: believed(r, fitted).place, right: right(r) })));
}
const said = left.twins.filter((confidence) => confidence >= GATE).length;
process.stdout.write(`twins of which a cause would be said (>= ${GATE}): ${said} of ${left.twins.length}\n`);
print('all, as they are', plain, left.plain);
print('all, every variant', rows, left.rows);
process.stdout.write(
  'who and what was changed, every variant: at least so sure → share answered, share of those wrong\n',
);
for (const least of [0.9, 0.8, 0.75, 0.7, 0.65, 0.6, 0.5]) {
  const answered = left.place.filter((f) => f.confidence >= least);
  const wrong = answered.filter((f) => !f.right).length;
  process.stdout.write(
    `  ${least.toFixed(2)}  ${percent(answered.length / left.place.length)}  ${percent(wrong / answered.length)}\n`,
  );
}
process.stdout.write(`${JSON.stringify(fitAll(rows), null, 2)}\n`);
