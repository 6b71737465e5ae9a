/** What becomes of an alert: one pure rule, the same for a delivery and for `--dry-run`. */
import { isUrgent } from '../alerts/_choose.ts';
import { sha256 } from '../core/canonical.ts';
import { ulid } from '../core/ids.ts';
import { formatDuration, HOUR, toMs } from '../core/time.ts';
import type { Alert } from '../core/types.ts';
import { overspent } from './budget.ts';
import type { Decision } from './events.ts';
import type { Case, Ledger, Member } from './ledger.ts';
import type { Hook, Rules } from './rules.ts';

/**
 * Same sender and fingerprint = the same thing alerting: nobody can speak for the alerts of another sender. A hash, since
 * it is written down as it is, whatever a sender takes for a fingerprint.
 */
export const keyOf = (hook: string, alert: Pick<Alert, 'fingerprint'>): string =>
  `${hook}/${sha256(alert.fingerprint).slice(0, 16)}`;

/** An alert that goes on firing is told again for hours; for so long it is the same episode. */
const EPISODE = 24 * HOUR;

/** Decides on one alert. `now` in ms; `newRun` makes the id of an investigation. */
export function decide(
  ledger: Ledger,
  rules: Rules,
  hook: Hook,
  alert: Alert,
  now: number,
  newRun: (now: number) => string = ulid,
): Decision {
  const key = keyOf(hook.name, alert);
  const mine = ledger.cases.get(ledger.byKey.get(key) ?? '');
  const member = mine?.members.get(key);
  if (alert.status === 'resolved') return resolved(mine, member, alert);
  if (mine && member) {
    const again = known(rules, mine, member, alert, now);
    if (again) return again;
  }
  const urgent = isUrgent(alert.severity);
  const related = relatedCase(ledger, rules, hook.name, alert, now);
  if (related) return { do: 'attach', run: related.of.run, as: 'related', urgent, why: related.why };
  const broke = overspent(ledger, rules, hook, alert.service, now);
  if (broke) return { do: 'shed', status: 429, ...broke };
  const waiting = [...ledger.cases.values()].filter((c) => c.phase === 'waiting').length;
  if (waiting >= rules.queue) {
    return { do: 'shed', status: 503, retryAfter: 30, why: `${waiting} investigations wait already` };
  }
  if (urgent || rules.debounceMs === 0) {
    const why = urgent ? `it is urgent (${alert.severity})` : 'nothing like it is open';
    return { do: 'start', run: newRun(now), dueAt: now, urgent, why };
  }
  const why = `nothing like it is open; looked at if it still fires in ${formatDuration(rules.debounceMs)}`;
  return { do: 'start', run: newRun(now), dueAt: now + rules.debounceMs, urgent, why };
}

function resolved(mine: Case | undefined, member: Member | undefined, alert: Alert): Decision {
  if (!mine || !member) return { do: 'ignore', why: 'it is resolved, and nothing of it is open here' };
  if (member.status === 'resolved') return { do: 'repeat', run: mine.run, why: 'it is resolved already' };
  const when = alert.endsAt ? ` since ${alert.endsAt}` : '';
  return { do: 'attach', run: mine.run, as: 'resolved', why: `it is resolved${when}` };
}

/** An alert that was heard of before; undefined where it is to be investigated anew. */
function known(rules: Rules, mine: Case, member: Member, alert: Alert, now: number): Decision | undefined {
  const { run } = mine;
  const over = mine.phase === 'ended' || mine.phase === 'cancelled';
  const sameEpisode = member.status === 'firing' && member.startsAt === alert.startsAt;
  // What was cancelled has no answer yet.
  if (mine.phase === 'cancelled') return undefined;
  if (sameEpisode && now - member.since < EPISODE) {
    return { do: 'repeat', run, why: 'the same alert, told again' };
  }
  const urgent = isUrgent(alert.severity);
  if (!over) return { do: 'attach', run, as: 'refired', urgent, why: 'it fires again while its investigation is open' };
  const rest = (mine.endedAt ?? now) + rules.cooldownMs - now;
  if (rest <= 0) return undefined;
  return {
    do: 'attach',
    run,
    as: 'refired',
    why: `it was investigated just now; a new look in ${formatDuration(rest)}`,
  };
}

/** The open case that an alert belongs to, and why; the newest first. */
function relatedCase(
  ledger: Ledger,
  rules: Rules,
  hook: string,
  alert: Alert,
  now: number,
): { of: Case; why: string } | undefined {
  const { service } = alert;
  if (service === undefined) return undefined;
  const cases = [...ledger.cases.values()].reverse();
  for (const of of cases) {
    if (of.phase === 'cancelled') continue;
    // What is over has looked at what had begun by then, and at nothing later.
    const { endedAt } = of;
    if (endedAt !== undefined && (now - endedAt > rules.windowMs || toMs(alert.startsAt) > endedAt)) continue;
    const members = [...of.members.values()].filter((m) => now - m.at <= rules.windowMs && sameEnv(m.env, alert.env));
    const same = members.find((m) => m.service === service);
    const state = of.phase === 'ended' ? 'was investigated just now' : 'is being investigated';
    if (same) return { of, why: `${service} ${state}${of.hook === hook ? '' : ` for ${of.hook}`}` };
    for (const m of members) {
      const call = m.service && callBetween(ledger, rules, m.service, service);
      if (call) return { of, why: `${call}, and ${m.service} ${state}` };
    }
  }
  return undefined;
}

const sameEnv = (a: string | undefined, b: string | undefined): boolean =>
  a === undefined || b === undefined || a === b;

function callBetween(ledger: Ledger, rules: Rules, a: string, b: string): string | undefined {
  const has = (x: string, y: string): boolean =>
    ledger.calls.has(`${x}\n${y}`) || rules.calls.some(([from, to]) => from === x && to === y);
  return has(a, b) ? `${a} calls ${b}` : has(b, a) ? `${b} calls ${a}` : undefined;
}
