/** Where requests lose their time, take another way, or begin to fail. */

import type { TraceData } from '../analysis/finding-data.ts';
import { finding } from '../analysis/findings.ts';
import { squash } from '../analysis/stats.ts';
import { describeTrace, traceShares } from '../analysis/trace-shares.ts';
import type { Finding, Step, StepContext } from '../core/types.ts';
import { alerting, dataOf, isComplete } from './_ask.ts';
import { sides } from './_sides.ts';

export const step: Step = {
  title: 'Traces',
  needs: ['traces.summary'],
  after: ['dependencies'],
  run,
};

/** A service that took less than this share of the traffic's time, or of its flow, is not worth a line. */
const SHARE_MIN = 0.02;
const SHOWN = 8;
const QUIET = 30;
/** Share of the traffic's time that is half of what can happen to it. */
const HALF = 0.3;
async function run(ctx: StepContext): Promise<Finding[]> {
  const asked = await ctx.ask('traces.summary', sides(ctx, 'traces'), 'where do requests lose time or go another way?');
  const answers = dataOf(asked).filter((a) => a.data.spans.after > 0);
  return answers.flatMap(({ evidence, data }) => {
    const shares = traceShares(data);
    const loud = shares.filter((s) => sizeOf(s) >= SHARE_MIN).slice(0, SHOWN);
    const { before, after } = data.spans;
    const calm = loud.length === 0 && isComplete(asked) && before > 0;
    const told = finding({
      kind: 'normal',
      entity: alerting(ctx),
      severity: 0,
      title: calm
        ? `${after} spans take the same time and the same way as before`
        : `${after} spans against ${before} before: ${loud.length} of ${shares.length} services changed`,
      cites: [evidence],
      data: { type: 'traces', roots: data.roots, calm, quiet: shares.filter((s) => !loud.includes(s)).slice(0, QUIET) },
    });
    return [told, ...loud.map((s) => toFinding(s, evidence))];
  });
}

const sizeOf = (s: TraceData): number => Math.max(s.own + s.gap, s.flow, s.failing);

function toFinding(share: TraceData, evidence: string): Finding {
  const size = sizeOf(share);
  return finding({
    kind: share.failing >= size ? 'failing-span' : share.flow >= size ? 'flow-change' : 'slow-span',
    entity: { name: share.service, level: 'service' },
    severity: squash(size, HALF),
    title: describeTrace(share),
    cites: [evidence],
    data: share,
    ...(share.proof ? { claim: { ...share.proof, evidence } } : {}),
  });
}
