/** Where requests lose their time, take another way, or begin to fail. */

import { finding } from '../analysis/findings.ts';
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
async function run(ctx: StepContext): Promise<Finding[]> {
  const asked = await ctx.ask('traces.summary', sides(ctx, 'traces'), 'where do requests lose time or go another way?');
  const answers = dataOf(asked);
  const out: Finding[] = [];
  for (const { evidence, data } of answers) {
    for (const share of traceShares(data).slice(0, SHOWN)) {
      const size = Math.max(share.own + share.gap, share.flow, share.failing);
      if (size < SHARE_MIN) continue;
      const kind = share.failing >= size ? 'failing-span' : share.flow >= size ? 'flow-change' : 'slow-span';
      out.push(
        finding({
          kind,
          entity: { name: share.service, level: 'service' },
          severity: size / (size + 0.3),
          title: describeTrace(share),
          cites: [evidence],
          data: share,
        }),
      );
    }
  }
  if (out.length === 0 && isComplete(asked) && answers.some((a) => a.data.spans.after > 0)) {
    const n = answers.reduce((s, a) => s + a.data.spans.after, 0);
    out.push(
      finding({
        kind: 'normal',
        entity: alerting(ctx),
        severity: 0,
        title: `${n} spans take the same time and the same way as before`,
        cites: answers.map((a) => a.evidence),
        data: { type: 'normal', what: 'traces' },
      }),
    );
  }
  return out;
}
