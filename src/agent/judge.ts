/**
 * What a conclusion is worth: every claim checked on the evidence, and a confidence that comes from what holds, never
 * from what the model says of itself.
 */
import { checkClaim } from '../claims/check.ts';
import { tellsHarm } from '../claims/harm.ts';
import type { CheckedClaim, Claim } from '../core/claims.ts';
import type { Change, Entity } from '../core/telemetry.ts';
import { MINUTE, toMs } from '../core/time.ts';
import type { Category, Evidence, Hypothesis } from '../core/types.ts';
import { UNCONFIRMED_CAP } from '../workflow/gate.ts';
import { bearsOn, isNews, kindOf, repeats, speaksOf } from './bearing.ts';
import { changesIn, holding, instancesOf } from './case.ts';
import type { Conclusion, ModelClaim } from './conclusion.ts';
import { type Grounds, translate } from './translate.ts';

/**
 * A cause that the model's questions settled, with every claim holding. Nobody has calibrated this: it stays below what
 * is taken at its word (0.8), even where two kinds of measurements agree.
 */
const SETTLED = 0.75;
/** Two kinds of measurements agree on whom is accused. */
const AGREED = 0.04;
/** What a dropped claim costs. */
const DROPPED = 0.05;
/** Without a signal that no outsider can write, without an answer of its own, or contradicted: no verdict, whatever the gate. */
const UNSETTLED = UNCONFIRMED_CAP;
/** A change so long before the onset is not suspicious by its time alone. */
const NEAR_MS = 30 * MINUTE;

export interface Judged {
  checked: CheckedClaim[];
  /** What does not hold, for the model to correct once. */
  problems: string[];
  entity?: Entity;
  change?: Change;
  /** The kind of cause that code can stand behind; the model's own where a claim speaks for it. */
  category?: Category;
  confirmed: boolean;
  /** Confirmed, by something that the model asked itself, and not contradicted: only then it may pass the gate. */
  settled: boolean;
  /** 0 to 1. */
  confidence: number;
}

export interface Court extends Grounds {
  services: readonly string[];
  /** Whether an evidence was asked by the model itself. */
  own(id: string): boolean;
  /** Latest time at which it can have begun, ISO. */
  onsetTo: string;
  /** What the workflow leads with and could not decide. */
  lead?: Hypothesis | undefined;
}

/** Checks a conclusion. Claims that cannot even be understood count as dropped. */
export function judge(c: Conclusion, court: Court): Judged {
  const { checked, problems } = checkAll(c.claims, court);
  if (c.outcome === 'inconclusive') return { checked, problems: [], confirmed: false, settled: false, confidence: 0 };
  const entity = entityOf(c.entity, court);
  const change = c.change === null ? undefined : changeOf(c.change, court);
  if (!entity) problems.unshift(`entity: no source knows "${c.entity ?? 'nothing'}"`);
  if (c.category === null) problems.unshift('category: a cause has one');
  if (c.change !== null && !change) problems.unshift(`change: no answer lists "${c.change}"`);
  const foreign = change?.service !== undefined && entity !== undefined && change.service !== entity.name;
  if (foreign) problems.unshift(`entity: ${change.id} is a change of ${change.service}, not of ${entity.name}`);
  const held = holding(checked);
  if (held.length === 0) problems.push('claims: none holds, so nothing carries the conclusion');
  const known = entity !== undefined && c.category !== null && (c.change === null || change !== undefined);
  if (!known || foreign || held.length === 0 || c.category === null)
    return { checked, problems, confirmed: false, settled: false, confidence: 0 };
  const { category, problem } = kindOf(c.category, { entity, change, held, court });
  if (problem) problems.push(problem);
  const clean = held.filter((x) => x.trust === 'clean');
  const harm = clean.filter((x) => tellsHarm(x.claim, (id) => court.evidence.get(id), court.facts.values()));
  const own = harm.filter((x) => speaksOf(x.claim, entity.name));
  const timed = change !== undefined && harm.length > 0 && clean.some((x) => isTimely(x.claim, change, court));
  const confirmed = own.length > 0 || timed;
  if (!confirmed)
    problems.push(
      'claims: none shows harm at the accused that no outsider can write (a metric that got clearly worse, a span, the time of its deploy)',
    );
  const asked = held.some((x) => x.cites.some((id) => court.own(id) && bearsOn(id, x.claim, entity.name, court)));
  if (!asked)
    problems.push('claims: none cites an answer to a question of your own about the accused or its neighbours');
  const repeated =
    repeats(category, entity, change, court) && !held.some((x) => x.cites.some((id) => isNews(id, x.claim, court)));
  if (repeated)
    problems.push(
      "outcome: this is the workflow's own lead, which the same kinds of evidence left open; cite an answer of your own of another kind, or the line of a log or diff that settles it, or leave it open",
    );
  const kinds = new Set(own.flatMap((x) => x.cites.map((id) => court.evidence.get(id)?.capability)));
  const lost = checked.length - held.length;
  const raw = SETTLED + (kinds.size > 1 ? AGREED : 0) - DROPPED * lost;
  const settled = confirmed && asked && !repeated;
  const confidence = Math.max(0, Math.min(raw, settled ? 1 : UNSETTLED));
  return {
    checked,
    problems,
    entity,
    ...(change ? { change } : {}),
    category,
    confirmed,
    settled,
    confidence: Number(confidence.toFixed(4)),
  };
}

