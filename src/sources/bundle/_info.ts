/** `bundle.json`: what was recorded, when it was asked for, and which minutes each source really holds. */
import { UserError } from '../../core/errors.ts';
import { toIso, toMs } from '../../core/time.ts';
import { filesOf, present, readJson, readWhole } from './_files.ts';

export const BUNDLE_SCHEMA = 'inquest.bundle/v1';

/** A stretch of time, and the sources that it is said of; no `sources` = all of them. */
export interface Stretch {
  from: string;
  to: string;
  sources?: string[];
}

export interface BundleInfo {
  name: string;
  /** The moment at which the investigation is asked, ISO; nothing later is in the bundle. */
  now: string;
  window: { from: string; to: string };
  /** Times known to be fault-free, oldest first. */
  baselineWindows: Stretch[];
  /** Minutes that a source holds; a source without any entry is complete. */
  coverage: Stretch[];
  notes?: string;
}

/** Reads `bundle.json`. Throws UserError where the folder is no bundle. */
export async function readBundleInfo(dir: string): Promise<BundleInfo> {
  const file = present(await filesOf(dir), 'bundle.json');
  if (!file) {
    throw new UserError(`no bundle.json in ${dir}`, {
      hints: ['Name the folder of one recorded incident: it holds bundle.json and alert.json.'],
    });
  }
  const raw = await readJson(dir, file);
  const bad = (why: string): UserError =>
    new UserError(`${file}: ${why}`, {
      hints: [`It must hold {"schema":"${BUNDLE_SCHEMA}","name","now","window":{"from","to"}}.`],
    });
  if (!isObject(raw)) throw bad('is no JSON object');
  if (raw.schema !== BUNDLE_SCHEMA) {
    throw bad(raw.schema === undefined ? 'has no "schema"' : `has the schema ${JSON.stringify(raw.schema)}`);
  }
  const time = (value: unknown, field: string): string => {
    const ms = typeof value === 'string' ? toMs(value) : Number.NaN;
    if (Number.isNaN(ms)) throw bad(`"${field}" is no ISO-8601 time`);
    return toIso(ms);
  };
  const stretch = (value: unknown, field: string, sources?: string[]): Stretch => {
    if (!isObject(value)) throw bad(`"${field}" is no {"from","to"}`);
    const named = [value.sources, value.source].flat().filter((s): s is string => typeof s === 'string');
    const all = sources ?? (named.length > 0 ? named : undefined);
    return {
      from: time(value.from, `${field}.from`),
      to: time(value.to, `${field}.to`),
      ...(all && { sources: all }),
    };
  };
  const list = (value: unknown, field: string, sources?: string[]): Stretch[] => {
    if (!Array.isArray(value)) throw bad(`"${field}" is no list`);
    return value.map((v) => stretch(v, field, sources));
  };
  const coverage = raw.coverage ?? [];
  return {
    name: typeof raw.name === 'string' ? raw.name : 'unnamed',
    now: time(raw.now, 'now'),
    window: stretch(raw.window, 'window'),
    baselineWindows: list(raw.baselineWindows ?? [], 'baselineWindows').sort((a, b) => toMs(a.from) - toMs(b.from)),
    coverage: isObject(coverage)
      ? Object.keys(coverage)
          .sort()
          .flatMap((source) => list(coverage[source], `coverage.${source}`, [source]))
      : list(coverage, 'coverage'),
    ...(typeof raw.notes === 'string' && { notes: raw.notes }),
  };
}

/** The alert as its sender posted it. Throws UserError where the bundle holds none. */
export async function bundleAlertBytes(dir: string): Promise<Uint8Array> {
  const file = present(await filesOf(dir), 'alert.json');
  if (file) return readWhole(dir, file);
  throw new UserError(`no alert.json in ${dir}`, {
    hints: ['Say what is wrong yourself: --text "checkout is slow" --service checkout'],
  });
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
