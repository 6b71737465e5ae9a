/**
 * Signs of a slow or lossy network path that a pod's own counters show: it sends more packets than it receives (late
 * acknowledgements are sent again), and its connection pools shrink. Weak evidence: it was right in about half of the
 * recorded cases, against a tenth at fault-free times.
 */
import { MOVED_Z } from './describe.ts';
import type { MetricsData } from './metrics-data.ts';
import type { Signal } from './signals.ts';
import { mean, sd, squash } from './stats.ts';

const HALF = 4;
const BASELINE = 40;
/** A level must move by more than this share to count at all. */
const LEVEL_FLOOR = 0.0125;
const SPREAD_FLOOR = 0.3;

const isSent = (name: string): boolean => /packet/i.test(name) && /transmit|tx|sent|out/i.test(name);
const isReceived = (name: string): boolean => /packet/i.test(name) && /receive|rx|in\b/i.test(name);
const isHandle = (name: string): boolean => /sockets?$|file_descriptors|open_fds/i.test(name);

/** 0 to 1 by service: the strongest instance counts. */
export function networkSignature(signals: Signal[], onset: number, now: number): Map<string, number> {
  const byInstance = new Map<string, Signal[]>();
  for (const s of signals) {
    if (s.instance === undefined || !(isSent(s.name) || isReceived(s.name) || isHandle(s.name))) continue;
    const key = `${s.owner}\n${s.instance}`;
    byInstance.set(key, [...(byInstance.get(key) ?? []), s]);
  }
  const result = new Map<string, number>();
  for (const list of byInstance.values()) {
    const sent = list.find((s) => isSent(s.name));
    const received = list.find((s) => isReceived(s.name));
    const surplus = sent && received ? shift(difference(sent, received), onset, now) : 0;
    const closed = Math.max(0, ...list.filter((s) => isHandle(s.name)).map((s) => -shift(s, onset, now)));
    const signature = 0.5 * squash(surplus, HALF) + 0.5 * squash(closed, HALF);
    const owner = list[0]!.owner;
    result.set(owner, Math.max(result.get(owner) ?? 0, signature));
  }
  return result;
}

/** More requests than that are demand. */
const MORE_REQUESTS = 1.1;

/**
 * Whether a service is slow while nothing that it computes with moved, what it sends and receives moved most, and it was
 * not asked for more: what delays it lies on the way to it. An inference, since a lock or a wait look alike.
 */
export function isSlowOnTheWay(m: MetricsData): boolean {
  const requests = m.traffic[0];
  const surging = requests !== undefined && requests.after > MORE_REQUESTS * requests.before;
  const computes = m.self.some((s) => s.kind !== 'network' && s.kind !== 'other' && s.z >= MOVED_Z);
  return m.symptoms[0]?.kind === 'latency' && m.self[0]?.kind === 'network' && !computes && !surging;
}

type Samples = { times: number[]; values: number[] };

function difference(a: Samples, b: Samples): Samples {
  const at = new Map(b.times.map((t, i) => [t, b.values[i]!]));
  const out: Samples = { times: [], values: [] };
  a.times.forEach((t, i) => {
    const other = at.get(t);
    if (other === undefined) return;
    out.times.push(t);
    out.values.push(a.values[i]! - other);
  });
  return out;
}

/** Change of the mean, in spreads of means over as many samples. */
function shift(s: Samples, onset: number, now: number): number {
  const before: number[] = [];
  const after: number[] = [];
  s.times.forEach((t, i) => {
    if (t < onset) before.push(s.values[i]!);
    else if (t <= now) after.push(s.values[i]!);
  });
  const base = before.slice(-BASELINE);
  if (base.length < 5 || after.length === 0) return 0;
  const rolling: number[] = [];
  for (let i = 0; i + after.length <= base.length; i++) rolling.push(mean(base.slice(i, i + after.length)));
  const level = Math.max(...base.map(Math.abs));
  const scale = Math.max(sd(rolling), SPREAD_FLOOR * sd(base), LEVEL_FLOOR * level, Number.MIN_VALUE);
  return (mean(after) - mean(base)) / scale;
}
