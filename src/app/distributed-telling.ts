/** The journal of a distributed run: told in parts, each kept by the engine beside the run. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { hashOf } from '../core/canonical.ts';
import { type Event, SCHEMA } from '../core/events.ts';
import type { Blobs, Log } from '../core/ports.ts';
import { toIso } from '../core/time.ts';
import type { Telling, WaveOps } from '../engines/_waves.ts';
import { memoryBlobs } from '../journal/blobs.ts';

/** One part of a run's journal as the engine keeps it: base64 of gzip of this. */
export interface Part {
  events: Event[];
  blobs: Record<string, string>;
}

/** What a run that was ended by a person says of its end. */
export const CANCELLED = 'cancelled';

/** Name under which part `n` of the journal is kept beside the run. */
const partName = (n: number): string => `told ${String(n).padStart(4, '0')}`;

/** The journal of a run in parts: what was told since the last one, with the payloads that it names. */
export function openTelling(
  begun: { at: number; program: string },
  run: string,
  set: (name: string, value: unknown) => void,
): Telling & {
  past: Event[];
  log: Log;
  blobs: Blobs;
  /** The last word of a run that was ended from outside. */
  interrupt<P>(ops: WaveOps<P>, why: string, at: number): Promise<void>;
} {
  const payloads = memoryBlobs();
  /** Said and not yet written down. */
  let events: Event[] = [];
  /** Written down by an earlier process and not yet said by this one, which says the same again on its way. */
  const ahead = new Map<string, number>();
  const sent = new Set<string>();
  let taken: { part: string; count: number } | undefined;
  let parts = 0;
  let last = 1;
  // The numbers of its events are those of a journal of ours, whose first line is its header.
  const header: Event = {
    seq: 1,
    at: toIso(begun.at),
    type: 'journal.opened',
    schema: SCHEMA,
    run,
    program: begun.program,
    epoch: 1,
    host: 'engine',
    pid: 0,
  };
  return {
    past: [header],
    blobs: payloads,
    log: {
      append(fresh) {
        events.push(...fresh.filter((e) => !wasTold(e)));
        return Promise.resolve();
      },
    },
    take,
    kept,
    async interrupt(ops, why, at) {
      events.push({ seq: 0, at: toIso(at), type: 'run.interrupted', why });
      const [told] = await ops.all([ops.run('interrupted', take)]);
      kept(parts + 1, told);
    },
  };

  async function take(): Promise<unknown> {
    // What is said while payloads are fetched comes into the next part.
    const mine = [...events];
    const named = mine.flatMap((e) => blobOf(e) ?? []).filter((hash) => !sent.has(hash));
    const texts = await Promise.all([...new Set(named)].map(async (hash) => [hash, await payloads.get(hash)] as const));
    // Numbered here: another process may say the events of a wave in another order.
    const numbered = mine.map((e, i): Event => ({ ...e, seq: last + 1 + i }));
    const part = gzipSync(JSON.stringify({ events: numbered, blobs: Object.fromEntries(texts) } satisfies Part));
    taken = { part: part.toString('base64'), count: mine.length };
    return { upTo: last + mine.length, part: taken.part };
  }

  function kept(n: number, told: unknown): void {
    const { upTo, part } = told as { upTo: number; part: string };
    const written = readPart(Buffer.from(part, 'base64'));
    for (const hash of Object.keys(written.blobs)) sent.add(hash);
    if (part === taken?.part) events = events.slice(taken.count);
    else settle(written.events);
    taken = undefined;
    parts = n;
    last = upTo;
    set(partName(n), part);
  }

  /** What an earlier process wrote down is not written down again, whether this one has said it yet or not. */
  function settle(written: Event[]): void {
    for (const e of written) ahead.set(contentOf(e), (ahead.get(contentOf(e)) ?? 0) + 1);
    events = events.filter((e) => !wasTold(e));
  }

  function wasTold(e: Event): boolean {
    const left = ahead.size === 0 ? 0 : (ahead.get(contentOf(e)) ?? 0);
    if (left === 1) ahead.delete(contentOf(e));
    else if (left > 1) ahead.set(contentOf(e), left - 1);
    return left > 0;
  }
}

/** Reads a part as `take` wrote it. Throws where it is damaged. */
export const readPart = (packed: Buffer): Part => JSON.parse(gunzipSync(packed).toString('utf8')) as Part;

/** An event without its number and time, which differ from process to process. */
function contentOf({ seq: _s, at: _a, ...rest }: Event): string {
  return hashOf(JSON.parse(JSON.stringify(rest)));
}

const blobOf = (e: Event): string | undefined =>
  e.type === 'call.finished' && e.result && 'blob' in e.result ? e.result.blob : undefined;
