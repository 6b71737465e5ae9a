/** `changes.list` of a bundle: what was put into production, with its diff as far as it fits. */
import type { Change } from '../../core/telemetry.ts';
import { bytes, cut, plural } from '../../core/text.ts';
import { toMs } from '../../core/time.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import { fitItems } from '../_fit.ts';
import { changeLines } from '../_record-text.ts';
import type { BundleData } from './_data.ts';
import { reading, recorded } from './_recorded.ts';
import { type Names, searchedIn } from './_service.ts';
import { during, type Timed } from './_timed.ts';

const PATCH_MAX = 4 * 1024;
const PATCHES_MAX = 64 * 1024;

export function changesTool(name: string, data: BundleData, read: () => Promise<Timed<Change>>, names: Names): Tool {
  const about =
    'Deploys, commits, flags, configuration and scaling in the window, oldest first, with patches; also the commits that one of these deploys put into production, whatever their time. Changes that name no service count for every service.';
  return tool(name, 'changes.list', about, (question, ctx) => {
    ctx.signal.throwIfAborted();
    const { service } = question;
    const searched = searchedIn('changes.jsonl', data.info.name, question, { service });
    return reading(searched, async () => {
      const all = await read();
      const inside = during(all, [question], data.now).filter(
        (c) => service === undefined || c.service === undefined || names(service).has(c.service),
      );
      const wanted = new Set([...inside.map((c) => c.id), ...inside.flatMap((c) => c.deployed ?? [])]);
      const found = all.records.filter((c) => wanted.has(c.id) && toMs(c.time) <= data.now);
      if (found.length === 0) {
        const none = { summary: 'nothing was changed', searched, trust: 'clean' as const };
        return recorded(data, 'changes', [question], answer.empty<'changes.list'>({ changes: [] }, none));
      }
      const cutDown = withPatches(found);
      const changes = fitItems(cutDown.changes, 'last');
      const truncated = truncation(changes.length, found.length, cutDown.kept, cutDown.of);
      const complete = answer.ok<'changes.list'>(
        { changes },
        {
          summary: summaryOf(found),
          searched,
          sample: changeLines(changes),
          trust: 'clean',
          ...(truncated && { truncated }),
        },
      );
      return recorded(data, 'changes', [question], complete);
    });
  });
}

const NOUNS = [
  ['deploy', 'deploy'],
  ['config', 'configuration change'],
  ['flag', 'flag change'],
  ['scale', 'scaling'],
  ['infra', 'infrastructure change'],
  ['commit', 'commit'],
] as const;

const summaryOf = (changes: Change[]): string =>
  NOUNS.map(([kind, noun]) => ({ noun, n: changes.filter((c) => c.kind === kind).length }))
    .filter(({ n }) => n > 0)
    .map(({ noun, n }) => plural(n, noun))
    .join(', ');

/** Changes with patches cut to size, the newest change first in line. Counts are characters of patches. */
function withPatches(changes: Change[]): { changes: Change[]; kept: number; of: number } {
  let kept = 0;
  let of = 0;
  const newestFirst = changes.toReversed().map((c) => {
    if (!c.files) return c;
    const files = c.files.map(({ path, patch }) => {
      if (patch === undefined) return { path };
      of += patch.length;
      const room = Math.min(PATCH_MAX, PATCHES_MAX - kept);
      if (room <= 0) return { path };
      const short = cut(patch, room);
      kept += Math.min(short.length, patch.length);
      return { path, patch: short };
    });
    return { ...c, files };
  });
  return { changes: newestFirst.toReversed(), kept, of };
}

function truncation(
  changes: number,
  ofChanges: number,
  kept: number,
  of: number,
): { kept: number; of: number; what: string } | undefined {
  if (changes < ofChanges) return { kept: changes, of: ofChanges, what: 'changes (the newest)' };
  return kept < of ? { kept, of, what: `characters of patches (${bytes(PATCH_MAX)} a file)` } : undefined;
}
