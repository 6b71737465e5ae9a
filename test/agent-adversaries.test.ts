/** Whatever a model does: the spend stays below its cap, there is a report, and the end has a name. The long form is `npm run agenttest`. */
import { beforeAll, expect, test } from 'vitest';
import { ADVERSARIES, attack } from './_adversaries.ts';
import { type Bench, bench } from './_bench.ts';

const benches: Bench[] = [];
beforeAll(async () => {
  for (const name of ['umber-ibis', 'yarrow-gull']) benches.push(await bench(name));
});

test.each(Object.keys(ADVERSARIES))('%s', async (name) => {
  for (const [i, b] of benches.entries())
    for (let seed = 1; seed <= 3; seed++) expect((await attack(b, 100 * i + seed, name)).broken).toEqual([]);
});

test('a hundred models at random', async () => {
  const stops = new Set<string>();
  for (let seed = 1; seed <= 100; seed++) {
    const { broken, stop, adversary } = await attack(benches[seed % benches.length]!, seed);
    expect({ seed, adversary, broken }).toEqual({ seed, adversary, broken: [] });
    stops.add(stop);
  }
  expect(stops.size).toBeGreaterThan(4);
});
