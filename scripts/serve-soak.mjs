/**
 * `npm run serve:soak`: 24 hours of `serve` on a clock of its own (86,400 alerts); heap, handles and files must stay flat.
 *   npm run serve:soak -- [--hours 24]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '../fixtures/lab/world/random.ts';
import { growth, soak } from '../test/_serve-soak.ts';

const at = process.argv.indexOf('--hours');
const hours = at > 0 ? Number(process.argv[at + 1]) : 24;
const folder = mkdtempSync(join(tmpdir(), 'inquest-soak-'));
const s = await soak(folder, { hours, fingerprints: 3000, services: 400, random: seeded(1) });
const say = (text) => process.stdout.write(`${text}\n`);
say(
  `${hours} h: ${s.alerts} alerts acknowledged, ${s.investigations} investigations, inbox ${(s.disk / 2 ** 20).toFixed(1)} MiB`,
);
say(`heap MiB: ${s.heap.map((x) => x.toFixed(1)).join(' ')}; grew ${growth(s.heap).toFixed(1)} (at most 10)`);
say(`files: ${s.files.join(' ')}`);
say(`handles and timers: ${s.handles.join(' ')}`);
say(`cases remembered: ${s.cases.join(' ')}`);
rmSync(folder, { recursive: true, force: true });
process.exitCode = growth(s.heap) > 10 || growth(s.files) > 1 || growth(s.handles) > 2 ? 1 : 0;
