/**
 * `npm run bench`: start-up and redraw. Timings are ratios to `node -e 0`, taken in turn in one run, medians.
 *   npm run bench -- [--rounds 11]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
const quote = (args) => args.map((a) => `'${a}'`).join(' ');

/** Milliseconds from spawn to the end, or to the first moment at which `seen` says yes to all bytes so far. */
function time(command, args, seen) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let first;
    const hear = (part) => {
      text += part;
      if (first === undefined && seen?.(text)) first = performance.now() - begun;
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', () => resolve(seen ? first : performance.now() - begun));
  });
}

const pty = (...args) => ['script', ['-qfec', `stty cols 80 rows 24; exec ${quote(args)}`, '/dev/null']];
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

const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
for (let i = 0; i <= rounds; i++) {
  for (const [name, run] of Object.entries(cases)) {
    const ms = await run();
    if (i > 0) times[name].push(ms);
  }
}
rmSync(home, { recursive: true, force: true });

const median = (all) => {
  const sorted = all.filter((x) => x !== undefined).sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
};
process.stdout.write(`${rounds} rounds in turn, medians, ${process.version}\n`);
for (const name of Object.keys(cases)) {
  const base = median(times[name.includes('pty') ? 'node -e 0 in a pty' : 'node -e 0']);
  const ms = median(times[name]);
  process.stdout.write(
    `${name.padEnd(36)} ${ms === undefined ? 'never' : `${ms.toFixed(0).padStart(6)} ms   ${(ms / base).toFixed(2)} x`}\n`,
  );
}
