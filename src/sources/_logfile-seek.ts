/** Where in a plain file a time begins: binary search over byte offsets, once a few probes show that times ascend. */
import { type FileHandle, open } from 'node:fs/promises';
import { MINUTE } from '../core/time.ts';
import { CHUNK, type Reading, readAt } from './_logfile-lines.ts';

/** Lines of several threads and hosts in one file may stand in the wrong order by this much. */
export const JITTER = MINUTE;
const PROBE = 32 * 1024;
/** A stack trace or a dump without any time may be this long. */
const PROBE_MAX = 2 * 1024 * 1024;
const PROBES = 24;

/** The instant of a line, or undefined where it has none. */
export type TimeOf = (line: string) => number | undefined;

/**
 * Opens a plain file for searching. `offsetOf(at)`: the start of a line before which no record is later than `at` - 1
 * minute; 0 where its times do not ascend, which `ascending` says. The caller closes it.
 */
export async function seeker(
  path: string,
  size: number,
  timeOf: TimeOf,
  reading: Reading,
): Promise<{ ascending: boolean; offsetOf(at: number): Promise<number>; close(): Promise<void> }> {
  const file = await open(path, 'r');
  const probe = (at: number) => firstFrom(file, at, size, timeOf, reading);
  const ascending = await ascends(size, probe);
  return {
    ascending,
    async offsetOf(at) {
      if (!ascending) return 0;
      const target = at - JITTER;
      let low = 0;
      let high = size;
      while (high - low > CHUNK) {
        const middle = Math.floor((low + high) / 2);
        const line = await probe(middle);
        if (line !== undefined && line.offset < high && line.at < target) low = line.offset;
        else high = middle;
      }
      return low;
    },
    close: () => file.close(),
  };
}

interface Probed {
  offset: number;
  at: number;
}

/** The first line with a time that begins after `from`. */
async function firstFrom(
  file: FileHandle,
  from: number,
  size: number,
  timeOf: TimeOf,
  reading: Reading,
): Promise<Probed | undefined> {
  for (let length = PROBE; ; length *= 4) {
    const bytes = await readAt(file, from, Math.min(length, size - from), reading);
    for (let at = from === 0 ? 0 : bytes.indexOf(10) + 1; at > 0 || from === 0; ) {
      const end = bytes.indexOf(10, at);
      if (end < 0) break;
      const time = timeOf(bytes.toString('utf8', at, end));
      if (time !== undefined) return { offset: from + at, at: time };
      at = end + 1;
    }
    if (length >= PROBE_MAX || from + length >= size) return undefined;
  }
}

async function ascends(size: number, probe: (at: number) => Promise<Probed | undefined>): Promise<boolean> {
  let latest = Number.NEGATIVE_INFINITY;
  const probes = Math.min(PROBES, Math.ceil(size / PROBE));
  for (let i = 0; i < probes; i++) {
    const line = await probe(Math.floor((i * size) / probes));
    if (line === undefined) continue;
    if (line.at < latest - JITTER) return false;
    latest = Math.max(latest, line.at);
  }
  return true;
}
