/** `replay --verify` many times over, with the answers arriving in another order each time. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPlaybooks } from '../src/app/playbooks.ts';
import { loadPlugins } from '../src/app/plugins.ts';
import { verify } from '../src/app/verify.ts';
import type { Step } from '../src/core/types.ts';
import { loader } from '../src/engines/local.ts';
import { folderBlobs } from '../src/journal/blobs.ts';
import { readJournal } from '../src/journal/read.ts';
import { inquest, ROOT } from './_program.ts';

export const FIXTURES = join(ROOT, 'fixtures/incidents');
const SRC = join(ROOT, 'src');

/** Investigates a fixture, then verifies its journal so many times. `differences` are those of the last time. */
export async function verifyOften(
  fixture: string,
  times: number,
  random: () => number,
): Promise<{ hashes: Set<string>; recorded: string; differences: object[] }> {
  const home = mkdtempSync(join(tmpdir(), 'inquest-verify-'));
  await inquest(['investigate', '--bundle', join(FIXTURES, fixture), '-q', '--json'], { home });
  const runs = join(home, 'inquest/runs');
  const folder = join(runs, readdirSync(runs)[0]!);
  const { events } = readJournal(readFileSync(join(folder, 'journal.ndjson')), folder);
  const steps = await loadPlugins<Step>(SRC, 'steps', 'step', 'step');
  const playbooks = await loadPlaybooks(SRC, [], [...steps.keys()]);
  const hashes = new Set<string>();
  let recorded = '';
  let differences: object[] = [];
  const start = events.find((e) => e.type === 'run.started');
  const settings = (start?.type === 'run.started' ? start.settings : {}) as { baselines?: [] };
  for (let i = 0; i < times; i++) {
    const told = await verify({
      root: SRC,
      events,
      load: loader(folderBlobs(join(folder, 'blobs'))),
      steps,
      playbooks,
      baselines: settings.baselines ?? [],
      now: Date.now,
      signal: new AbortController().signal,
      before: () => new Promise((go) => setTimeout(go, random() * 8)),
    });
    hashes.add(told.hash);
    recorded = told.recordedHash;
    differences = told.differences;
  }
  rmSync(home, { recursive: true });
  return { hashes, recorded, differences };
}
