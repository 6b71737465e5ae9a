/**
 * `npm run serve:timing`: Welch's t-test on the time that a comparison takes for signatures that are wrong at once and
 * wrong at the end (after dudect, Reparaz et al. 2017); |t| of ours must stay below 10, that of a plain comparison is beside it.
 *   npm run serve:timing -- [--samples 600000]
 */
import { createHmac, randomBytes } from 'node:crypto';
import { isFrom, sameText } from '../src/serve/verify.ts';

const at = process.argv.indexOf('--samples');
const samples = at > 0 ? Number(process.argv[at + 1]) : 600_000;
const body = randomBytes(64);
const secret = 'a secret';
const right = createHmac('sha256', secret).update(body).digest('hex');
const flipped = (i) => right.slice(0, i) + (right[i] === '0' ? '1' : '0') + right.slice(i + 1);
const token = 'x'.repeat(20_000);
const compared = {
  'a signature (isFrom)': {
    early: `sha256=${flipped(0)}`,
    late: `sha256=${flipped(63)}`,
    run: (s) =>
      isFrom({ scheme: 'github', secrets: [secret] }, { headers: { 'x-hub-signature-256': s }, body, now: 0 }),
  },
  'a token (sameText)': { early: `y${right}`, late: `${right}y`, run: (s) => sameText(s, `${right}x`) },
  // A long text, so that what a plain comparison gives away is seen at all.
  'a plain comparison': { early: `y${token}x`, late: `x${token}y`, run: (s) => plain(s, `x${token}x`) },
};

/** As many programs compare: it ends at the first difference. */
function plain(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a.charCodeAt(i) !== b.charCodeAt(i)) return false;
  return true;
}

/** |t| of Welch's test; the slowest twentieth is left out: that is the machine, not the code. */
function welch(run, early, late, n) {
  const times = [[], []];
  for (let i = 0; i < 2000; i++) run(i % 2 ? early : late);
  const classes = randomBytes(n);
  for (let i = 0; i < n; i++) {
    const which = classes[i] & 1;
    const given = which ? early : late;
    const begun = process.hrtime.bigint();
    run(given);
    times[which].push(Number(process.hrtime.bigint() - begun));
  }
  const limit = times.flat().sort((a, b) => a - b)[Math.floor(n * 0.95)];
  const [a, b] = times.map((xs) => {
    const kept = xs.filter((x) => x <= limit);
    const mean = kept.reduce((s, x) => s + x, 0) / kept.length;
    return { mean, per: kept.reduce((s, x) => s + (x - mean) ** 2, 0) / (kept.length - 1) / kept.length };
  });
  return Math.abs(a.mean - b.mean) / Math.sqrt(a.per + b.per);
}

let missed = 0;
for (const [what, { run, early, late }] of Object.entries(compared)) {
  const ours = what !== 'a plain comparison';
  const t = welch(run, early, late, ours ? samples : Math.min(samples, 50_000));
  const good = ours ? t < 10 : t > 10;
  if (!good) missed++;
  process.stdout.write(`${good ? 'ok  ' : 'MISS'} ${what}: |t| ${t.toFixed(1)}\n`);
}
process.exitCode = missed > 0 ? 1 : 0;
