/** What Datadog says of a metric's unit, and its name, as the kind and the base unit that the analysis reads. */
import type { SeriesKind } from '../../core/telemetry.ts';
import type { Unit } from './_shapes.ts';

/** Names that would mislead a judgement by words alone; the first match counts. */
const KINDS: [RegExp, SeriesKind][] = [
  [/(?:^|[._])uptime(?:[._]|$)|[._](?:max|limit|quota)(?:_[a-z]+)?$/, 'other'],
  [
    /(?:^|[._])(?:up|hit|hits|success|ready)[._](?:percent|pct|ratio|rate)$|(?:can_connect|probe_success|is_up)$/,
    'availability',
  ],
  [
    /event_?loop|(?:^|[._])(?:active|waiting|queued|pending|concurrent|in_?flight)[._]|lock_?wait|waiters|oldest_transaction/,
    'saturation',
  ],
  [/rollback|deadlock|abort|oom|evict(?:ed|ions)?[._](?:pods|containers)|restarts?$|crash/, 'errors'],
  [/(?:^|[._])pool[._]|connections?(?:[._]|$)/, 'saturation'],
];

/** The kind of a metric whose name alone would mislead; undefined where its words tell it well enough. */
export const kindOfName = (metric: string): SeriesKind | undefined => KINDS.find(([name]) => name.test(metric))?.[1];

/** The base unit (UCUM) and what a value is multiplied with to be in it. */
export function baseUnit(unit: Unit | undefined, perUnit: Unit | undefined): { unit?: string; factor: number } {
  if (unit === undefined) return { factor: 1 };
  const { name, family, scale = 1 } = unit;
  if (family === 'time') return { unit: 's', factor: scale };
  if (family === 'bytes') return { unit: perUnit?.family === 'time' ? 'By/s' : 'By', factor: scale };
  if (name === 'percent') return { unit: '%', factor: 1 };
  if (name === 'fraction') return { unit: '%', factor: 100 };
  if (perUnit?.family === 'time') return { unit: '1/s', factor: 1 / (perUnit.scale ?? 1) };
  return { unit: '1', factor: 1 };
}
