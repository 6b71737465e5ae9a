/** `inquest record`: a run as a redacted bundle, so that a production case becomes an eval case. */
import { resolve } from 'node:path';
import { recordRun } from '../app/record.ts';
import { runBundle } from '../app/run-bundle.ts';
import { loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { canonical } from '../core/canonical.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { plural } from '../core/text.ts';
import type { Verdict } from '../core/verdict.ts';
import type { Pseudonyms } from '../safety/pseudonyms.ts';
import { type StoredRun, storedRunOrFile } from './_stored.ts';
import { baselinesOf } from './_verify.ts';

export interface RecordFlags {
  output: string;
  check?: boolean;
  config?: string;
}

/** Exit 0, with `--check` 1 where the bundle gives another verdict. */
export async function recordCommand(io: Io, named: string, flags: RecordFlags): Promise<void> {
  const stored = await storedRunOrFile(io, named);
  const dir = resolve(io.cwd, flags.output);
  const names = await recordStored(io, stored, dir, flags.config);
  if (flags.check) await checkRecord(io, stored, dir, names);
}

/** Writes the bundle and says what is in it; gives the names that addresses have there. */
export async function recordStored(io: Io, stored: StoredRun, dir: string, config?: string): Promise<Pseudonyms> {
  const { secrets } = await loadConfig(config ? { config } : {}, io.env, io.cwd, paths(io.env).userConfig);
  const { events, load } = stored;
  const baselines = await baselinesOf(stored);
  const { files, template, masked, names } = await recordRun({ events, load, baselines, secrets, dir });
  for (const [name, count] of Object.entries(files)) io.stderr.write(`  ${name.padEnd(18)} ${plural(count, 'line')}\n`);
  io.stderr.write(
    `recorded ${shortId(stored.run)} in ${dir}; ${plural(masked, 'secret')} masked, ${plural(names.count(), 'address', 'addresses')} replaced\n`,
  );
  const first = template ? 'Correct truth.template.json and name it truth.json, then:' : 'Score it:';
  io.stderr.write(`  ${first} inquest eval ${dir}\n`);
  return names;
}

/** Investigates the bundle and compares what was decided. */
async function checkRecord(io: Io, { state }: StoredRun, dir: string, names: Pseudonyms): Promise<void> {
  const gate = state.gate?.thresholds ?? {};
  const { verdict } = await runBundle(dir, { root: io.root, now: io.now, gate });
  const before = state.verdict && names.value(decided(state.verdict));
  const after = decided(verdict);
  const different = Object.keys(after).filter((k) => canonical(before?.[k]) !== canonical(after[k]));
  if (different.length === 0) {
    io.stderr.write(
      `checked: the bundle gives the same verdict (${verdict.outcome}, ${verdict.confidence.toFixed(2)})\n`,
    );
    return;
  }
  io.stderr.write('✗ the bundle gives another verdict\n');
  for (const k of different) io.stderr.write(`  ${k}\n    - ${canonical(before?.[k])}\n    + ${canonical(after[k])}\n`);
  io.exitCode = 1;
}

/** What a verdict decides and on what. */
function decided(v: Verdict): Record<string, unknown> {
  const { outcome, headline, hypothesis, category, entity, change, onset, confidence, confirmed, candidates, changes } =
    v;
  const claims = v.claims.map((c) => [c.ok, c.sentence]);
  return {
    outcome,
    headline,
    hypothesis,
    category,
    entity,
    change,
    onset,
    confidence,
    confirmed,
    candidates,
    changes,
    claims,
  };
}
