/** What it is worth that a change took effect, alone, in the very time in which it must have begun. */
import { changeName } from '../core/text.ts';
import type { CaseFile } from './case-file.ts';
import type { Part } from './parts.ts';
import { coinciding } from './timing.ts';

/** A coincidence points; it proves nothing, so that it has no strength of its own. */
const TIMED = 0.2;

/** The part, and the name of the service it speaks of. A change that names none acts where the flow changed most. */
export function timedPart(file: CaseFile): { service: string; part: Part } | undefined {
  const change = coinciding(
    file.changes.map((f) => f.data),
    file.began,
  );
  if (!change) return undefined;
  const service = change.services[0] ?? mostRerouted(file);
  if (service === undefined) return undefined;
  const reason = `${changeName(change)} took effect in the seconds in which it began, and no other change did`;
  return {
    service,
    part: { modality: 'change', means: 'timing', weight: TIMED, strength: 0, reason },
  };
}

function mostRerouted(file: CaseFile): string | undefined {
  const moved = file.dossiers.filter((d) => (d.trace?.flow ?? 0) > 0);
  return moved.sort((a, b) => b.trace!.flow - a.trace!.flow)[0]?.entity.name;
}
