/**
 * The numeric constants of the analysis with their reasons; with --sensitivity also what becomes of the figures when
 * each is scaled by 0.8 and by 1.25, in a copy of the program built apart. Prints Markdown.
 *
 *   npm run constants
 *   npm run constants -- --sensitivity [--only TEXT]... [--sample N] [--every N] [--set NAME]... [--jobs N] [--keep FILE] DIR...
 *
 * --only    constants whose `file name` contains the text          --sample  every Nth constant
 * --every   every Nth case of a set                                --set     only these sets
 * --keep    results are appended there, and those that it holds for the same source are not measured again
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { findBundles } from '../src/eval/find-bundles.ts';
import { constantsIn, scaled } from './_constants.mjs';

const many = { type: 'string', multiple: true };
const one = { type: 'string' };
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { sensitivity: { type: 'boolean' }, only: many, set: many, sample: one, every: one, jobs: one, keep: one },
});
const root = new URL('..', import.meta.url).pathname;
const run = promisify(execFile);
const FACTORS = [0.8, 1.25];
const KEYS = ['ac1', 'verdictAccuracy', 'confidentWrong'];

const all = constantsIn(root);
const nameOf = (c) => `${c.file.replace('src/', '')} ${c.name}`;
const sample = Number(flags.sample ?? 1);
const chosen = all
  .filter((c) => !flags.only || flags.only.some((o) => nameOf(c).includes(o)))
  .filter((_, i) => i % sample === 0);
const row = (cells) => process.stdout.write(`| ${cells.map((c) => String(c).replaceAll('|', '\\|')).join(' | ')} |\n`);
const head = (cells) => {
  row(cells);
  row(cells.map(() => '---'));
};

if (flags.sensitivity) await sensitivity();
else {
  head(['constant', 'value', 'reason']);
  for (const c of chosen) row([nameOf(c), c.value.replace(/\s+/g, ' '), c.reason]);
  const bare = all.filter((c) => c.reason === '' || c.reason.startsWith('`'));
  process.stdout.write(`\n${all.length} constants, ${bare.length} of them without a comment\n`);
}

async function sensitivity() {
  const work = mkdtempSync(join(tmpdir(), 'inquest-constants-'));
  try {
    const cases = await sampledCases(work);
    copyProgram(work);
    const source = createHash('sha256')
      .update(all.map((c) => `${nameOf(c)} ${c.value}`).join('\n'))
      .update(cases.names.join('\n'))
      .digest('hex')
      .slice(0, 16);
    const known = new Map();
    if (flags.keep && existsSync(flags.keep)) {
      for (const line of readFileSync(flags.keep, 'utf8').split('\n').filter(Boolean)) {
        const r = JSON.parse(line);
        if (r.source === source) known.set(r.id, r.total);
      }
    }
    const measure = async (id, change) => {
      if (known.has(id)) return known.get(id);
      const undo = change?.();
      const total = await figures(work, cases.dir);
      undo?.();
      known.set(id, total);
      if (flags.keep) appendFileSync(flags.keep, `${JSON.stringify({ source, id, total })}\n`);
      return total;
    };
    const base = await measure('as it is');
    const share = (x) => (x === null ? '–' : x.toFixed(3).replace(/^(-?)0/, '$1'));
    process.stdout.write(
      `${cases.names.length} cases; as it is: AC@1 ${share(base.ac1)}, verdict ${share(base.verdictAccuracy)}, confident-wrong ${share(base.confidentWrong)}\n\n`,
    );
    head(['constant', 'value', ...FACTORS.map((f) => `× ${f}: AC@1, verdict, confident-wrong`), 'reason']);
    let worst = 0;
    let still = 0;
    for (const c of chosen) {
      const deltas = [];
      for (const f of FACTORS) {
        const total = await measure(`${nameOf(c)} ${c.value} ${f}`, () => edit(work, c, scaled(c, f)));
        deltas.push(KEYS.map((key) => (total[key] ?? 0) - (base[key] ?? 0)));
      }
      const cell = (d) =>
        d.every((x) => x === 0) ? '=' : d.map((x) => (x === 0 ? '=' : `${x > 0 ? '+' : ''}${share(x)}`)).join(', ');
      if (deltas.flat().every((x) => x === 0)) still++;
      worst = Math.min(worst, ...deltas.map((d) => d[0]));
      row([nameOf(c), c.value.replace(/\s+/g, ' '), ...deltas.map(cell), c.reason]);
    }
    process.stdout.write(
      `\n${chosen.length} constants scaled, ${still} without any effect; the largest loss of AC@1 is ${share(-worst)}\n`,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Links to every Nth case of each set, in a folder of their own. */
async function sampledCases(work) {
  const found = await findBundles(positionals.length > 0 ? positionals : ['fixtures/incidents'], process.cwd());
  const every = Number(flags.every ?? 1);
  const nth = new Map();
  const taken = found.filter(({ set }) => {
    if (flags.set && !flags.set.includes(set)) return false;
    const n = nth.get(set) ?? 0;
    nth.set(set, n + 1);
    return n % every === 0;
  });
  const dir = join(work, 'cases');
  for (const { set, name, dir: target } of taken) {
    mkdirSync(join(dir, set), { recursive: true });
    symlinkSync(target, join(dir, set, name));
  }
  return { dir, names: taken.map((f) => `${f.set}/${f.name}`) };
}

function copyProgram(work) {
  for (const name of ['src', 'scripts', 'bin', 'playbooks', 'package.json'])
    cpSync(join(root, name), join(work, 'program', name), { recursive: true });
  symlinkSync(resolve(root, 'node_modules'), join(work, 'program/node_modules'));
}

/** Puts other text in the place of a constant; returns how to undo it. */
function edit(work, { file, start, end }, text) {
  const path = join(work, 'program', file);
  const before = readFileSync(path, 'utf8');
  writeFileSync(path, before.slice(0, start) + text + before.slice(end));
  return () => writeFileSync(path, before);
}

async function figures(work, dir) {
  const program = join(work, 'program');
  await run(process.execPath, [join(program, 'scripts/build.mjs')]);
  const jobs = flags.jobs ? ['--jobs', flags.jobs] : [];
  const args = [join(program, 'bin/inquest.js'), 'eval', dir, '--json', '--no-timings', ...jobs];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 1 << 30 }).catch((e) => {
    if (e.code === 1 && e.stdout) return e;
    throw e;
  });
  const { total } = JSON.parse(stdout);
  return Object.fromEntries(KEYS.map((key) => [key, total[key]]));
}
