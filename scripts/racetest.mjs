/**
 * `npm run racetest`: two processes race for one run, and owners are stopped for longer than their lock lives.
 *   npm run racetest -- [--races 200] [--pauses 50]
 */
import { pauses, race } from '../test/_writers.ts';

const flag = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? Number(process.argv[at + 1]) : otherwise;
};
const races = await race(flag('--races', 200));
process.stdout.write(`races: ${JSON.stringify(races)}\n`);
const paused = await pauses(flag('--pauses', 50));
process.stdout.write(`paused owners: ${JSON.stringify(paused)}\n`);
const bad = races.unreadable + races.lost + races.interleaved;
process.exitCode = bad + paused.unreadable + paused.lost + paused.interleaved + paused.unnoticed > 0 ? 1 : 0;
