/**
 * The numeric constants of the analysis with their reasons; with --sensitivity also what becomes of the figures when
 * each is scaled by 0.8 and by 1.25, in a copy of the program built apart. Prints Markdown.
 *
 *   npm run constants
 *   npm run constants -- --sensitivity [--only TEXT]... [--sample N] [--every N] [--set NAME]... [--jobs N] [--keep FILE] DIR...
 *
 * --only    constants whose `file name` contains the text          --sample  every Nth constant
 * --every   every Nth case of a set                                --set     only these sets
 * --keep    results are appended there, and those that it holds for the same source and cases are not measured again
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { evaluation, row, sampledCases, share } from './_cases.mjs';
import { constantsIn, scaled } from './_constants.mjs';

const many = { type: 'string', multiple: true };
const one = { type: 'string' };
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { sensitivity: { type: 'boolean' }, only: many, set: many, sample: one, every: one, jobs: one, keep: one },
});
const root = new URL('..', import.meta.url).pathname;
const FACTORS = [0.8, 1.25];
const KEYS = ['ac1', 'verdictAccuracy', 'confidentWrong'];

const all = constantsIn(root);
const nameOf = (c) => `${c.file.replace('src/', '')} ${c.name}`;
const shown = (c) => c.value.replace(/\s+/g, ' ');
const chosen = all
  .filter((c) => !flags.only || flags.only.some((o) => nameOf(c).includes(o)))
  .filter((_, i) => i % Number(flags.sample ?? 1) === 0);
const head = (cells) => {
  row(cells);
  row(cells.map(() => '---'));
};

if (flags.sensitivity) {
  const work = mkdtempSync(join(tmpdir(), 'inquest-constants-'));
  try {
    await sensitivity(work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
} else {
  head(['constant', 'value', 'reason']);
  for (const c of chosen) row([nameOf(c), shown(c), c.reason]);
  const bare = all.filter((c) => c.reason === '' || c.reason.startsWith('`'));
  process.stdout.write(`\n${all.length} constants, ${bare.length} of them without a comment\n`);
}

async function sensitivity(work) {
  const cases = await sampledCases(positionals, { every: Number(flags.every ?? 1), sets: flags.set }, work);
  const program = join(work, 'program');
  for (const name of ['src', 'scripts', 'bin', 'playbooks', 'package.json']) {
    cpSync(join(root, name), join(program, name), { recursive: true });
  }
  symlinkSync(resolve(root, 'node_modules'), join(program, 'node_modules'));
  const measured = kept(sourceOf(program, cases.names));
  const figures = (id, change) =>
    measured(id, async () => {
      const undo = change?.();
      await promisify(execFile)(process.execPath, [join(program, 'scripts/build.mjs')]);
      undo?.();
      const { total } = await evaluation(program, cases.dir, flags.jobs ? ['--jobs', flags.jobs] : []);
      return Object.fromEntries(KEYS.map((key) => [key, total[key]]));
    });

  const base = await figures('as it is');
  const [ac1, verdict, wrong] = KEYS.map((key) => share(base[key]));
  process.stdout.write(
    `${cases.names.length} cases; as it is: AC@1 ${ac1}, verdict ${verdict}, confident-wrong ${wrong}\n\n`,
  );
  head(['constant', 'value', ...FACTORS.map((f) => `× ${f}: AC@1, verdict, confident-wrong`), 'reason']);
  const step = (x) => (x === 0 ? '=' : `${x > 0 ? '+' : ''}${share(x)}`);
  const losses = [];
  for (const c of chosen) {
    const deltas = [];
    for (const f of FACTORS) {
      const total = await figures(`${nameOf(c)} ${shown(c)} ${f}`, () => edit(program, c, scaled(c, f)));
      deltas.push(KEYS.map((key) => (total[key] ?? 0) - (base[key] ?? 0)));
    }
    losses.push({ still: deltas.flat().every((x) => x === 0), ac1: Math.min(...deltas.map(([x]) => x)) });
    const cells = deltas.map((d) => (d.every((x) => x === 0) ? '=' : d.map(step).join(', ')));
    row([nameOf(c), shown(c), ...cells, c.reason]);
  }
  const still = losses.filter((l) => l.still).length;
  const most = share(-Math.min(0, ...losses.map((l) => l.ac1)));
  process.stdout.write(
    `\n${chosen.length} constants scaled, ${still} without any effect; the largest loss of AC@1 is ${most}\n`,
  );
}

/** What the figures depend on: the whole source, and which cases. */
function sourceOf(program, cases) {
  const hash = createHash('sha256');
  for (const name of readdirSync(join(program, 'src'), { recursive: true }).sort()) {
    if (/\.tsx?$/.test(name)) hash.update(`${name}\n${readFileSync(join(program, 'src', name), 'utf8')}`);
  }
  return hash.update(cases.join('\n')).digest('hex').slice(0, 16);
}

/** Measures by id, but what the file of --keep holds for the same source. */
function kept(source) {
  const known = new Map();
  const lines =
    flags.keep && existsSync(flags.keep) ? readFileSync(flags.keep, 'utf8').split('\n').filter(Boolean) : [];
  for (const r of lines.map((line) => JSON.parse(line))) if (r.source === source) known.set(r.id, r.total);
  return async (id, measure) => {
    const told = known.get(id);
    if (told) return told;
    const total = await measure();
    if (flags.keep) appendFileSync(flags.keep, `${JSON.stringify({ source, id, total })}\n`);
    return total;
  };
}

/** Puts other text in the place of a constant; returns how to undo it. */
function edit(program, { file, start, end }, text) {
  const path = join(program, file);
  const before = readFileSync(path, 'utf8');
  writeFileSync(path, before.slice(0, start) + text + before.slice(end));
  return () => writeFileSync(path, before);
}
