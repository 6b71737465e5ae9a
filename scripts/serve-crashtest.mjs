/**
 * `npm run serve:crashtest`: kills `inquest serve` under load and counts what was lost and what was done twice; exits 1
 * where a count that must be 0 is not.
 *   npm run serve:crashtest -- [--kills 1000] [--urgent 60] [--seed 1]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '../fixtures/lab/world/random.ts';
import { crashServe } from '../test/_serve-crash.ts';

const flag = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? Number(process.argv[at + 1]) : otherwise;
};
const home = mkdtempSync(join(tmpdir(), 'inquest-serve-crash-'));
const say = (text) => process.stdout.write(`${text}\n`);
const counts = await crashServe(home, {
  kills: flag('--kills', 1000),
  urgent: flag('--urgent', 60),
  random: seeded(flag('--seed', 1)),
  say,
});
say(JSON.stringify(counts));
rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
process.exitCode = counts.lost + counts.doubled + counts.unfinished + counts.unreadable > 0 ? 1 : 0;
