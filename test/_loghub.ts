/** Logs whose true templates are known: `<system>.truth.tsv.gz`, columns line, event id, template, content. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { groupTemplates } from '../src/analysis/log-groups.ts';
import { maskLine } from '../src/analysis/log-template.ts';

interface Measured {
  system: string;
  lines: number;
  /** Share of the lines whose group holds exactly the lines of their true template (Zhu et al., ICSE-SEIP 2019). */
  accuracy: number;
  templates: number;
  trueTemplates: number;
  /** True templates that were not found, most lines first: what became of them. */
  missed: { lines: number; template: string; groups: number; example: string }[];
}

export const systemsOf = (folder: string): string[] =>
  readdirSync(folder)
    .flatMap((f) => /^(.+)\.truth\.tsv\.gz$/.exec(f)?.[1] ?? [])
    .sort();

/** The miner's groups of a system's lines against the true ones. */
export function measureSystem(folder: string, system: string): Measured {
  const rows = gunzipSync(readFileSync(join(folder, `${system}.truth.tsv.gz`)))
    .toString('utf8')
    .split('\n')
    .slice(1)
    .filter((r) => r !== '')
    .map((r) => r.split('\t'));
  const masked = rows.map((r) => maskLine(r[3] ?? ''));
  const templates = groupTemplates(tally(masked));
  const mine = masked.map((m) => templates.get(m) as string);
  const truth = rows.map((r) => r[1] as string);
  const [sizeOfMine, sizeOfTruth] = [tally(mine), tally(truth)];
  const both = tally(truth.map((t, i) => `${t}\t${mine[i]}`));
  const right = (i: number): boolean => {
    const shared = both.get(`${truth[i]}\t${mine[i]}`);
    return shared === sizeOfTruth.get(truth[i]!) && shared === sizeOfMine.get(mine[i]!);
  };
  const wrong = new Map<string, number>();
  rows.forEach((_, i) => {
    if (!right(i) && !wrong.has(truth[i]!)) wrong.set(truth[i]!, i);
  });
  return {
    system,
    lines: rows.length,
    accuracy: rows.filter((_, i) => right(i)).length / rows.length,
    templates: sizeOfMine.size,
    trueTemplates: sizeOfTruth.size,
    missed: [...wrong]
      .map(([id, first]) => ({
        lines: sizeOfTruth.get(id)!,
        template: rows[first]![2]!,
        groups: new Set(mine.filter((_, i) => truth[i] === id)).size,
        example: mine[first]!,
      }))
      .sort((a, b) => b.lines - a.lines),
  };
}

function tally(keys: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const k of keys) counts.set(k, (counts.get(k) ?? 0) + 1);
  return counts;
}
