/**
 * `npm run serve:storm`: 10,000 copies of one alert, then 10,000 different alerts in 60 s while ten investigations run;
 * prints what was answered, how soon, and the memory; exits 1 where a figure misses its goal.
 *   npm run serve:storm -- [--alerts 10000] [--seconds 60]
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alertOf, demoAlert, startServe, until } from '../test/_serve.ts';
import { countOf, peakMb } from '../test/_serve-abuse.ts';
import { linesOf, paced, percentile } from '../test/_serve-storm.ts';

const flag = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? Number(process.argv[at + 1]) : otherwise;
};
const alerts = flag('--alerts', 10_000);
const seconds = flag('--seconds', 60);
let missed = 0;
const say = (what, figure, good) => {
  if (!good) missed++;
  process.stdout.write(`${good ? 'ok  ' : 'MISS'} ${what}: ${figure}\n`);
};
const many = { perHour: { runs: 1e6 }, perService: { runs: 1e6 } };
const home = mkdtempSync(join(tmpdir(), 'inquest-storm-'));

const one = await startServe({ home, serve: { concurrency: 10, queue: 100, grace: '1s', ...many } });
try {
  const copies = await paced(one.url, Array(alerts).fill(demoAlert()), (seconds * 1000) / 2);
  await until(() => one.log().find((e) => e.what === 'run.ended'), 120_000);
  const runs = readdirSync(join(home, 'inquest/runs')).length;
  say(
    `${alerts} copies of one alert`,
    `${JSON.stringify(countOf(copies.map((a) => a.status)))}, ${runs} investigation`,
    runs === 1,
  );
  say(
    '  acknowledged, p50 and p99',
    `${percentile(copies, 0.5).toFixed(1)} and ${percentile(copies, 0.99).toFixed(1)} ms`,
    percentile(copies, 0.99) <= 250,
  );
  const bodies = Array.from({ length: alerts }, (_, i) => alertOf(`storm-${i}`));
  let most = 0;
  const watch = setInterval(async () => {
    const metrics = await fetch(`${one.url}/metrics`).then((r) => r.text());
    most = Math.max(most, Number(/^inquest_runs_running (\d+)/m.exec(metrics)?.[1]));
  }, 500);
  const storm = await paced(one.url, bodies, seconds * 1000);
  clearInterval(watch);
  const statuses = countOf(storm.map((a) => a.status));
  const taken = storm.filter((a) => a.status === 202);
  const shed = storm.filter((a) => a.status === 503 || a.status === 429);
  say(
    `${alerts} different alerts in ${seconds} s`,
    `${JSON.stringify(statuses)}, up to ${most} investigations at once`,
    most === 10,
  );
  say(
    '  answered, p50 and p99',
    `${percentile(storm, 0.5).toFixed(1)} and ${percentile(storm, 0.99).toFixed(1)} ms of 250`,
    percentile(storm, 0.99) <= 250,
  );
  say(
    '  of these with 202, on disk, p50 and p99',
    `${percentile(taken, 0.5).toFixed(1)} and ${percentile(taken, 0.99).toFixed(1)} ms of 250`,
    percentile(taken, 0.99) <= 250,
  );
  say(
    '  shed with Retry-After',
    `${shed.filter((a) => Number(a.retryAfter) > 0).length} of ${shed.length}`,
    shed.every((a) => Number(a.retryAfter) > 0),
  );
  say(
    '  shed and listed',
    `${linesOf(home, 'alert.shed')} of ${shed.length}`,
    linesOf(home, 'alert.shed') === shed.length,
  );
  say('  peak memory of the server', `${peakMb(one.pid).toFixed(0)} MiB of 256`, peakMb(one.pid) <= 256);
} catch (e) {
  missed++;
  say('the storm', `${e}; the server's last words: ${JSON.stringify(one.log().slice(-3))}`, false);
} finally {
  await one.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
process.exitCode = missed > 0 ? 1 : 0;
