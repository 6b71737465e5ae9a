/**
 * `npm run bench`: start-up and redraw. Timings are ratios to `node -e 0`, taken in turn in one run, medians.
 *   npm run bench -- [--rounds 11]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTurn, pty, ratioLines, time as timeIn } from './_timing.mjs';

await import('./setup.mjs');
const root = new URL('..', import.meta.url).pathname;
const program = `${root}bin/inquest.js`;
const bundle = `${root}fixtures/incidents/amber-finch`;
const home = mkdtempSync(join(tmpdir(), 'inquest-bench-'));
const at = process.argv.indexOf('--rounds');
const rounds = at > 0 ? Number(process.argv[at + 1]) : 11;
const env = { ...process.env, INQUEST_HOME: home, TERM: 'xterm-256color', LANG: 'C.UTF-8' };
delete env.CI;
const node = process.execPath;
const time = (command, args, seen) => timeIn(command, args, env, seen);
const investigate = [program, 'investigate', '--bundle', bundle];
const cases = {
  'node -e 0': () => time(node, ['-e', '0']),
  'inquest --help': () => time(node, [program, '--help']),
  'a run without screen: first line': () =>
    time(node, [...investigate, '--plain', '--json'], (t) => t.includes('reading')),
  'a run without screen: first question': () =>
    time(node, [...investigate, '--plain', '--json'], (t) => t.includes(' start ')),
  'a run without screen: whole': () => time(node, [...investigate, '--quiet', '--json']),
  'node -e 0 in a pty': () => time(...pty(node, '-e', '0')),
  'first Ink frame (in a pty)': () => time(...pty(node, ...investigate), (t) => t.includes('\u2500\u2500\u2500')),
  'verdict on the screen (in a pty)': () => time(...pty(node, ...investigate), (t) => /VERDICT/.test(t)),
};

const times = await inTurn(cases, rounds);
rmSync(home, { recursive: true, force: true });
process.stdout.write(`${rounds} rounds in turn, medians, ${process.version}\n${ratioLines(times).join('')}`);
