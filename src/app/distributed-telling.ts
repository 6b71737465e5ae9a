/** The journal of a distributed run: told in parts, each kept by the engine beside the run. */
import { gzipSync } from 'node:zlib';
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
  let events: Event[] = [];
  const sent = new Set<string>();
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
        events.push(...fresh);
        return Promise.resolve();
      },
    },
    take,
    kept,
    async interrupt(ops, why, at) {
      events.push({ seq: Math.max(last, events.at(-1)?.seq ?? 0) + 1, at: toIso(at), type: 'run.interrupted', why });
      const [told] = await ops.all([ops.run('interrupted', take)]);
      kept(parts + 1, told);
    },
  };

  async function take(): Promise<unknown> {
    const named = events.flatMap((e) => blobOf(e) ?? []).filter((hash) => !sent.has(hash));
    const texts = await Promise.all([...new Set(named)].map(async (hash) => [hash, await payloads.get(hash)] as const));
    const part: Part = { events, blobs: Object.fromEntries(texts) };
    return { upTo: events.at(-1)?.seq ?? last, part: gzipSync(JSON.stringify(part)).toString('base64') };
  }

  function kept(n: number, told: unknown): void {
    const { upTo, part } = told as { upTo: number; part: string };
    for (const e of events) {
      const hash = e.seq <= upTo ? blobOf(e) : undefined;
      if (hash) sent.add(hash);
    }
    events = events.filter((e) => e.seq > upTo);
    parts = n;
    last = upTo;
    set(partName(n), part);
  }
}

const blobOf = (e: Event): string | undefined =>
  e.type === 'call.finished' && e.result && 'blob' in e.result ? e.result.blob : undefined;
