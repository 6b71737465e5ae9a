/** A summary of spans → what each service did to the traffic, as shares of its normal time. */

import { byText } from '../core/canonical.ts';
import type { OperationStats, TraceSummary } from '../core/capabilities.ts';
import { digits, oneLine } from '../core/text.ts';
import type { TraceData } from './findings.ts';

/** Fewer spans on a side tell no median. */
const SPANS_MIN = 3;
/** Of the time between two services the callee answers for all, the caller for a half: its own queue may hold it. */
const CALLER_SHARE = 0.5;

/** Services by what they added, most first: own time, time on the way to and from, changed flow, new failures. */
export function traceShares(t: TraceSummary): TraceData[] {
  const unit = t.roots.after * t.roots.meanMsBefore;
  const all = new Map<string, TraceData & { top: number }>();
  const of = (service: string): TraceData & { top: number } => {
    let d = all.get(service);
    if (!d) {
      d = {
        type: 'trace',
        service,
        own: 0,
        gap: 0,
        out: 0,
        flow: 0,
        failing: 0,
        top: 0,
      };
      all.set(service, d);
    }
    return d;
  };
  const added = (o: OperationStats): number =>
    unit > 0 && o.before.count >= SPANS_MIN && o.after.count >= SPANS_MIN
      ? ((o.after.medianMs - o.before.medianMs) * o.after.count) / unit
      : 0;
  const show = (d: TraceData & { top: number }, size: number, operation: string, detail: string): void => {
    if (size <= d.top) return;
    Object.assign(d, { top: size, operation, detail });
  };
  const times = (o: OperationStats): string => `${digits(o.before.medianMs)} ms to ${digits(o.after.medianMs)} ms`;
  for (const o of t.operations) {
    const d = of(o.service);
    const x = added(o);
    d.own += x;
    show(d, x, o.name, `own time ${times(o)}`);
    fail(d, o);
  }
  for (const g of t.gaps) {
    const x = added(g);
    of(g.service).gap += x;
    of(g.caller).out += x;
    show(of(g.service), x, g.name, `time between ${g.caller} and ${g.service} ${times(g)}`);
    fail(of(g.caller), g);
  }
  for (const f of t.flows) {
    const d = of(f.service);
    d.flow += f.mass;
    const percent = (s: number): string => `${Math.round(s * 100)}%`;
    show(
      d,
      2 * f.mass,
      f.operation,
      `after "${oneLine(f.a, 60)}" now "${oneLine(f.b, 60)}": ${percent(f.before.share)} to ${percent(f.after.share)}`,
    );
  }
  return [...all.values()]
    .map(
      ({ top: _, ...d }): TraceData => ({
        ...d,
        own: tidy(d.own),
        gap: tidy(d.gap),
        out: tidy(d.out),
        flow: tidy(d.flow),
        failing: tidy(d.failing),
      }),
    )
    .sort((a, b) => traceScore(b) - traceScore(a) || byText(a.service, b.service));

  function fail(d: TraceData & { top: number }, o: OperationStats): void {
    if (o.after.count < SPANS_MIN) return;
    const before = o.before.count > 0 ? o.before.errors / o.before.count : 0;
    const rise = ((o.after.errors / o.after.count - before) * o.after.count) / Math.max(1, t.roots.after);
    if (rise <= 0 || o.after.errors < SPANS_MIN) return;
    d.failing += Math.min(1, rise);
    show(
      d,
      rise,
      o.name,
      `${o.after.errors} of ${o.after.count} spans begin to fail here (${o.before.errors} of ${o.before.count} before)`,
    );
  }
}

const tidy = (x: number): number => Number(x.toPrecision(5));

/** Shares add up: twice the changed flow (it is a share of traces, not of their time), added time, new failures. */
export const traceScore = (d: TraceData): number =>
  2 * d.flow + Math.max(0, d.own + d.gap + CALLER_SHARE * d.out) + d.failing;

export const describeTrace = (d: TraceData): string =>
  oneLine(`${d.service}${d.operation ? `, ${d.operation}` : ''}: ${d.detail ?? 'changed'}`, 240);
