/**
 * `npm run crashtest`: kills the built program at every event boundary and at random instants, cuts the last record at
 * every byte, resumes, and prints the counts. Exits 1 where any count that must be 0 is not.
 *   npm run crashtest -- [--instants 1000] [--boundaries all] [--lanes 2] [--seed 1]
 */
import { seeded } from '../fixtures/lab/world/random.ts';
import { baselineOf, cutEverywhere, killOnce, newCounts, removeCopy } from '../test/_crash.ts';
import { openSource } from '../test/_crash-source.ts';

const flag = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? process.argv[at + 1] : otherwise;
};
const instants = Number(flag('--instants', '1000'));
const lanes = Number(flag('--lanes', '2'));
const random = seeded(Number(flag('--seed', '1')));
const say = (text) => process.stdout.write(`${text}\n`);

// A lane has a wire of its own, so that what it counts is its own.
const sources = await Promise.all(Array.from({ length: lanes }, openSource));
const bases = [];
for (const { wire } of sources) bases.push(await baselineOf(wire));
const [base] = bases;
say(`an undisturbed run: ${base.events.length} events, ${base.requestsOf.size} calls, ${base.ms.toFixed(0)} ms`);

let bad = 0;
async function campaign(name, hows) {
  const counts = newCounts();
  const queue = [...hows];
  await Promise.all(
    sources.map(async ({ wire }, lane) => {
      for (let how = queue.shift(); how; how = queue.shift()) await killOnce(wire, bases[lane], counts, how);
    }),
  );
  const { notes, ...numbers } = counts;
  say(`${name}: ${JSON.stringify(numbers)}`);
  for (const note of notes.slice(0, 5)) say(`  ${note.slice(0, 500)}`);
  bad += counts.unreadable + counts.finishedRepeated + counts.twicePerKill + counts.differentReports;
}

const cuts = await cutEverywhere(base.events);
say(`the last record cut at every byte: ${JSON.stringify(cuts)}`);
bad += cuts.unreadable + cuts.lost;
const events = base.events.length;
await campaign(
  'every event boundary',
  Array.from({ length: events }, (_, i) => ({ faults: { FAULT_EVENT: String(i + 1) } })),
);
const last = base.events.at(-1);
const bytes = Number(flag('--bytes', '40'));
const lineLength = JSON.stringify(last).length + 70;
await campaign(
  `a record cut at ${bytes} bytes of its ${lineLength}`,
  Array.from({ length: bytes }, (_, i) => ({
    faults: {
      FAULT_EVENT: String(1 + Math.floor(random() * events)),
      FAULT_BYTES: String(Math.floor((i / bytes) * lineLength)),
    },
  })),
);
await campaign(
  'random instants',
  Array.from({ length: instants }, () => ({ killAfter: random() * base.ms })),
);
await Promise.all(sources.map((s) => s.stop()));
removeCopy();
process.exitCode = bad > 0 ? 1 : 0;
