/** Folding: a ranking that names instances, read at the level of the truth. */
import type { Level } from '../core/telemetry.ts';
import type { Candidate } from '../core/verdict.ts';

/**
 * Names of the ranked entities at `level`, each once, at the place of its first mention. An instance counts as the
 * service that it belongs to (`of`) unless the truth itself is an instance; everything else keeps its name and place.
 */
export function fold(ranking: readonly Pick<Candidate, 'name' | 'level' | 'of'>[], level: Level): string[] {
  const names = ranking.map((c) => (c.level === 'instance' && level !== 'instance' ? (c.of ?? c.name) : c.name));
  return [...new Set(names)];
}
