/** Drafts → changes within the size of an answer: files and patches for the most telling ones first. */

import { byText } from '../core/canonical.ts';
import type { Change } from '../core/telemetry.ts';
import { ANSWER_BYTES, jsonBytes } from './_fit.ts';
import type { Draft } from './_git-draft.ts';

/** Characters of one file's patch, and of all. */
export const PATCH_MAX = 4 * 1024;
const PATCHES_MAX = 64 * 1024;
/** Changes whose patches are asked for: each may be one question. */
const PATCHED_MAX = 40;
export const FILES_MAX = 50;
const CHANGES_MAX = 500;

export interface Fitted {
  /** Oldest first. */
  changes: Change[];
  truncated?: { kept: number; of: number; what: string };
}

/**
 * As many changes as fit, most telling first in line: at most 500 and 200 KiB, 50 files each, 4 KiB of patch a file and
 * 64 KiB in all. What was left out is counted: a change's own numbers are in its body, the rest in `truncated`.
 * @param patchesOf a change's patches by path, each at most PATCH_MAX characters
 */
export async function fitChanges<D extends Draft>(
  drafts: D[],
  patchesOf: (draft: D) => Promise<Map<string, string>>,
): Promise<Fitted> {
  const changes: Change[] = [];
  let size = 2;
  let room = PATCHES_MAX;
  let withheld = 0;
  for (const [i, draft] of drafts.slice(0, CHANGES_MAX).entries()) {
    const asked = i < PATCHED_MAX && room > 0 && draft.diff !== undefined;
    const patches = asked ? await patchesOf(draft) : new Map<string, string>();
    const files: { path: string; patch?: string }[] = [];
    for (const { path } of draft.files.slice(0, FILES_MAX)) {
      const patch = patches.get(path);
      const fits = patch !== undefined && patch.length <= room;
      if (fits) room -= patch.length;
      else if (draft.diff !== undefined) withheld++;
      files.push(fits ? { path, patch } : { path });
    }
    const change = draft.files.length === 0 ? draft.change : { ...draft.change, files };
    size += jsonBytes(change) + 1;
    if (size > ANSWER_BYTES) break;
    changes.push(change);
  }
  changes.sort((a, b) => byText(a.time, b.time) || byText(a.kind, b.kind) || byText(a.id, b.id));
  const truncated = truncation(changes, drafts, withheld);
  return { changes, ...(truncated && { truncated }) };
}

function truncation(changes: Change[], drafts: Draft[], withheld: number): Fitted['truncated'] {
  if (changes.length < drafts.length)
    return { kept: changes.length, of: drafts.length, what: 'changes (deploys first, then the newest commits)' };
  const of = drafts.reduce((n, d) => n + d.files.length, 0);
  const kept = changes.reduce((n, c) => n + (c.files?.length ?? 0), 0);
  if (kept < of) return { kept, of, what: `files (${FILES_MAX} a change)` };
  return withheld > 0 ? { kept: of - withheld, of, what: 'patches of files (small text files first)' } : undefined;
}
