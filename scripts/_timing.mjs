/** Timing programs from outside: from spawn to the end, or to what they print; in a terminal or without. */
import { spawn } from 'node:child_process';

const quote = (args) => args.map((a) => `'${a}'`).join(' ');

/** A program and its arguments, run in a pseudo-terminal of 80 columns. */
export const pty = (...args) => ['script', ['-qfec', `stty cols 80 rows 24; exec ${quote(args)}`, '/dev/null']];

/** Milliseconds from spawn to the end, or to the first moment at which `seen` says yes to all bytes so far. */
export function time(command, args, env, seen) {
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

export const median = (all) => {
  const sorted = all.filter((x) => x !== undefined).sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
};

/** Runs all cases in turn, `rounds` times after one to warm up; the times of each by its name. */
export async function inTurn(cases, rounds) {
  const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let i = 0; i <= rounds; i++) {
    for (const [name, run] of Object.entries(cases)) {
      const ms = await run();
      if (i > 0) times[name].push(ms);
    }
  }
  return times;
}

/** A line for each case: its median, and how many times as long as `node -e 0` in the same surroundings. */
export function ratioLines(times) {
  return Object.keys(times).map((name) => {
    const base = median(times[name.includes('pty') ? 'node -e 0 in a pty' : 'node -e 0']);
    const ms = median(times[name]);
    return `${name.padEnd(44)} ${ms === undefined ? 'never' : `${ms.toFixed(0).padStart(6)} ms   ${(ms / base).toFixed(2)} x`}\n`;
  });
}
