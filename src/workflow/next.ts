/** What a human should check next: a fixed vocabulary with typed blanks. Nothing of it is executed. */
import { changeName } from '../core/text.ts';
import type { Category, Hypothesis } from '../core/types.ts';
import type { Verdict } from '../core/verdict.ts';

const REMEDY: Record<Category, (h: Hypothesis) => string> = {
  'code-change': (h) =>
    h.change
      ? `consider rolling back ${change(h)} of ${name(h)}, then watch the alerting metric for 5 min`
      : `find out what changed in ${name(h)}; no deploy of it was seen`,
  'config-change': (h) =>
    h.change ? `consider reverting ${change(h)} of ${name(h)}` : `find out what configuration of ${name(h)} changed`,
  'resource-exhaustion': (h) => `look at the limits, usage and recent restarts of ${name(h)}; more capacity buys time`,
  dependency: (h) => `ask the owners of ${name(h)}: its own view (locks, connections, errors) decides`,
  traffic: (h) => `find out who sends the extra traffic to ${name(h)}; consider shedding or scaling`,
  infrastructure: (h) => `check the machine and network below ${name(h)}; consider moving its load away`,
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
const change = (h: Hypothesis): string => changeName({ id: h.change!, kind: '' });

function remedy(h: Hypothesis): string {
  const told = [h.claim, ...h.for.map((w) => w.reason)].join(' ');
  const outside = h.change ? undefined : OUTSIDE.find(([words]) => words.test(told));
  return outside ? outside[1](h) : REMEDY[h.category](h);
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
