/**
 * `npm run shuffletest`: the files of bundles with their lines and objects in other orders; every report must have the
 * same bytes. Exit 1 where one has not.
 *   npm run shuffletest -- [--orders 200] [BUNDLE]...     (fixtures/incidents/amber-finch)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { reportsOf, shuffled } from '../test/_shuffle.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { orders: { type: 'string', default: '200' } },
});
const orders = Number(values.orders);
const root = new URL('..', import.meta.url).pathname;
const work = mkdtempSync(join(tmpdir(), 'inquest-shuffle-'));
try {
  for (const bundle of positionals.length > 0 ? positionals : [`${root}fixtures/incidents/amber-finch`]) {
    const whole = await reportsOf(bundle);
    const seeds = [];
    for (let seed = 0; seed < orders; seed++) {
      const to = join(work, 'copy');
      shuffled(bundle, to, seed);
      if ((await reportsOf(to)) !== whole) seeds.push(seed);
      rmSync(to, { recursive: true });
    }
    const which = seeds.length === 0 ? '' : `: seeds ${seeds.slice(0, 10).join(', ')}`;
    process.stdout.write(`${basename(bundle)}: ${orders} orders, ${seeds.length} with another report${which}\n`);
    if (seeds.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
