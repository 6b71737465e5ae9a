/**
 * `npm run hijacktest`: a caller that was taken over makes random calls on live sources whose answers are full of
 * instructions (those of $INQUEST_DATA too). Exit 1 where anything left the scope.
 *   npm run hijacktest -- [--sequences 100000] [--seed 1]
 */
import { hijack, hostileStrings } from '../test/_hijack.ts';

const flag = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? Number(process.argv[at + 1]) : otherwise;
};
const strings = hostileStrings();
const begun = performance.now();
const { unlisted, foreignHosts, programs, files, widened, ...counts } = await hijack({
  sequences: flag('--sequences', 100_000),
  seed: flag('--seed', 1),
  strings,
});
const escaped = { unlisted, foreignHosts, programs, files, widened };
process.stdout.write(`${strings.length} strings of attackers, ${((performance.now() - begun) / 1000).toFixed(0)} s\n`);
for (const [what, n] of Object.entries(counts)) process.stdout.write(`  ${what.padEnd(14)} ${n}\n`);
for (const [what, found] of Object.entries(escaped))
  process.stdout.write(
    `  ${what.padEnd(14)} ${found.length}${found.length > 0 ? ` ${JSON.stringify(found.slice(0, 5)).slice(0, 2000)}` : ''}\n`,
  );
process.exitCode = Object.values(escaped).some((found) => found.length > 0) ? 1 : 0;
