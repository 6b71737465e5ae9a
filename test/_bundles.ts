/** Small made-up bundles in temp folders. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ALERT_AT = Date.parse('2026-03-01T12:00:00Z');
export const MINUTE = 60_000;
export const iso = (ms: number): string => new Date(ms).toISOString();

export interface MadeSeries {
  labels: Record<string, string>;
  kind?: string;
  unit?: string;
  /** One value a minute, the last at `now`, which is 5 minutes after the alert. */
  values: (number | null)[];
}

export interface MadeBundle {
  truth?: Record<string, unknown>;
  series?: MadeSeries[];
  changes?: Record<string, unknown>[];
  alert?: Record<string, unknown>;
  bundle?: Record<string, unknown>;
}

/** Writes a bundle below `folder`; returns its folder. */
export function makeBundle(folder: string, name: string, made: MadeBundle = {}): string {
  const dir = join(folder, name);
  mkdirSync(dir, { recursive: true });
  const now = ALERT_AT + 5 * MINUTE;
  const json = (file: string, value: unknown): void => writeFileSync(join(dir, file), JSON.stringify(value));
  const lines = (file: string, all: unknown[]): void =>
    writeFileSync(join(dir, file), all.map((l) => `${JSON.stringify(l)}\n`).join(''));
  json('bundle.json', {
    schema: 'inquest.bundle/v1',
    name,
    now: iso(now),
    window: { from: iso(now - 60 * MINUTE), to: iso(now) },
    ...made.bundle,
  });
  json('alert.json', {
    schema: 'inquest.alert/v1',
    title: 'front: slow',
    service: 'front',
    startsAt: iso(ALERT_AT),
    labels: {},
    annotations: {},
    ...made.alert,
  });
  if (made.series) {
    lines(
      'metrics.jsonl',
      made.series.map(({ labels, kind, unit, values }) => ({
        metric: labels,
        ...(kind ? { kind } : {}),
        ...(unit ? { unit } : {}),
        timestamps: values.map((_, i) => now - (values.length - 1 - i) * MINUTE),
        values,
      })),
    );
  }
  if (made.changes) lines('changes.jsonl', made.changes);
  if (made.truth) json('truth.json', { schema: 'inquest.truth/v1', ...made.truth });
  return dir;
}
