/** Which remedies a hypothesis suggests: by its kind of cause, from the fixed vocabulary. Nothing of it is executed. */
import { type Remedy, type RemedyAction, RISK } from '../core/remedy.ts';
import type { Hypothesis } from '../core/types.ts';
import type { Verdict } from '../core/verdict.ts';

/** Hypotheses with less belief suggest nothing. */
const WORTH = 0.05;
/** Of so many hypotheses, the strongest first. */
const LEADS = 3;

/** Which limit the words of the reasons speak of. They choose an argument from a list; they are never part of it. */
const LIMITS: [words: RegExp, limit: Extract<RemedyAction, { action: 'raise-limit' }>['limit']][] = [
  [/\bquota\b/i, 'quota'],
  [/memory|\bheap\b|OOM/i, 'memory'],
  [/\bdisk\b|no space left|ENOSPC/i, 'disk'],
  [/\bpool\b|connections?\b/i, 'connections'],
  [/\bcpu\b|throttl/i, 'cpu'],
];

/** The remedies of one hypothesis, the most fitting first; none where nobody is named. */
export function remediesOf(h: Hypothesis): Remedy[] {
  return actionsOf(h).map((a) => ({ ...a, risk: RISK[a.action], hypothesis: h.id }));
}

function actionsOf(h: Hypothesis): RemedyAction[] {
  const { entity, change } = h;
  if (!entity) return [];
  const service = entity.name;
  const page: RemedyAction = { action: 'page-owner', service };
  switch (h.category) {
    case 'code-change':
      return change ? [{ action: 'roll-back', service, change }, page] : [page];
    case 'config-change': {
      if (!change) return [page];
      const flag = /^flags?\//.exec(change);
      return [
        flag ? { action: 'disable-flag', service, flag: change } : { action: 'revert-configuration', service, change },
        page,
      ];
    }
    case 'resource-exhaustion': {
      const told = [h.claim, ...h.for.map((w) => w.reason)].join(' ');
      const limit = LIMITS.find(([words]) => words.test(told))?.[1] ?? 'unknown';
      return [{ action: 'raise-limit', service, limit }, { action: 'restart', service }, page];
    }
    case 'dependency':
      return [page, { action: 'fail-over', from: service, level: 'service' }];
    case 'traffic':
      return [{ action: 'scale', service, direction: 'out' }, { action: 'shed-load', service }, page];
    case 'infrastructure': {
      const level = entity.level === 'node' || entity.level === 'instance' ? entity.level : 'service';
      return [{ action: 'fail-over', from: service, level }, page];
    }
    case 'data':
    case 'unknown':
      return [page];
    case 'none':
      return [];
  }
}

/** The remedies of a verdict: of the accused where there is a cause, of the leads where there is none. */
export function remediesFor(outcome: Verdict['outcome'], hypotheses: Hypothesis[]): Remedy[] {
  if (outcome === 'healthy') return [];
  const known = hypotheses.filter((h) => h.state !== 'unknown' && h.state !== 'ruled-out' && h.score >= WORTH);
  return known.slice(0, outcome === 'cause' ? 1 : LEADS).flatMap(remediesOf);
}
