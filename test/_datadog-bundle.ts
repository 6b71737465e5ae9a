/** The files of a recorded incident (BUNDLE.md), as they lie there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { EventRecord } from '../fixtures/lab/record/events.ts';

export type Json = Record<string, unknown>;

export interface RawChange {
  id: string;
  time: string;
  kind: string;
  service?: string;
  version?: string;
  ref?: string;
  author?: string;
  title: string;
  body?: string;
  files?: { path: string; patch?: string }[];
}
export type RawEvent = EventRecord;
export interface RawSeries {
  metric: Record<string, string>;
  unit?: string;
  timestamps: number[];
  values: (number | null)[];
}
interface RawRecord {
  timestamp: string;
  severityText?: string;
  body: string;
  resource: Record<string, string>;
  attributes?: Json;
  traceId?: string;
  spanId?: string;
}
interface RawSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTime: string;
  durationMs: number;
  status: string;
  resource: Record<string, string>;
  attributes?: Json;
}

/** Reads the file of a bundle, plain or gzipped; undefined where it is absent. */
function text(dir: string, file: string): string | undefined {
  if (existsSync(join(dir, file))) return readFileSync(join(dir, file), 'utf8');
  const packed = join(dir, `${file}.gz`);
  return existsSync(packed) ? gunzipSync(readFileSync(packed)).toString() : undefined;
}
const lines = <T>(dir: string, file: string): T[] =>
  (text(dir, file) ?? '')
    .split('\n')
    .filter(Boolean)
    .map((l) => JSON.parse(l) as T);
const object = (dir: string, file: string): Json => JSON.parse(text(dir, file) ?? '{}') as Json;

export interface Bundle {
  from: number;
  now: number;
  series: RawSeries[];
  records: RawRecord[];
  spans: RawSpan[];
  changes: RawChange[];
  events: RawEvent[];
  alert: Json;
  topology: { services?: { name: string; kind?: string }[]; calls?: [string, string][] };
}

export function readBundle(dir: string): Bundle {
  return {
    from: Date.parse((object(dir, 'bundle.json').window as { from: string }).from),
    now: Date.parse(String(object(dir, 'bundle.json').now)),
    series: lines(dir, 'metrics.jsonl'),
    records: lines(dir, 'logs.jsonl'),
    spans: lines(dir, 'traces.jsonl'),
    changes: lines(dir, 'changes.jsonl'),
    events: lines(dir, 'events.jsonl'),
    alert: object(dir, 'alert.json'),
    topology: object(dir, 'topology.json') as Bundle['topology'],
  };
}
