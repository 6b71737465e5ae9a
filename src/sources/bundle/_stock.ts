/**
 * The records of one file. What a few hundred thousand lines hold is kept; a larger file is read again for each question,
 * so that memory does not grow with it. Answers are the same either way.
 */

import { byText } from '../../core/canonical.ts';
import type { TimeRange } from '../../core/capabilities.ts';
import { eachRecord, type Parse, recordsOf, type Trouble } from './_lines.ts';
import { during, inside, type Timed, timed } from './_timed.ts';

/** Characters of lines whose records are kept. */
const KEPT_MAX = 32 * 1024 * 1024;
const BATCH = 4096;

export interface StockOf<T> {
  dir: string;
  file: string;
  parse: Parse<T>;
  /** Ms. */
  time: (record: T) => number;
  /** ms; what is later does not exist. */
  now: number;
  /** The part of a record that is kept of a large file too; without it none of its records are. */
  slim?: () => (record: T) => T;
  /** Characters of lines up to which records are kept; undefined = the usual number. */
  keptCharacters: number | undefined;
}

export interface Stock<T> {
  /** Records inside the ranges, each once, in bunches; of a large file in no order. */
  during(ranges: readonly TimeRange[]): AsyncIterable<readonly T[]>;
  /** Records up to `now` in order of time, where they are kept; of a large file what is kept of each. */
  kept(): Promise<Timed<T> | undefined>;
  /** Services of the records up to `now`, sorted. */
  services(): Promise<string[]>;
  /** Number of records that can be read. */
  size(): Promise<number>;
}

interface Held<T> {
  kept?: Timed<T>;
  /** Records are kept as they are, none was cut down. */
  whole: boolean;
  services: string[];
  size: number;
  cutOff: boolean;
}

/** Opens the records of a file; it is read at the first question. `tell` hears what could not be read. */
export function stock<T extends { service?: string }>(of: StockOf<T>, tell: (t: Trouble) => void): Stock<T> {
  const held = once(() => hold(of, tell));
  return {
    kept: async () => (await held()).kept,
    services: async () => (await held()).services,
    size: async () => (await held()).size,
    async *during(ranges) {
      const { kept, whole, cutOff } = await held();
      if (kept && whole) {
        const found = during(kept, ranges, of.now);
        for (let i = 0; i < found.length; i += BATCH) yield found.slice(i, i + BATCH);
        return;
      }
      const isInside = inside(ranges, of.now);
      for await (const records of recordsOf(of.dir, of.file, of.parse, cutOff)) {
        yield records.filter((r) => isInside(of.time(r)));
      }
    },
  };
}

/** Reads when it is first asked for, and never again. */
export function once<T>(read: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  return () => {
    kept ??= read();
    return kept;
  };
}

async function hold<T extends { service?: string }>(of: StockOf<T>, tell: (t: Trouble) => void): Promise<Held<T>> {
  const { dir, file, parse, time, now, slim, keptCharacters = KEPT_MAX } = of;
  let kept: T[] | undefined;
  let whole = true;
  let services = new Set<string>();
  const { read, trouble } = await eachRecord(dir, file, parse, () => {
    let characters = 0;
    let cut: ((record: T) => T) | undefined;
    kept = [];
    whole = true;
    services = new Set();
    return (record, length) => {
      const at = time(record);
      if (record.service !== undefined && at >= 0 && at < now + 1) services.add(record.service);
      characters += length;
      if (whole && characters > keptCharacters) {
        whole = false;
        cut = slim?.();
        kept = cut && kept?.map(cut);
      }
      kept?.push(cut ? cut(record) : record);
    };
  });
  if (trouble) tell(trouble);
  return {
    ...(kept && { kept: timed(kept, time) }),
    whole,
    services: [...services].sort(byText),
    size: read,
    cutOff: trouble?.cutOff ?? false,
  };
}
