/** When something that fills up (memory, a disk, a pool) began to: long before it is full and anybody suffers. */
import type { TimeRange } from '../core/capabilities.ts';
import { range } from '../core/time.ts';
import type { Measure } from './entity-view.ts';

const STOCKS = new Set(['memory', 'disk', 'saturation']);
/** So many scales above normal is no longer normal. */
const BEYOND_Z = 3;
/** A stock is beyond its noise a sample or two after it began to fill. */
const SAMPLES = 2;

/** Between the samples before and at the beginning of the run in which it is still beyond normal; undefined for others. */
export function fillingSince(m: Measure, now: number): TimeRange | undefined {
  const { times, values, kind, direction } = m.signal;
  if (!STOCKS.has(kind) || direction === 0 || m.z < BEYOND_Z) return undefined;
  const beyond = (v: number): boolean => ((v - m.before) / m.scale) * direction >= BEYOND_Z;
  let last = times.length - 1;
  while (last >= 0 && times[last]! > now) last--;
  let first = last + 1;
  while (first > 0 && beyond(values[first - 1]!)) first--;
  if (first > last || first < SAMPLES) return undefined;
  return range(times[first - SAMPLES]!, times[first]!);
}
