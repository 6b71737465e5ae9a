/** The same inputs give the same bytes, whatever the order of the lines in their files. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { DEMO, inquest } from './_program.ts';
import { tempFolder } from './_temp.ts';

/** Mulberry32: a small seeded generator, so that a failing order can be had again. */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A copy of a bundle whose JSONL files are plain and have their lines in another order. */
function shuffled(bundle: string, to: string, seed: number): void {
  const rnd = random(seed);
  cpSync(bundle, to, { recursive: true });
  for (const name of readdirSync(to).filter((n) => /\.jsonl(\.gz)?$/.test(n))) {
    const bytes = readFileSync(join(to, name));
    const lines = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n').filter(Boolean);
    for (let i = lines.length - 1; i > 0; i--) {
      const j = Math.floor(rnd() * (i + 1));
      [lines[i], lines[j]] = [lines[j]!, lines[i]!];
    }
    rmSync(join(to, name));
    writeFileSync(join(to, name.replace(/\.gz$/, '')), `${lines.join('\n')}\n`);
  }
}

test('the lines of every file of a bundle may stand in any order', async () => {
  const home = tempFolder();
  const set = join(home, 'set');
  mkdirSync(set);
  const orders = 6;
  for (let seed = 0; seed < orders; seed++) shuffled(DEMO, join(set, `order-${seed}`), seed);
  const ran = await inquest(['eval', set, '--json', '--no-timings'], { home });
  expect(ran.code).toBe(0);
  const { cases } = JSON.parse(ran.stdout) as { cases: { reportHash: string }[] };
  expect(cases).toHaveLength(orders);
  expect(new Set(cases.map((c) => c.reportHash)).size).toBe(1);
});
