/**
 * `npm run loghub`: grouping accuracy of the log templates, system by system, one configuration for all.
 *   INQUEST_DATA=… npm run loghub -- [--missed 3]     or: npm run loghub -- --folder DIR
 */
import { join } from 'node:path';
import { measureSystem, systemsOf } from '../test/_loghub.ts';

const flag = (name) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? process.argv[at + 1] : undefined;
};
const { INQUEST_DATA } = process.env;
const folder = flag('--folder') ?? (INQUEST_DATA && join(INQUEST_DATA, 'benchmarks/loghub-2k'));
if (!folder) {
  process.stderr.write('which logs? Set INQUEST_DATA, or name the folder of *.truth.tsv.gz: --folder DIR\n');
  process.exit(2);
}
const shown = Number(flag('--missed') ?? 0);
const say = (text) => process.stdout.write(`${text}\n`);

const all = systemsOf(folder).map((s) => measureSystem(folder, s));
say(`${'system'.padEnd(14)} accuracy  templates (true)   lines`);
for (const m of all) {
  const counts = `${m.templates} (${m.trueTemplates})`;
  say(`${m.system.padEnd(14)} ${m.accuracy.toFixed(4).padStart(8)}  ${counts.padStart(16)}  ${m.lines}`);
  for (const x of m.missed.slice(0, shown)) {
    say(`    ${x.lines} lines in ${x.groups} groups: ${x.template.slice(0, 120)}`);
    say(`      the first one's: ${x.example.slice(0, 120)}`);
  }
}
say(`${'mean'.padEnd(14)} ${(all.reduce((sum, m) => sum + m.accuracy, 0) / all.length).toFixed(4).padStart(8)}`);
