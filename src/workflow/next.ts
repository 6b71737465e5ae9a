/** What a human should check next: our own sentences and the remedies of remedies.ts. Nothing of it is executed. */
import { remedyText } from '../core/remedy.ts';
import { changeName } from '../core/text.ts';
import type { Category, Hypothesis } from '../core/types.ts';
import type { Verdict } from '../core/verdict.ts';
import { remediesOf } from './remedies.ts';

/** What is worth knowing before a remedy, or instead of one. */
const LOOK: Partial<Record<Category, (h: Hypothesis) => string>> = {
  'code-change': (h) => (h.change ? '' : `find out what changed in ${name(h)}; no deploy of it was seen`),
  'config-change': (h) => (h.change ? '' : `find out what configuration of ${name(h)} changed`),
  'resource-exhaustion': (h) => `look at the limits, usage and recent restarts of ${name(h)}`,
  dependency: (h) => `ask the owners of ${name(h)}: its own view (locks, connections, errors) decides`,
  traffic: (h) => `find out who sends the extra traffic to ${name(h)}`,
  infrastructure: (h) => `check the machine and network below ${name(h)}`,
  data: (h) => `look for the record that ${name(h)} fails on; consider skipping it`,
  none: () => 'nothing to do now',
  unknown: (h) => `look at ${name(h)} first`,
};

/** Trouble outside of any service, told by the words of its reasons: they choose the advice, they are not part of it. */
const OUTSIDE: [words: RegExp, advice: (h: Hypothesis) => string][] = [
  [
    /certificate|x509|CERT_/i,
    (h) => `look at the certificate that ${name(h)} presents or trusts: its dates and its issuer; renew it`,
  ],
  [
    /ENOTFOUND|SERVFAIL|NXDOMAIN|getaddrinfo|\bDNS\b/i,
    (h) => `ask the name service for the names that ${name(h)} uses; look at recent changes of zones and resolvers`,
  ],
  [/ENOSPC|no space left|disk is full/i, (h) => `make room on the disk of ${name(h)}, then find out what filled it`],
];

const name = (h: Hypothesis): string => h.entity?.name ?? 'the service';
const change = (id: string): string => changeName({ id, kind: '' });

/** One line: what to look at, and the remedies with their risk. */
function remedy(h: Hypothesis): string {
  const told = [h.claim, ...h.for.map((w) => w.reason)].join(' ');
  const outside = h.change ? undefined : OUTSIDE.find(([words]) => words.test(told));
  if (outside) return outside[1](h);
  const ways = remediesOf(h)
    .filter((r) => r.action !== 'page-owner')
    .map((r) => `${remedyText(r, change)} (${r.risk} risk)`);
  const watch = h.change && ways.length > 0 ? ', then watch the alerting metric for 5 min' : '';
  const can = ways.length > 0 ? [`consider: ${ways.join(', or ')}${watch}`] : [];
  return [LOOK[h.category]?.(h) ?? '', ...can].filter((x) => x !== '').join('; ');
}

/** Hypotheses with less belief are not worth a person's time. */
const WORTH = 0.05;

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
    const other = second && second.score >= WORTH ? [`if that does not help: ${remedy(second)}`] : [];
    return [remedy(known[0]!), ...other];
  }
  const worth = known.filter((h) => h.score >= WORTH && h.state !== 'ruled-out');
  const leads = worth.slice(0, 3).map((h) => `test ${h.id}: ${remedy(h)}`);
  const blind = notChecked.slice(0, 2).map((g) => `look at what we could not: ${g.what}`);
  return [...leads, ...blind].slice(0, 5);
}
