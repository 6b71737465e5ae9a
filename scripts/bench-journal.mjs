/**
 * `npm run bench:journal`: what the journal costs, against the floor of the same disk, taken in turn in one run.
 *   npm run bench:journal -- [--steps 5000] [--runs 3000]
 */
import { fdatasync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, write, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ulid } from '../src/core/ids.ts';
import { openJournal } from '../src/journal/open.ts';
import { readJournal } from '../src/journal/read.ts';
import { listRuns } from '../src/journal/runs.ts';

const flag = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? Number(process.argv[at + 1]) : otherwise;
};
const steps = flag('--steps', 5000);
const runs = flag('--runs', 3000);
const home = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'inquest-bench-'));
const writer = { pid: process.pid, host: 'bench', program: 'bench', now: Date.now, alive: () => true };
const median = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];
const say = (text) => process.stdout.write(`${text}\n`);
const eventOf = (seq, bytes) => ({
  seq,
  at: new Date().toISOString(),
  type: 'call.finished',
  key: `E1.${seq}`,
  step: 'bench',
  activity: 'prometheus.metrics.range',
  capability: 'metrics.range',
  version: 1,
  inputHash: 'ab'.repeat(16),
  status: 'ok',
  summary: 'p95 118 → 486 ms',
  searched: 'histogram_quantile(0.95, …)',
  trust: 'clean',
  attempts: 1,
  ms: 12,
  result: { inline: { series: [{ labels: {}, times: [], values: numbers(bytes / 9) }] } },
});
const numbers = (n) => Array.from({ length: n }, (_, i) => Math.round(Math.sin(i) * 1e7) / 1e2);

async function append() {
  const journal = await openJournal(join(home, 'append'), ulid(0), writer);
  const plain = openSync(join(home, 'plain'), 'a');
  const sync = openSync(join(home, 'sync'), 'a');
  const [writeTo, datasync] = [promisify(write), promisify(fdatasync)];
  const times = { journal: [], plain: [], sync: [] };
  const timed = async (name, work) => {
    const begun = performance.now();
    await work();
    times[name].push(performance.now() - begun);
  };
  for (let i = 1; i <= steps; i++) {
    const event = eventOf(i + 1, 4000);
    const jobs = {
      journal: () => journal.log.append([event]),
      plain: async () => {
        const bytes = Buffer.from(journalLine(event));
        await writeTo(plain, bytes, 0, bytes.length);
        await datasync(plain);
      },
      sync: async () => {
        writeSync(sync, journalLine(event));
        fdatasyncSync(sync);
      },
    };
    // In turn, in an order that changes, so that none always comes after the same one.
    const names = ['journal', 'plain', 'sync'];
    for (let k = 0; k < 3; k++) {
      const name = names[(i + k) % 3];
      await timed(name, jobs[name]);
    }
  }
  await journal.close();
  const { journal: j, plain: p, sync: s } = times;
  const at = (all, n) => median(all.slice(Math.max(0, n - 50), n + 50));
  say(`durable append of ~4 KB, ${steps} steps in turn, medians`);
  say(`  journal              ${median(j).toFixed(3)} ms`);
  say(`  write + fdatasync    ${median(p).toFixed(3)} ms   ratio ${(median(j) / median(p)).toFixed(2)} (at most 1.5)`);
  say(`  the same, blocking   ${median(s).toFixed(3)} ms   ratio ${(median(j) / median(s)).toFixed(2)}`);
  const flat = (all) => at(all, steps - 50) / at(all, 50);
  say(`  step ${steps} / step 50: journal ${flat(j).toFixed(2)} (at most 1.2), floor ${flat(p).toFixed(2)}`);
}
const journalLine = (event) => `${JSON.stringify(event).slice(0, -1)},"prev":"${'0'.repeat(32)}","crc":"00000000"}\n`;

function open() {
  const file = readFileSync(join(home, 'append/journal.ndjson'));
  const times = { journal: [], parse: [] };
  for (let i = 0; i < 15; i++) {
    let begun = performance.now();
    readJournal(file, 'bench');
    times.journal.push(performance.now() - begun);
    begun = performance.now();
    for (const line of file.toString('utf8').split('\n')) if (line) JSON.parse(line);
    times.parse.push(performance.now() - begun);
  }
  const ratio = median(times.journal) / median(times.parse);
  say(
    `open ${steps} events (${(file.length / 1e6).toFixed(1)} MB): ${median(times.journal).toFixed(0)} ms, JSON.parse of the lines ${median(times.parse).toFixed(0)} ms, ratio ${ratio.toFixed(2)} (at most 3)`,
  );
}

async function list() {
  const folder = join(home, 'runs');
  const alert = {
    title: 'checkout p95',
    service: 'checkout',
    startsAt: 'x',
    labels: {},
    annotations: {},
    links: [],
    source: 'x',
    fingerprint: 'f',
    status: 'firing',
  };
  for (let i = 0; i < runs; i++) {
    const run = ulid(Date.now() - i * 60_000);
    const journal = await openJournal(join(folder, run), run, writer);
    const at = new Date().toISOString();
    const verdict = {
      outcome: 'cause',
      headline: 'deploy v2 broke it',
      confidence: 0.9,
      claims: [],
      candidates: [],
      changes: [],
      next: [],
      notChecked: [],
    };
    const started = {
      type: 'run.started',
      alert,
      window: {},
      now: at,
      playbook: { name: 'x', hash: 'x', why: '' },
      plan: [],
      tools: [],
      unavailable: [],
      origin: '',
      settings: {},
    };
    const bodies = [
      started,
      ...Array.from({ length: 20 }, (_, k) => eventOf(k, 4000)),
      { type: 'run.finished', verdict, exit: 0, ms: 1, calls: 20 },
    ];
    await journal.log.append(bodies.map((b, k) => ({ ...b, seq: k + 2, at })));
    await journal.close();
  }
  const times = [];
  for (let i = 0; i < 5; i++) {
    const begun = performance.now();
    const found = await listRuns(folder);
    if (found.some((r) => r.state !== 'finished')) throw new Error('a run is not listed');
    times.push(performance.now() - begun);
  }
  say(`list ${runs} runs of 22 events: ${median(times).toFixed(0)} ms`);
}

await append();
open();
await list();
rmSync(home, { recursive: true });