/** Every claim as code sees it, and what is wrong with those that do not hold. */
export function checkAll(claims: ModelClaim[], g: Grounds): { checked: CheckedClaim[]; problems: string[] } {
  const problems: string[] = [];
  const checked = claims.map((c, i): CheckedClaim => {
    const claim = translate(c, g);
    const result: CheckedClaim =
      'problem' in claim
        ? {
            claim: unreadable(c),
            ok: false,
            sentence: `dropped: ${claim.problem}`,
            cites: [],
            trust: 'outsider-writable',
          }
        : checkClaim(claim, (id) => g.evidence.get(id));
    if (!result.ok) problems.push(`claims[${i}] (${c.type}): ${result.sentence.replace(/^dropped: /, '')}`);
    return result;
  });
  return { checked, problems };
}

/** What stands in the journal for a claim that names what is not there. */
const unreadable = (c: ModelClaim): Claim => ({
  type: 'mentions',
  evidence: 'evidence' in c ? c.evidence.slice(0, 40) : '',
  quote: `(${c.type})`,
});

/** The second pass: a counter-claim that holds unsettles the conclusion, bare words hardly matter. Never raises it. */
export function contested(
  j: Judged,
  refuted: boolean,
  against: CheckedClaim[],
): Pick<Judged, 'settled' | 'confidence'> {
  if (!refuted) return j;
  const held = holding(against).length > 0;
  const lower = held ? Math.min(j.confidence, UNSETTLED) : j.confidence - DROPPED;
  return { settled: j.settled && !held, confidence: Number(Math.max(0, lower).toFixed(4)) };
}

function entityOf(name: string | null, court: Court): Entity | undefined {
  if (name === null) return undefined;
  if (court.services.includes(name)) return { name, level: 'service' };
  return instancesOf(court.evidence.values()).has(name) ? { name, level: 'instance' } : undefined;
}

function changeOf(id: string, court: Court): Change | undefined {
  for (const e of court.evidence.values() as Iterable<Evidence>) {
    const found = changesIn(e).find((c) => c.id === id);
    if (found) return found;
  }
  return undefined;
}

/** The accused change, deployed shortly before it began. */
function isTimely(c: Claim, change: Change, court: Court): boolean {
  if (c.type !== 'deployed' || c.change !== change.id) return false;
  const gap = toMs(court.onset) - toMs(c.time);
  return gap <= NEAR_MS && toMs(c.time) <= toMs(court.onsetTo);
}
