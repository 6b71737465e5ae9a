/**
 * `npm run serve:abuse`: broken and hostile requests against a running `inquest serve` on the loopback; prints what was
 * answered and exits 1 where a figure misses its goal. JSONTestSuite is read from $INQUEST_DATA.
 *   npm run serve:abuse -- [--parallel 200] [--gigabytes 1]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alertOf, startServe } from '../test/_serve.ts';
import { countOf, drip, flood, jsonTestSuite, ODD, peakMb, postAll, serverErrors } from '../test/_serve-abuse.ts';

const flag = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? Number(process.argv[at + 1]) : otherwise;
};
const parallel = flag('--parallel', 200);
const bytes = flag('--gigabytes', 1) * 2 ** 30;
let missed = 0;
const say = (what, figure, good) => {
  if (!good) missed++;
  process.stdout.write(`${good ? 'ok  ' : 'MISS'} ${what}: ${figure}\n`);
};

const home = mkdtempSync(join(tmpdir(), 'inquest-abuse-'));
const serve = await startServe({ home });
try {
  const suite = jsonTestSuite();
  if (suite.length === 0) process.stdout.write('SKIP JSONTestSuite: set INQUEST_DATA\n');
  const files = countOf(await postAll(serve, suite));
  say(`${suite.length} files of JSONTestSuite`, JSON.stringify(files), serverErrors(files) === 0 && !files[0]);
  const odd = await postAll(
    serve,
    ODD.map(([, body]) => body),
  );
  for (const [i, [what]] of ODD.entries()) say(what, odd[i], odd[i] < 500);
  for (const how of ['length', 'chunked']) {
    const begun = Date.now();
    const statuses = countOf(await Promise.all(Array.from({ length: parallel }, () => flood(serve, bytes, how))));
    const line = `${JSON.stringify(statuses)} in ${((Date.now() - begun) / 1000).toFixed(1)} s, peak ${peakMb(serve.pid).toFixed(0)} MiB`;
    say(
      `${parallel} bodies of 1 GB side by side (${how})`,
      line,
      serverErrors(statuses) === 0 && peakMb(serve.pid) <= 256,
    );
  }
  const slow = await Promise.all(
    ['headers', 'body'].flatMap((what) => Array.from({ length: 20 }, () => drip(serve, what))),
  );
  const longest = Math.max(...slow.map((s) => s.ms));
  say(
    '40 slow senders are cut within 7 s',
    `${longest} ms, ${JSON.stringify(countOf(slow.map((s) => s.status)))}`,
    longest <= 7000,
  );
  const after = (await serve.post(alertOf(1))).status;
  say('an alert afterwards', after, after === 202);
  say('peak memory', `${peakMb(serve.pid).toFixed(0)} MiB of 256`, peakMb(serve.pid) <= 256);
} finally {
  await serve.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
process.exitCode = missed > 0 ? 1 : 0;
