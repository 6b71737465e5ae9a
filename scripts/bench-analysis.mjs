/**
 * `npm run bench:analysis`: what the analysis costs in time and memory, on made-up incidents at 1x, 4x and 16x, each size
 * in a process of its own, through the bundle source and all steps; and the log templates against a plain pass over the
 * same lines in memory (every character touched, nothing else). Times are CPU seconds of the process.
 *   npm run bench:analysis -- [--points 1e6] [--lines 5e6] [--spans 1e6] [--mixed 1e6]
 *     [--only points|lines|spans|mixed|templates] [--dir DIR]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { madeLines, makeIncident } from './_made-incident.mjs';

const self = fileURLToPath(import.meta.url);
const flag = (name) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? process.argv[at + 1] : undefined;
};
const say = (text) => process.stdout.write(`${text}\n`);
const SIZES = {
  points: Number(flag('--points') ?? 1e6),
  lines: Number(flag('--lines') ?? 5e6),
  spans: Number(flag('--spans') ?? 1e6),
  mixed: Number(flag('--mixed') ?? 0),
};
const LIMIT_MB = 1024;
const RATIO_MAX = 6;

async function all() {
  const only = flag('--only');
  let failed = false;
  const home = flag('--dir') ?? mkdtempSync(join(tmpdir(), 'inquest-bench-'));
  try {
    if (!only || only === 'templates') {
      const { plain, miner, parse, lines } = child(['--task', 'templates', '--of', '200000']);
      const ns = (s) => `${((s / lines) * 1e9).toFixed(0)} ns`;
      say(
        `templates of ${lines} lines in memory, best of 7: plain pass ${ns(plain)} a line, templates ${ns(miner)}: ${(miner / plain).toFixed(2)} x`,
      );
      say(`  (JSON.parse of the same records ${ns(parse)}: ${(parse / plain).toFixed(2)} x)`);
      failed ||= miner / plain > RATIO_MAX;
    }
    for (const [kind, most] of Object.entries(SIZES)) {
      if (most === 0 || (only && only !== kind)) continue;
      let first;
      for (const times of [1, 4, 16]) {
        const size = Math.round((most * times) / 16);
        const dir = join(home, `${kind}-${times}`);
        mkdirSync(dir, { recursive: true });
        const bytes = await makeIncident(dir, kind, size);
        const { cpu, wall, rssMb, outcome } = child(['--task', 'investigate', '--bundle', dir]);
        rmSync(dir, { recursive: true, force: true });
        first ??= cpu;
        say(
          `${kind.padEnd(6)} ${String(times).padStart(2)}x ${String(size).padStart(8)} (${(bytes / 1e6).toFixed(0).padStart(5)} MB)  ${cpu.toFixed(1).padStart(6)} s CPU, ${(cpu / first).toFixed(1).padStart(5)} x of 1x, ${wall.toFixed(1).padStart(6)} s, ${rssMb.toFixed(0).padStart(5)} MB  ${outcome}`,
        );
        failed ||= rssMb > LIMIT_MB;
      }
    }
  } finally {
    if (!flag('--dir')) rmSync(home, { recursive: true, force: true });
  }
  if (failed) say(`over the limit of ${LIMIT_MB} MB or ${RATIO_MAX} x`);
  process.exitCode = failed ? 1 : 0;
}

/** Runs a task in a fresh process; its figures are the line it prints. */
function child(args) {
  const ran = spawnSync(process.execPath, ['--import', 'tsx', self, ...args], { encoding: 'utf8', maxBuffer: 1e8 });
  if (ran.status !== 0) throw new Error(`${args.join(' ')}: ${ran.stderr || ran.signal}`);
  return JSON.parse(ran.stdout.trim().split('\n').at(-1));
}

async function investigate(dir) {
  const { runBundle } = await import('../src/app/run-bundle.ts');
  const root = fileURLToPath(new URL('../src', import.meta.url));
  const now = () => performance.timeOrigin + performance.now();
  const before = process.cpuUsage();
  const begun = performance.now();
  const { verdict, findings } = await runBundle(dir, { root, now });
  const used = process.cpuUsage(before);
  say(
    JSON.stringify({
      cpu: (used.user + used.system) / 1e6,
      wall: (performance.now() - begun) / 1e3,
      rssMb: process.resourceUsage().maxRSS / 1024,
      outcome: `${verdict.outcome}, ${findings.length} findings`,
    }),
  );
}

async function templates(count) {
  const { openMiner } = await import('../src/analysis/logs.ts');
  const { from, to, baseline, texts } = madeLines(count);
  const records = texts.map((t) => toRecord(JSON.parse(t)));
  const plain = () => {
    let sum = 0;
    for (const { body } of records) for (let i = 0; i < body.length; i++) sum = (sum + body.charCodeAt(i)) | 0;
    return sum;
  };
  const mine = () => {
    const miner = openMiner({ from, to, baseline });
    for (const r of records) miner.take(r);
    return miner.patterns().patterns.length;
  };
  const parse = () => texts.reduce((n, t) => n + JSON.parse(t).body.length, 0);
  const best = { plain: Infinity, miner: Infinity, parse: Infinity };
  for (let round = 0; round < 7; round++) {
    for (const [name, work] of Object.entries({ plain, miner: mine, parse })) {
      const before = process.cpuUsage();
      work();
      best[name] = Math.min(best[name], process.cpuUsage(before).user / 1e6);
    }
  }
  say(JSON.stringify({ ...best, lines: count }));
}

const toRecord = (l) => ({
  timestamp: l.timestamp,
  body: l.body,
  severityText: l.severityText,
  service: l.resource['service.name'],
});

const task = flag('--task');
if (task === 'investigate') await investigate(flag('--bundle'));
else if (task === 'templates') await templates(Number(flag('--of')));
else await all();
