/**
 * `npm run bench:datadog`: what Datadog's client costs. Its worker in each way of shipping it (size, time to build and to
 * load, longest gap of the main thread meanwhile, memory), then whole runs against the fake Datadog of the tests: peak
 * memory, and the first frame with Datadog and without as ratios to `node -e 0`.
 *   npm run bench:datadog -- [--rounds 11]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { inTurn, median, pty, ratioLines, time } from './_timing.mjs';

const option = (name) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? process.argv[at + 1] : undefined;
};
const probed = option('--probe');
if (probed) await probe(probed);
else await bench(Number(option('--rounds') ?? 11));

/** In a process of its own: loads one worker and prints what that took. */
async function probe(file) {
  let [gap, last] = [0, performance.now()];
  const ticking = setInterval(() => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
  }, 1);
  // The gaps of the start-up of this process are none of the worker's.
  await new Promise((done) => setTimeout(done, 100));
  gap = 0;
  const before = process.resourceUsage().maxRSS;
  const begun = performance.now();
  const worker = new Worker(file, { env: { NODE_PATH: process.env.NODE_PATH } });
  await new Promise((done) => worker.once('message', done));
  const ms = performance.now() - begun;
  clearInterval(ticking);
  await worker.terminate();
  process.stdout.write(JSON.stringify({ ms, gap, mb: (process.resourceUsage().maxRSS - before) / 1024 }));
}

async function bench(rounds) {
  await import('./setup.mjs');
  const { workerCode } = await import('./_datadog-worker.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'inquest-bench-'));
  const env = { ...process.env, NODE_PATH: new URL('../node_modules', import.meta.url).pathname };
  try {
    process.stdout.write(`${rounds} rounds in turn, medians, ${process.version}\n`);
    const ways = { 'our models (ships)': {}, 'all models': { all: true }, 'from node_modules': { external: true } };
    for (const [name, how] of Object.entries(ways)) {
      const file = join(folder, `${name.replace(/\W+/g, '-')}.cjs`);
      const begun = performance.now();
      writeFileSync(file, await workerCode(how));
      const built = performance.now() - begun;
      const probes = Array.from({ length: rounds }, () => {
        const { stdout, stderr, status } = spawnSync(process.execPath, [import.meta.filename, '--probe', file], {
          env,
        });
        if (status !== 0) throw new Error(String(stderr));
        return JSON.parse(String(stdout));
      });
      const of = (key) => median(probes.map((p) => p[key])).toFixed(0);
      process.stdout.write(
        `worker, ${name.padEnd(20)} ${(statSync(file).size / 1e6).toFixed(2)} MB, built in ${built.toFixed(0)} ms, ` +
          `loaded in ${of('ms')} ms, longest gap of the main thread ${of('gap')} ms, +${of('mb')} MB\n`,
      );
    }
    await wholeRuns(rounds, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whole investigations of one recorded incident that the fake Datadog serves. */
async function wholeRuns(rounds, folder) {
  const root = new URL('..', import.meta.url).pathname;
  if (!existsSync(`${root}dist/sources/datadog.js`)) {
    process.stdout.write('no whole runs: this build has no source for Datadog\n');
    return;
  }
  const { fakeDatadog, API_KEY, APP_KEY } = await import(new URL('../test/_datadog-fake.ts', import.meta.url).href);
  const fake = await fakeDatadog(`${root}fixtures/incidents/amber-finch`);
  const file = (name, json) => {
    writeFileSync(join(folder, name), JSON.stringify(json));
    return join(folder, name);
  };
  const datadog = { type: 'datadog', url: fake.url, apiKey: API_KEY, appKey: APP_KEY };
  const withIt = file('with.json', { sources: { datadog } });
  // The same server, which knows nothing of this: a run with a source that is asked over HTTP as well.
  const without = file('without.json', { sources: { prometheus: { type: 'prometheus', url: fake.url } } });
  const alert = file('alert.json', fake.webhook);
  const now = new Date(fake.store.now).toISOString();
  const program = `${root}bin/inquest.js`;
  const run = (config) => [program, 'investigate', alert, '--config', config, '--now', now];
  const env = { ...process.env, INQUEST_HOME: join(folder, 'home'), TERM: 'xterm-256color', LANG: 'C.UTF-8' };
  delete env.CI;
  const node = process.execPath;
  const frame = (text) => text.includes('\u2500\u2500\u2500');

  // The fake answers in this process: whole runs are never waited for in a way that stops it.
  const [hook, told] = [join(folder, 'peak.cjs'), join(folder, 'peak.txt')];
  writeFileSync(
    hook,
    `process.on('exit', () => require('fs').writeFileSync(process.env.PEAK, String(process.resourceUsage().maxRSS)))`,
  );
  const peak = async (config) => {
    await time(node, ['--require', hook, ...run(config), '--quiet', '--json'], { ...env, PEAK: told });
    return Number(readFileSync(told, 'utf8')) / 1024;
  };
  const peaks = await inTurn({ with: () => peak(withIt), without: () => peak(without) }, 3);
  process.stdout.write(
    `peak memory of a run: ${median(peaks.with).toFixed(0)} MB with Datadog, ${median(peaks.without).toFixed(0)} MB without; ` +
      `${(fake.requests.filter((r) => r.status === 200).length / 4).toFixed(0)} requests answered in a run\n`,
  );

  const cases = {
    'node -e 0': () => time(node, ['-e', '0'], env),
    'a whole run without screen, with Datadog': () => time(node, [...run(withIt), '--quiet', '--json'], env),
    'a whole run without screen, without Datadog': () => time(node, [...run(without), '--quiet', '--json'], env),
    'node -e 0 in a pty': () => time(...pty(node, '-e', '0'), env),
    'first Ink frame (in a pty), with Datadog': () => time(...pty(node, ...run(withIt)), env, frame),
    'first Ink frame (in a pty), without Datadog': () => time(...pty(node, ...run(without)), env, frame),
  };
  process.stdout.write(ratioLines(await inTurn(cases, rounds)).join(''));
  await fake.close();
}
