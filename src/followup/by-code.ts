/** A follow-up answered by code alone: evidence that is there, new questions where it is not, every sentence a checked claim. */
import { checkClaim } from '../claims/check.ts';
import type { Capability, Questions, TimeRange } from '../core/capabilities.ts';
import type { CheckedClaim } from '../core/claims.ts';
import type { FollowUpAnswer } from '../core/follow-up.ts';
import { MINUTE, toIso, toMs } from '../core/time.ts';
import type { Evidence, StepContext, ToolSpec } from '../core/types.ts';
import { look, type Seen } from './looks.ts';
import { type Frame, type Parsed, parse } from './parse.ts';
import { TOPICS, type Topic } from './topics.ts';

/** An answer may begin so much later, or end so much earlier, than what is asked for. */
const SLACK = 2 * MINUTE;

const NOUN: Partial<Record<Capability, string>> = {
  'metrics.range': 'series',
  'traces.summary': 'spans',
  'logs.patterns': 'log records',
  'changes.list': 'changes',
  'events.list': 'events',
};

/** Answers that are sums over their window: they say nothing of a part of it. */
const SUMMED: ReadonlySet<Capability> = new Set(['traces.summary', 'logs.patterns']);

export interface Ground extends Frame {
  /** What the run and its follow-ups have been answered. */
  evidence: Evidence[];
  tools: ToolSpec[];
  ask: StepContext['ask'];
  /** Questions that may still be put. */
  budget: number;
}

interface Result {
  entity: string;
  topic: Topic;
  says: 'yes' | 'no' | 'unknown';
  held: CheckedClaim[];
}

/** Answers a question; asks at most `budget` times. Never throws for what a source does. */
export async function byCode(question: string, g: Ground): Promise<FollowUpAnswer> {
  const p = parse(question, g);
  const cannot = [...p.unclear];
  const evidence = [...g.evidence];
  const normal: FollowUpAnswer['normal'] = [];
  const results: Result[] = [];
  let asked = 0;
  const lookup = (id: string): Evidence | undefined => evidence.find((e) => e.id === id);
  for (const entity of p.entities) {
    for (const topic of p.topics) {
      const sides: Seen[] = [];
      let complete = 0;
      for (const c of TOPICS[topic].capabilities) {
        const found = await answersTo(c, entity, topic, p);
        if (found.length === 0) continue;
        const whole = found.filter((e) => (e.status === 'ok' || e.status === 'empty') && !e.truncated);
        complete += whole.length;
        for (const e of found.filter((x) => !whole.includes(x)))
          cannot.push(
            `${entity}, ${topic}: ${e.id} is ${e.truncated ? 'not the whole answer' : e.status}${e.problem ? ` (${e.problem})` : ''}`,
          );
        // Asked, complete and nothing there: an absence, which is a claim of its own.
        const gone = found
          .filter((e) => e.status === 'empty')
          .map((e) => checkClaim({ type: 'absent', evidence: e.id, what: `${NOUN[c] ?? c} of ${entity}` }, lookup));
        sides.push({ claims: [], normal: gone.filter((x) => x.ok).map((x) => ({ what: x.sentence, cites: x.cites })) });
        sides.push(...found.map((e) => look(e, { entity, topic, range: p.range, dated: p.dated, normal: g.normal })));
      }
      const held = sides
        .flatMap((s) => s.claims)
        .map((c) => checkClaim(c, lookup))
        .filter((c) => c.ok);
      const quiet = sides.flatMap((s) => s.normal);
      for (const x of quiet) {
        const same = normal.find((y) => y.what === x.what);
        if (same) same.cites = [...new Set([...same.cites, ...x.cites])];
        else normal.push({ ...x });
      }
      const says = held.length > 0 ? 'yes' : quiet.length > 0 && complete > 0 ? 'no' : 'unknown';
      if (says === 'unknown')
        cannot.push(`${entity}, ${topic}: no answer holds anything of it from ${p.range.from} to ${p.range.to}`);
      results.push({ entity, topic, says, held });
    }
  }
  return {
    says: together(
      results.map((r) => r.says),
      p.unclear.length > 0,
    ),
    headline: headline(results, p),
    about: { entities: p.entities, topics: p.topics, ...p.range },
    claims: distinct(results.flatMap((r) => r.held)),
    normal: normal.slice(0, 12),
    cannot: [...new Set([...p.assumed.map((a) => `taken for granted: ${a}`), ...cannot])],
    asked,
    by: 'code',
  };

  /** What is there, or what is answered now. */
  async function answersTo(c: Capability, entity: string, topic: Topic, q: Parsed): Promise<Evidence[]> {
    const span = c === 'metrics.range' ? { from: g.normal, to: q.range.to } : q.range;
    const there = evidence.filter((e) => e.capability === c && covers(e, entity, span, q.dated && SUMMED.has(c)));
    if (there.length > 0) return there;
    if (!g.tools.some((t) => t.capability === c)) {
      cannot.push(`${entity}, ${topic}: no source offers ${c}`);
      return [];
    }
    if (asked >= g.budget) {
      cannot.push(`${entity}, ${topic}: ${c} was not asked, the budget of ${g.budget} questions is spent`);
      return [];
    }
    asked++;
    const fresh = await g.ask(c, questionOf(c, entity, span, g), `follow-up: ${entity}, ${topic}`);
    evidence.push(...fresh);
    return fresh;
  }
}

/** Whether an answer was asked of this entity and this time, and could be given. */
function covers(e: Evidence, entity: string, r: TimeRange, exactly: boolean): boolean {
  const input = e.input as { service?: string; node?: string; query?: string; from: string; to: string };
  if (e.data === undefined && e.status !== 'empty') return false;
  if (input.query !== undefined || (input.service ?? input.node ?? entity) !== entity) return false;
  const [from, to] = [toMs(input.from) - toMs(r.from), toMs(r.to) - toMs(input.to)];
  return exactly ? Math.abs(from) <= SLACK && Math.abs(to) <= SLACK : from <= SLACK && to <= SLACK;
}

function questionOf(c: Capability, entity: string, span: TimeRange, g: Frame): Questions[Capability] {
  const sides =
    c === 'traces.summary' || c === 'logs.patterns'
      ? { baseline: [{ from: g.normal, to: toIso(Math.min(toMs(span.from), toMs(g.onset))) }] }
      : {};
  return { service: entity, ...span, ...sides } as Questions[Capability];
}

function together(all: Result['says'][], unclear: boolean): FollowUpAnswer['says'] {
  if (all.length === 0 || all.every((s) => s === 'unknown')) return 'unknown';
  if (all.every((s) => s === 'yes')) return unclear ? 'partly' : 'yes';
  if (all.every((s) => s === 'no')) return unclear ? 'partly' : 'no';
  return 'partly';
}

const SAYS = { yes: 'yes', no: 'no sign of it', unknown: 'cannot say' };

function headline(results: Result[], p: Parsed): string {
  if (p.topics.length === 0) return 'the question is not understood';
  if (p.entities.length === 0) return 'nobody is named whom a source knows';
  return results
    .map((r) => `${r.entity}, ${TOPICS[r.topic].says}: ${SAYS[r.says]}${r.held[0] ? ` (${r.held[0].sentence})` : ''}`)
    .join('; ');
}

function distinct(claims: CheckedClaim[]): CheckedClaim[] {
  const seen = new Set<string>();
  return claims.filter((c) => !seen.has(c.sentence) && seen.add(c.sentence));
}
