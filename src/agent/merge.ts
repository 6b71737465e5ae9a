/** The conclusions of several, made one by code: what holds is united, the best supported cause leads, rivals lower the confidence. */
import { accusation } from '../core/accusation.ts';
import { byText, canonical } from '../core/canonical.ts';
import { oneLine } from '../core/text.ts';
import type { Hypothesis } from '../core/types.ts';
import { UNCONFIRMED_CAP } from '../workflow/gate.ts';
import { speaksOf } from './bearing.ts';
import { holding } from './case.ts';
import type { Conclusion, ModelClaim } from './conclusion.ts';
import { type Court, type Judged, judge } from './judge.ts';

/** What another cause costs that rests on measurements, and one that rests on words. */
const RIVAL = 0.15;
const RIVAL_IN_WORDS = 0.05;
/** Those who accuse the same differ in what kind of cause it is. */
const UNLIKE = 0.05;

/** What one of them concluded, on its own evidence. */
export interface Opinion {
  by: string;
  conclusion: Conclusion;
  judged: Judged;
}

export interface Merged {
  conclusion: Conclusion;
  judged: Judged;
  /** One line a side, the leading one first; none where they agree. */
  disagreement: string[];
}

/** Those who accuse the same. */
interface Side {
  entity: string;
  change: string | null;
  members: Opinion[];
  conclusion: Conclusion;
  judged: Judged;
}

const accuses = ({ judged }: Opinion): boolean => judged.entity !== undefined && judged.confidence > 0;
const confirmed = (s: Side): number => s.members.filter((m) => m.judged.confirmed).length;

/**
 * Merges opinions, given in the order of the plan. `court` holds the evidence of all of them.
 * @param ranked the workflow's hypotheses: of equals the one that it ranks higher leads
 */
export function merge(opinions: Opinion[], court: Court, ranked: Hypothesis[]): Merged | undefined {
  const undecided = opinions.filter((o) => o.conclusion.outcome === 'inconclusive');
  const place = (s: Side): number => {
    const at = ranked.findIndex((h) => h.entity?.name === s.entity);
    return at < 0 ? ranked.length : at;
  };
  const sides = grouped(opinions.filter(accuses))
    .map((members) => sideOf(members, undecided, court))
    .sort(
      (a, b) =>
        confirmed(b) - confirmed(a) ||
        b.members.length - a.members.length ||
        b.judged.confidence - a.judged.confidence ||
        place(a) - place(b) ||
        byText(`${a.entity} ${a.change}`, `${b.entity} ${b.change}`),
    );
  const [lead, ...rivals] = sides;
  if (!lead) return nobody(undecided, court);
  const { conclusion } = lead;
  const judged = lowered(lead, rivals);
  return { conclusion, judged, disagreement: rivals.length > 0 ? sides.map(told) : [] };
}

/** Nobody is accused: what holds is told all the same. */
function nobody(undecided: Opinion[], court: Court): Merged | undefined {
  const [first] = undecided;
  if (!first) return undefined;
  const claims = once(undecided.flatMap((o) => o.conclusion.claims));
  const conclusion = { ...first.conclusion, claims, note: notesOf(undecided) };
  return { conclusion, judged: judge(conclusion, court), disagreement: [] };
}

const notesOf = (all: Opinion[]): string =>
  all.flatMap(({ by, conclusion }) => (conclusion.note ? [`${by}: ${conclusion.note}`] : [])).join(' ');

/** By whom they accuse, and by the change; who names no change has nothing against one. */
function grouped(accusing: Opinion[]): Opinion[][] {
  const groups = new Map<string, Opinion[]>();
  const key = (o: Opinion, change: string | null): string => canonical([o.conclusion.entity, change]);
  for (const o of accusing.filter((x) => x.conclusion.change !== null))
    groups.set(key(o, o.conclusion.change), [...(groups.get(key(o, o.conclusion.change)) ?? []), o]);
  const named = [...groups.values()];
  for (const o of accusing.filter((x) => x.conclusion.change === null)) {
    const same = named.filter((g) => g[0]!.conclusion.entity === o.conclusion.entity);
    // Two changes of the same: it is not for code to say which of them it meant.
    const to = same.length === 1 ? key(same[0]![0]!, same[0]![0]!.conclusion.change) : key(o, null);
    groups.set(to, [...(groups.get(to) ?? []), o]);
  }
  return [...groups.values()].map((g) => accusing.filter((o) => g.includes(o)));
}

/** One conclusion of several: all their claims, and what the undecided have measured of the accused; checked anew. */
function sideOf(members: Opinion[], undecided: Opinion[], court: Court): Side {
  const first = members.find((m) => m.conclusion.change !== null) ?? members[0]!;
  const { entity, change } = first.conclusion;
  const category = most(members.map((m) => m.conclusion.category));
  const held = undecided.flatMap(({ conclusion, judged }) =>
    conclusion.claims.filter((_, i) => {
      const x = judged.checked[i];
      return x?.ok === true && speaksOf(x.claim, entity!);
    }),
  );
  const claims = once([...members.flatMap((m) => m.conclusion.claims), ...held]);
  const conclusion: Conclusion = { outcome: 'cause', entity, category, change, claims, note: notesOf(members) };
  return { entity: entity!, change, members, conclusion, judged: judge(conclusion, court) };
}

/** What most of them say; of as many the first, in the order of the plan. */
function most<T>(said: T[]): T {
  const count = (x: T): number => said.filter((y) => y === x).length;
  return said.reduce((a, b) => (count(b) > count(a) ? b : a));
}

function once(claims: ModelClaim[]): ModelClaim[] {
  return [...new Map(claims.map((c) => [canonical(c), c])).values()];
}

/** The lead's worth with its rivals about. As well supported as the lead, one of them leaves the case open. */
function lowered(lead: Side, rivals: Side[]): Judged {
  const unlike = new Set(lead.members.map((m) => m.conclusion.category)).size > 1 ? UNLIKE : 0;
  const cost = rivals.reduce((sum, r) => sum + (confirmed(r) > 0 ? RIVAL : RIVAL_IN_WORDS), unlike);
  const open = rivals.some((r) => confirmed(r) > 0 && confirmed(r) >= confirmed(lead));
  const { judged } = lead;
  const left = Math.max(0, judged.confidence - cost);
  const confidence = Number(Math.min(left, open ? UNCONFIRMED_CAP : 1).toFixed(4));
  return { ...judged, confidence, settled: judged.settled && !open };
}

/** `logs, change: deploy/payments/1.20.0 broke payments: payments p99 rose from … (E10.1)`. */
function told({ members, entity, judged }: Side): string {
  const held = holding(judged.checked);
  const best = held.find((x) => x.trust === 'clean' && x.claim.type !== 'deployed') ?? held[0];
  const cites = best ? ` (${best.cites.join(' ')})` : '';
  const whom = accusation(entity, judged.category ?? 'unknown', judged.change);
  return oneLine(`${members.map((m) => m.by).join(', ')}: ${whom}${best ? `: ${best.sentence}` : ''}${cites}`, 400);
}
