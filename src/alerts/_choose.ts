/** Which of several alerts is investigated: by rule, or as the person said. */
import { byText } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import { count, nearest, oneLine, plural } from '../core/text.ts';
import { clock } from '../core/time.ts';
import type { Alert } from '../core/types.ts';
import { printable } from './_payload.ts';

/** In words of many senders; what stands in no row comes last. */
const SEVERITIES = [
  ['critical', 'crit', 'p1', 'sev1', 'sev-1', 'fatal', 'emergency', 'disaster'],
  ['page', 'error', 'high', 'major', 'p2', 'sev2', 'sev-2'],
  ['warning', 'warn', 'medium', 'moderate', 'minor', 'ticket', 'p3', 'sev3', 'sev-3'],
  ['info', 'informational', 'notice', 'low', 'p4', 'p5', 'sev4', 'sev-4'],
];

/** 0 = worst. */
function rank(severity: string | undefined): number {
  const at = SEVERITIES.findIndex((row) => row.includes(severity?.toLowerCase() ?? ''));
  return at < 0 ? SEVERITIES.length : at;
}

/** Somebody is woken by it: it is investigated at once. */
export const isUrgent = (severity: string | undefined): boolean => rank(severity) <= 1;

interface Rule {
  compare(a: Alert, b: Alert): number;
  why(chosen: Alert): string;
}

const RULES: Rule[] = [
  {
    compare: (a, b) => Number(a.status === 'resolved') - Number(b.status === 'resolved'),
    why: () => 'it is firing, the others are resolved',
  },
  { compare: (a, b) => rank(a.severity) - rank(b.severity), why: (a) => `the most severe (${a.severity})` },
  { compare: (a, b) => byText(a.startsAt, b.startsAt), why: (a) => `it started first (${clock(a.startsAt, true)})` },
  {
    compare: (a, b) => byText(a.fingerprint, b.fingerprint),
    why: () => 'all else is equal, its fingerprint comes first',
  },
  { compare: (a, b) => byText(a.title, b.title), why: () => 'all else is equal, its title comes first' },
];

/**
 * Index of the chosen alert and the sentence that says why. Firing before resolved, then severity, earliest start,
 * fingerprint; `pick` (a number from 1, a fingerprint or its beginning, an alert name or title) goes before all rules.
 * Throws UserError with the list where `pick` names none.
 */
export function choose(alerts: Alert[], pick?: number | string): { index: number; why: string } {
  const wanted = pick === undefined ? alerts.map((_, i) => i) : picked(alerts, String(pick).trim());
  const ordered = [...wanted].sort((i, j) => compare(alerts[i]!, alerts[j]!) || i - j);
  const index = ordered[0]!;
  const chosen = alerts[index]!;
  if (alerts.length === 1) return { index, why: 'the only alert in the payload' };
  const place = `alert ${count(index + 1)} of ${count(alerts.length)}`;
  const by = pick === undefined ? '' : `picked by ${printable(oneLine(String(pick), 80))}`;
  if (ordered.length === 1) return { index, why: `${place}: ${by}` };
  const second = alerts[ordered[1]!]!;
  const rule = RULES.find((r) => r.compare(chosen, second) !== 0);
  const reason = rule ? rule.why(chosen) : 'all are equal, it comes first';
  const among = by && `${by}, which fits ${count(ordered.length)}; `;
  return { index, why: `${place}: ${among}${printable(reason)}` };
}

/** Which of two alerts leads: negative where the first one does. */
export function compare(a: Alert, b: Alert): number {
  for (const rule of RULES) {
    const order = rule.compare(a, b);
    if (order !== 0) return order;
  }
  return 0;
}

/** Indexes of the alerts that `pick` names. */
function picked(alerts: Alert[], pick: string): number[] {
  const where = (test: (a: Alert) => boolean): number[] => alerts.flatMap((a, i) => (test(a) ? [i] : []));
  const number = /^\d{1,6}$/.test(pick) ? Number(pick) : 0;
  if (number >= 1 && number <= alerts.length) return [number - 1];
  const word = pick.toLowerCase();
  const tests: ((a: Alert) => boolean)[] = [
    (a) => a.fingerprint.toLowerCase() === word,
    (a) => a.labels.alertname?.toLowerCase() === word,
    (a) => a.title.toLowerCase() === word,
    (a) => word.length >= 4 && a.fingerprint.toLowerCase().startsWith(word),
  ];
  for (const test of tests) {
    const found = where(test);
    if (found.length > 0) return found;
  }
  const near = nearest(
    pick.slice(0, 100),
    alerts.flatMap((a) => [a.labels.alertname ?? a.title, a.fingerprint]).map((s) => s.slice(0, 100)),
  );
  throw new UserError(
    `--pick ${printable(oneLine(pick, 80))}: no such alert among the ${plural(alerts.length, 'alert')}`,
    {
      hints: [...(near ? [`Did you mean ${printable(near)}?`] : []), ...table(alerts)],
    },
  );
}

/** One line an alert: number, state, severity, start, title, fingerprint; at most 20. */
function table(alerts: Alert[]): string[] {
  const rows = alerts.slice(0, 20).map((a, i) => {
    const facts = [a.status, a.severity, a.startsAt].filter((x) => x !== undefined);
    return printable(`${i + 1}  ${facts.join(' ')}  ${oneLine(a.title, 80)}  (${a.fingerprint.slice(0, 16)})`);
  });
  return alerts.length > 20 ? [...rows, `and ${count(alerts.length - 20)} more`] : rows;
}
