/** `mix-decoys`: the changes and log lines of another incident stand among this one's, at the same distance from the alert. */
import { toIso, toMs } from '../../core/time.ts';
import { shuffled } from './chance.ts';
import { servicesOf } from './names.ts';
import { isObject, type Line, type RawBundle, textsOf } from './raw.ts';
import { mapped, replacer } from './rename.ts';

/** A bundle and the moment of its alert, ms. */
export interface Placed {
  raw: RawBundle;
  startsAt: number;
}

/**
 * The bundle with the donor's changes and log lines added. They speak of services of this case, but never of the true
 * one: a change of the guilty service at the right moment would be no decoy. What would lie in the future or where
 * nothing was recorded is left out. A text says why nothing was added.
 */
export function withDecoys(own: Placed, donor: Placed, seed: string): RawBundle | string {
  const { raw } = own;
  const speak = translator(raw, donor.raw, seed);
  const delta = own.startsAt - donor.startsAt;
  const moved = (line: Line, field: string): Line => ({
    ...(speak(line) as Line),
    [field]: shifted(String(line[field]), delta),
  });
  const { now, covered } = recordedTime(raw);

  const ids = new Set((raw.lines.changes ?? []).map((c) => c.id));
  const changes = (donor.raw.lines.changes ?? [])
    // What both have is no decoy but the same release.
    .filter((c) => !ids.has(c.id))
    .map((c) => moved(c, 'time'))
    // The instances that took it are another system's.
    .map(({ instances: _, ...c }): Line => c)
    .filter((c) => !ids.has(c.id) && toMs(String(c.time)) <= now);
  const logs = (raw.lines.logs ? (donor.raw.lines.logs ?? []) : [])
    .map((l) => moved(l, 'timestamp'))
    .filter((l) => covered(toMs(String(l.timestamp))));
  if (changes.length + logs.length === 0) return 'the other case has neither changes nor log lines for it';
  return {
    ...raw,
    lines: {
      ...raw.lines,
      ...(changes.length > 0 && { changes: [...(raw.lines.changes ?? []), ...changes] }),
      ...(logs.length > 0 && { logs: [...(raw.lines.logs ?? []), ...logs] }),
    },
  };
}

/** Names of the donor's services → names of services here: the same where it exists here, never the true one. */
function translator(own: RawBundle, donor: RawBundle, seed: string): (value: unknown) => unknown {
  const { truth } = own.json;
  const guilty = isObject(truth) ? textsOf([truth.entity].flat()) : [];
  const here = servicesOf(own).filter((s) => !guilty.includes(s));
  if (here.length === 0) return (value) => value;
  const names = new Map(
    servicesOf(donor)
      .filter((s) => !here.includes(s))
      .map((s) => [s, shuffled(`${seed} ${s}`, here)[0] as string]),
  );
  return mapped(replacer(names, [], seed));
}

function recordedTime(raw: RawBundle): { now: number; covered: (at: number) => boolean } {
  const info = isObject(raw.json.bundle) ? raw.json.bundle : {};
  const now = toMs(String(info.now));
  const coverage = isObject(info.coverage) && Array.isArray(info.coverage.logs) ? info.coverage.logs : [info.window];
  const parts = coverage.filter(isObject).map((w) => ({ from: toMs(String(w.from)), to: toMs(String(w.to)) }));
  return { now, covered: (at) => at <= now && parts.some((p) => at >= p.from && at <= p.to) };
}

/** An ISO time moved, with the digits below a millisecond kept. */
function shifted(iso: string, delta: number): string {
  const ms = toMs(iso);
  if (Number.isNaN(ms)) return iso;
  const below = /\.\d{3}(\d+)/.exec(iso)?.[1] ?? '';
  return toIso(ms + delta).replace('Z', `${below}Z`);
}
