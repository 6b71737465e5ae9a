/** What a human should check next: a fixed vocabulary with typed blanks. Nothing of it is executed. */
import type { Category, Hypothesis, Verdict } from '../core/types.ts';

const REMEDY: Record<Category, (h: Hypothesis) => string> = {
  'code-change': (h) =>
    `consider rolling back ${h.change ?? 'the change'} of ${name(h)}, then watch the alerting metric for 5 min`,
  'config-change': (h) => `consider reverting ${h.change ?? 'the configuration change'} of ${name(h)}`,
  'resource-exhaustion': (h) => `look at the limits, usage and recent restarts of ${name(h)}; more capacity buys time`,
  dependency: (h) => `ask the owners of ${name(h)}: its own view (locks, connections, errors) decides`,
  traffic: (h) => `find out who sends the extra traffic to ${name(h)}; consider shedding or scaling`,
  infrastructure: (h) => `check the machine and network below ${name(h)}; consider moving its load away`,
  data: (h) => `look for the record that ${name(h)} fails on; consider skipping it`,
  none: () => 'nothing to do now',
  unknown: (h) => `look at ${name(h)} first`,
};

const name = (h: Hypothesis): string => h.entity?.name ?? 'the service';

/** At most five, most useful first. */
export function nextChecks(opts: {
  outcome: Verdict['outcome'];
  hypotheses: Hypothesis[];
  notChecked: Verdict['notChecked'];
}): string[] {
  const { outcome, hypotheses, notChecked } = opts;
  const known = hypotheses.filter((h) => h.state !== 'unknown');
  if (outcome === 'healthy') return ['if the alert fires again: make its threshold or its duration fit what is normal'];
  if (outcome === 'cause') {
    const second = known[1];
    return [
      REMEDY[known[0]!.category](known[0]!),
      ...(second ? [`if that does not help: ${REMEDY[second.category](second)}`] : []),
    ];
  }
  const leads = known.slice(0, 3).map((h) => `test ${h.id}: ${REMEDY[h.category](h)}`);
  const blind = notChecked.slice(0, 2).map((g) => `look at what we could not: ${g.what} (${g.why})`);
  return [...leads, ...blind].slice(0, 5);
}
