/**
 * `npm run replaytest`: every fixture's journal verified many times, with the cores loaded and the answers in shuffled
 * order. Exits 1 where a fixture has more than one hash, or another one than was recorded.
 *   npm run replaytest -- [--times 50] [--load 2] [--only name]
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { FIXTURES, verifyOften } from '../test/_verify.ts';

const flag = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? process.argv[at + 1] : otherwise;
};
const times = Number(flag('--times', '50'));
const only = flag('--only', '');
let seed = 1;
const random = () => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return seed / 0x7fffffff;
};
const load = Array.from({ length: Number(flag('--load', '2')) }, () =>
  spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore' }),
);
// Every core is busy, and whoever else works here still gets through.
for (const child of load) setPriority(child.pid, 10);
process.on('SIGTERM', () => process.exit(1));
process.on('exit', () => load.map((child) => child.kill('SIGKILL')));
let bad = 0;
for (const fixture of readdirSync(FIXTURES).sort()) {
  if (only && fixture !== only) continue;
  const { hashes, recorded, differences } = await verifyOften(fixture, times, random);
  const same = hashes.size === 1 && hashes.has(recorded) && differences.length === 0;
  if (!same) bad++;
  const more = same ? '' : `  recorded ${recorded.slice(0, 16)}, ${JSON.stringify(differences.slice(0, 2))}`;
  process.stdout.write(
    `${fixture.padEnd(16)} ${times} times  ${hashes.size} hash  ${[...hashes][0]?.slice(0, 16)}${more}\n`,
  );
}
for (const child of load) child.kill('SIGKILL');
process.stdout.write(`${bad} fixtures with more than one hash, or another than recorded\n`);
process.exitCode = bad > 0 ? 1 : 0;
