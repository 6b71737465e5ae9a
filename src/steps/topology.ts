/** Who calls whom: the paths along which harm travels. */

import { finding } from '../analysis/findings.ts';
import { byText } from '../core/canonical.ts';
import { plural } from '../core/text.ts';
import type { Finding, Step, StepContext } from '../core/types.ts';
import { alerting, dataOf, wholeRange } from './_ask.ts';

export const step: Step = {
  title: 'Topology',
  needs: ['topology.get'],
  run,
};

async function run(ctx: StepContext): Promise<Finding[]> {
  const answers = dataOf(await ctx.ask('topology.get', wholeRange(ctx, 'topology'), 'who calls whom?'));
  if (answers.length === 0) return [];
  const services = new Map(answers.flatMap((a) => a.data.services).map((s) => [`${s.level} ${s.name}`, s]));
  const calls = new Map(answers.flatMap((a) => a.data.calls).map((c) => [c.join('\n'), c]));
  const direct = [...calls.values()].filter(([caller]) => caller === ctx.alert.service).length;
  const from = answers.map((a) => a.data.from).find((f) => f !== 'none') ?? 'none';
  const where =
    calls.size === 0
      ? 'no calls known, so nobody can be followed along them'
      : `${plural(calls.size, 'call')} (from ${from})`;
  return [
    finding({
      kind: 'topology',
      entity: alerting(ctx),
      severity: 0,
      title: `${plural(services.size, 'entity', 'entities')}, ${where}${direct > 0 ? `; ${alerting(ctx).name} calls ${direct}` : ''}`,
      cites: answers.map((a) => a.evidence),
      data: {
        type: 'topology',
        calls: [...calls.keys()].sort(byText).map((k) => calls.get(k)!),
        services: [...services.keys()].sort(byText).map((k) => services.get(k)!),
        from,
      },
    }),
  ];
}
