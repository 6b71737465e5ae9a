/** What a bundle holds, read at the first question and kept: sorted, so that the order of the lines changes nothing. */
import { join } from 'node:path';
import { byText, canonical } from '../../core/canonical.ts';
import type { Change, LogRecord, Series, Span, TelemetryEvent } from '../../core/telemetry.ts';
import { exactMs, toIso, toMs } from '../../core/time.ts';
import { filesOf, present, readJson } from './_files.ts';
import { type BundleInfo, readBundleInfo } from './_info.ts';
import { type Parse, readLines, type Trouble } from './_lines.ts';
import { toChange, toEvent, toLogRecord, toSeries, toSpan } from './_records.ts';
import { slimSpans } from './_slim.ts';
import { once, type Stock, type StockOf, stock } from './_stock.ts';
import { type Timed, timed } from './_timed.ts';

/**
 * A file that is absent is undefined; an empty one is an empty list. A read throws UserError where nothing of its file
 * can be read; where a part is missing, `trouble` says so afterwards.
 */
export interface BundleData {
  info: BundleInfo;
  /** `now` in ms. */
  now: number;
  /** Names of the files that are there, as they lie on disk. */
  files: string[];
  series?: () => Promise<Series[]>;
  logs?: Stock<LogRecord>;
  /** Of a large file everything but attributes that no summary needs is kept. */
  spans?: Stock<Span>;
  changes?: () => Promise<Timed<Change>>;
  events?: () => Promise<Timed<TelemetryEvent>>;
  topology?: () => Promise<unknown>;
  /** By the plural of its kind, sorted. */
  kubernetes: { kind: string; read: () => Promise<unknown> }[];
  /** What is missing of a file that was read, by its name without `.jsonl`. */
  trouble(source: string): Trouble | undefined;
}

/**
 * Opens the folder: reads `bundle.json` and the names of the files, nothing else. Never looks into `truth.json`.
 * With `until` (ISO) the recording ends there; the state of objects, which is that of its end, does not exist then.
 */
export async function openBundle(dir: string, until?: string, keptCharacters?: number): Promise<BundleData> {
  const whole = await readBundleInfo(dir);
  const now = Math.min(toMs(whole.now), until === undefined ? Number.POSITIVE_INFINITY : toMs(until));
  const info: BundleInfo = { ...whole, now: toIso(now) };
  const files = await filesOf(dir);
  const state = join(dir, 'kubernetes');
  const kinds = (await filesOf(state)).filter((f) => /\.json(\.gz)?$/.test(f));

  const troubles = new Map<string, Trouble>();
  const lines = <T, Out>(source: string, parse: Parse<T>, done: (all: T[]) => Out) => {
    const file = present(files, `${source}.jsonl`);
    if (!file) return undefined;
    return once(async () => {
      const { records, trouble } = await readLines(dir, file, parse);
      if (trouble) troubles.set(source, trouble);
      return done(records);
    });
  };
  const series = lines('metrics', toSeries, mergeSeries);
  const changes = lines('changes', toChange, (all) => timed(all, (c) => exactMs(c.time)));
  const events = lines('events', toEvent, (all) => timed(all, (e) => exactMs(e.time)));
  const stockOf = <T extends { service?: string }>(source: string, of: Pick<StockOf<T>, 'parse' | 'time' | 'slim'>) => {
    const file = present(files, `${source}.jsonl`);
    return file && stock({ dir, file, now, keptCharacters, ...of }, (t) => troubles.set(source, t));
  };
  const logs = stockOf('logs', { parse: toLogRecord, time: (r) => exactMs(r.timestamp) });
  const spans = stockOf('traces', { parse: toSpan, time: (s: Span) => s.start, slim: slimSpans });
  const topology = present(files, 'topology.json');
  return {
    info,
    now,
    files,
    ...(series && { series }),
    ...(logs && { logs }),
    ...(spans && { spans }),
    ...(changes && { changes }),
    ...(events && { events }),
    ...(topology && { topology: once(() => readJson(dir, topology)) }),
    kubernetes: (now < toMs(whole.now) ? [] : kinds).map((file) => ({
      kind: file.replace(/\.json(\.gz)?$/, ''),
      read: once(() => readJson(state, file)),
    })),
    trouble: (source) => troubles.get(source),
  };
}

/** One series a label set, samples by time: an export may have cut a series into several lines. */
function mergeSeries(all: Series[]): Series[] {
  const parts = new Map<string, Series[]>();
  for (const s of all) {
    const id = canonical([s.labels, s.kind, s.unit]);
    parts.set(id, [...(parts.get(id) ?? []), s]);
  }
  return [...parts.keys()].sort(byText).map((id) => {
    const same = parts.get(id) as Series[];
    const first = same[0] as Series;
    const ascending = first.times.every((t, i) => i === 0 || t > (first.times[i - 1] as number));
    return same.length === 1 && ascending ? first : { ...first, ...inOrder(same) };
  });
}

/** The samples of several parts by time; of two at the same time the larger stays, a number before none. */
function inOrder(parts: Series[]): Pick<Series, 'times' | 'values'> {
  const samples = parts.flatMap((s) => s.times.map((at, i) => ({ at, value: s.values[i] ?? null })));
  samples.sort((a, b) => a.at - b.at || (b.value ?? -Infinity) - (a.value ?? -Infinity) || 0);
  const kept = samples.filter((x, i) => x.at !== samples[i - 1]?.at);
  return { times: kept.map((x) => x.at), values: kept.map((x) => x.value) };
}
