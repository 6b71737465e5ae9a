/** `hide-change`: the guilty change is taken out of the record; what is left to accuse is innocent. */
import { isObject, type Line, type RawBundle, textsOf } from './raw.ts';

/** Kinds of changes that a category of cause comes from. */
const KINDS: Record<string, string[]> = {
  'code-change': ['deploy', 'commit'],
  'config-change': ['config', 'flag', 'deploy'],
};

/**
 * The bundle without the change that its truth names, without what shipped it and without what ships the same commit;
 * where the truth says only that it was one, without all changes of that sort of the true entity. A text says why not.
 * The truth says afterwards that no change is guilty.
 */
export function withoutGuilty(raw: RawBundle): RawBundle | string {
  const { changes } = raw.lines;
  const { truth } = raw.json;
  if (!changes || !isObject(truth)) return 'no changes, or no truth';
  const guilty = guiltyOf(changes, truth);
  if (guilty.size === 0) return 'no change is guilty';
  const { category: _, ...rest } = truth;
  return {
    ...raw,
    lines: { ...raw.lines, changes: changes.filter((c) => !guilty.has(c)) },
    json: { ...raw.json, truth: { ...rest, change: 'none' } },
  };
}

function guiltyOf(changes: Line[], truth: Line): Set<Line> {
  const { change, category, entity } = truth;
  if (change === undefined) {
    const kinds = KINDS[String(category)] ?? [];
    const names = textsOf([entity].flat());
    return new Set(changes.filter((c) => names.includes(String(c.service)) && kinds.includes(String(c.kind))));
  }
  const named = changes.filter((c) => c.id === change);
  const shipped = (c: Line): string[] => (Array.isArray(c.deployed) ? textsOf(c.deployed) : []);
  const refs = new Set(textsOf(named.map((c) => c.ref)));
  const parts = new Set(named.flatMap(shipped));
  return new Set(
    changes.filter(
      (c) =>
        c.id === change ||
        parts.has(String(c.id)) ||
        shipped(c).includes(String(change)) ||
        (typeof c.ref === 'string' && refs.has(c.ref)),
    ),
  );
}
