/** Bundles whose lines and objects stand in another order, and all that is said of them. */

import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { seeded } from '../fixtures/lab/world/random.ts';
import { runBundle } from '../src/app/run-bundle.ts';
import { report as json } from '../src/reports/json.ts';
import { report as markdown } from '../src/reports/markdown.ts';
import { report as text } from '../src/reports/text.ts';

function mix<T>(items: T[], rnd: () => number): T[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(rnd() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

/** A copy whose JSONL files are plain with their lines in another order, as the lists of its Kubernetes objects are. */
export function shuffled(bundle: string, to: string, seed: number): void {
  const rnd = seeded(seed);
  cpSync(bundle, to, { recursive: true });
  const rewrite = (folder: string, name: string, change: (content: string) => string): void => {
    const path = join(folder, name);
    const bytes = readFileSync(path);
    rmSync(path);
    const content = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    writeFileSync(path.replace(/\.gz$/, ''), change(content));
  };
  for (const name of readdirSync(to).filter((n) => /\.jsonl(\.gz)?$/.test(n))) {
    rewrite(to, name, (lines) => `${mix(lines.split('\n').filter(Boolean), rnd).join('\n')}\n`);
  }
  const state = join(to, 'kubernetes');
  if (!existsSync(state)) return;
  for (const name of readdirSync(state)) {
    rewrite(state, name, (content) => {
      const list = JSON.parse(content) as { items?: unknown[] };
      return JSON.stringify(list.items ? { ...list, items: mix(list.items, rnd) } : list);
    });
  }
}

/** The three reports of an investigation whose clock stands still, one after the other. */
export async function reportsOf(bundle: string): Promise<string> {
  const root = join(import.meta.dirname, '../src');
  const { state, load } = await runBundle(bundle, { root, now: () => 0 });
  const told = await Promise.all([json, markdown, text].map((report) => report.render(state, load)));
  return told.join('\n');
}
