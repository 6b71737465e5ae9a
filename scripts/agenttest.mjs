/**
 * `npm run agenttest`: models that mean harm or are broken, by seed, on every open incident of the lab. Prints how their
 * runs ended; exits 1 where a promise was broken.
 *   npm run agenttest -- [--runs 1000] [--seed 1] [--team]     --team: four specialists instead of one model
 */
import { attack } from '../test/_adversaries.ts';
import { bench } from '../test/_bench.ts';
import { SOLVED } from '../test/_policies.ts';

const flag = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? Number(process.argv[at + 1]) : otherwise;
};
const runs = flag('--runs', 1000);
const first = flag('--seed', 1);
const benches = [];
for (const name of Object.keys(SOLVED)) benches.push(await bench(name));
const count = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
const [adversaries, stops, outcomes] = [new Map(), new Map(), new Map()];
let broken = 0;
for (let seed = first; seed < first + runs; seed++) {
  const b = benches[seed % benches.length];
  const end = await attack(b, seed, undefined, process.argv.includes('--team'));
  count(adversaries, end.adversary);
  count(stops, end.stop);
  count(outcomes, end.outcome);
  if (end.broken.length === 0) continue;
  broken++;
  process.stdout.write(`seed ${seed} ${end.adversary} on ${b.name}: ${end.broken.join('; ')}\n`);
}
const table = (map) =>
  [...map]
    .sort((a, b) => b[1] - a[1])
    .map(([name, n]) => `${name} ${n}`)
    .join(', ');
process.stdout.write(`${runs} runs on ${benches.length} incidents, ${broken} broke a promise\n`);
process.stdout.write(`ends      ${table(stops)}\noutcomes  ${table(outcomes)}\nmodels    ${table(adversaries)}\n`);
process.exitCode = broken > 0 ? 1 : 0;
