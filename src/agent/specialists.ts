/**
 * `--mode specialists`: a supervisor gives each specialist its own question. They look in parallel, each in the loop that
 * a single model has, with fewer tools, on one shared budget; code merges what they find.
 */
import { accusation } from '../core/accusation.ts';
import type { SpecialistSummary } from '../core/agent.ts';
import { tightest } from '../core/agent.ts';
import { oneLine } from '../core/text.ts';
import type { StepContext } from '../core/types.ts';
import type { Looked } from '../workflow/escalate.ts';
import { briefOf } from './brief.ts';
import { metersOf, NOTHING_SPENT, type Spent } from './budget.ts';
import { holding, type OpenCase, servicesOf } from './case.ts';
import { close } from './close.ts';
import { CONCLUSION } from './conclusion.ts';
import { type Bench, type Inquiry, inquire, lookFurther } from './loop.ts';
import { merge, type Opinion } from './merge.ts';
import { SYSTEM_OF_MANY } from './prompt.ts';
import { Purse } from './purse.ts';
import { openQuestion } from './question.ts';
import { byBearing, rosterOf, type Specialist } from './roster.ts';
import { firstPart, type Member, SharedPurse } from './shared.ts';
import { Talk } from './talk.ts';

/** Of the model time of the whole, what one specialist may take: a hanging one leaves time for what comes after. */
const TIME_SHARE = 1 / 3;
/** Tokens that the tools of one specialist take at most. */
const TOOLS = 2000;

/** A bench for several: the questions of each become evidence of its own step. */
export interface TeamBench extends Bench {
  askAs(step: number): StepContext['ask'];
}

interface Seated extends Specialist {
  step: number;
  found: Inquiry;
  spent: Spent;
}

/** Looks further with several specialists. Never throws for anything that a model does. */
export async function lookTogether(c: OpenCase, b: TeamBench): Promise<Looked> {
  const question = openQuestion(c, false).text;
  const brief = briefOf(c, question, servicesOf(c.evidence, c.alert));
  const all = rosterOf(c);
  const invited = await affordable(c, b, all, brief.text);
  if (invited.length === 0) return lookFurther(c, b);
  let [round, told] = [0, -1];
  const advice: { hints: string[] } = { hints: [] };
  const shared = new SharedPurse(c.limits, c.limits.timeMs * TIME_SHARE, async (spent) => {
    // They meet twice a turn, and only the first time is something new.
    if (spent.turns === told) return;
    told = spent.turns;
    if (round++ > 0) await tell(b, c, spent, round - 1);
    // A person who pauses stops all of them, and a hint is for all of them.
    advice.hints = (await b.steer?.before(round)) ?? [];
  });
  const seats = invited.map((s) => ({ ...s, step: c.step + all.indexOf(s), member: shared.join() }));
  const looking = seats.map(({ member, ...s }) =>
    inquire(c, benchOf(b, s, member, advice), {
      ...member,
      system: SYSTEM_OF_MANY,
      question: s.question,
      capabilities: () => s.capabilities,
      step: s.step,
      once: true,
    })
      .then((found): Seated => ({ ...s, found, spent: member.purse.spent }))
      .finally(member.leave),
  );
  // All are over before the first failure is thrown: nothing is left running behind our back.
  await Promise.allSettled(looking);
  const done = await Promise.all(looking);
  const rounds = Math.max(...done.map((s) => s.found.turn));
  if (shared.spent().turns > 0) await tell(b, c, shared.spent(), rounds);

  const { court: first } = done[0]!.found;
  const asked = done.flatMap((s) => [...s.found.court.evidence].slice(c.evidence.length));
  const services = [...new Set(done.flatMap((s) => [...s.found.court.services]))];
  const evidence = new Map([...c.evidence.map((e) => [e.id, e] as const), ...asked]);
  const own = (id: string): boolean => done.some((s) => s.found.court.own(id));
  const court = { ...first, evidence, services, own, facts: brief.facts };
  const merged = merge(done.flatMap(opinionOf), court, c.hypotheses);
  const specialists = all.map((s) => summaryOf(s, done, b));
  const disagreement = merged?.disagreement ?? [];
  return close(c, b, {
    ...endOf(done),
    ...(merged ? { conclusion: merged.conclusion, judged: merged.judged } : {}),
    question,
    court,
    brief: brief.text,
    tried: done.flatMap((s) => s.found.tried.map((t) => `${s.name}: ${t}`)),
    turn: rounds,
    purse: new Purse(c.limits, shared.spent()),
    more: { specialists, ...(disagreement.length > 0 ? { disagreement } : {}) },
  });
}

/** As many as the budget holds a first question and a conclusion for, those first that bear most on the case. */
async function affordable(c: OpenCase, b: Bench, all: Specialist[], brief: string): Promise<Specialist[]> {
  const answer = { name: 'conclusion', schema: CONCLUSION };
  const talk = new Talk(b.voice, b, SYSTEM_OF_MANY, brief);
  const first = talk.request({ tools: [], mayCall: false, answer, maxTokens: c.limits.replyTokens });
  const holds = (n: number, prompt: number): boolean =>
    new Purse(firstPart(c.limits, n), NOTHING_SPENT).blocked(prompt + TOOLS, b.voice.price, false) === undefined;
  const prompt = await talk.bound(first, 0, (tokens) => holds(all.length, tokens));
  let n = all.length;
  while (n > 1 && !holds(n, prompt)) n--;
  const best = byBearing(c, all).slice(0, n);
  return all.filter((s) => best.includes(s));
}

/** A specialist's own bench: its evidence, its turns, and its time, of which the waiting for others is no part. It asks nobody for more. */
function benchOf(
  b: TeamBench,
  s: Specialist & { step: number },
  { purse }: Member,
  advice: { hints: string[] },
): Bench {
  const { more: _, ...ports } = b;
  return {
    ...ports,
    by: s.name,
    steer: { before: () => Promise.resolve(advice.hints) },
    ask: b.askAs(s.step),
    get deadline() {
      return Math.min(b.deadline, b.durable.now() + Math.max(0, purse.limits.timeMs - purse.spent.timeMs));
    },
  };
}

async function tell(b: Bench, c: OpenCase, spent: Spent, turn: number): Promise<void> {
  const meters = metersOf(spent, c.limits, b.voice.price !== undefined);
  await b.emit({ type: 'budget.changed', ...tightest(meters)!, turn, meters });
}

function opinionOf({ name, found }: Seated): Opinion[] {
  const { conclusion, judged } = found.end;
  return conclusion && judged ? [{ by: name, conclusion, judged }] : [];
}

/** One end for all: concluded where somebody has, else what ended the first. */
function endOf(done: Seated[]): Pick<Inquiry['end'], 'stop' | 'why'> {
  const over = done.filter((s) => s.found.end.stop === 'concluded');
  const others = done.filter((s) => !over.includes(s)).map((s) => `${s.name}: ${s.found.end.why}`);
  const { stop } = (over[0] ?? done[0]!).found.end;
  const count = `${over.length} of ${done.length} specialists concluded`;
  return { stop, why: oneLine([count, ...others].join('; '), 300) };
}

function summaryOf(s: Specialist, done: Seated[], b: Bench): SpecialistSummary {
  const { name, question } = s;
  const seat = done.find((d) => d.name === name);
  if (!seat) {
    const why = 'the shared budget holds fewer specialists';
    const none = { turns: 0, calls: 0, tokens: 0, confidence: 0, cites: [] };
    return { name, question, stop: 'tokens', why, ...none, found: 'was not asked' };
  }
  const { end } = seat.found;
  const { turns, calls, tokens, dollars } = seat.spent;
  const held = holding(end.judged?.checked ?? []);
  const accused = end.judged?.entity?.name;
  const whom = accused && accusation(accused, end.judged?.category ?? 'unknown', end.judged?.change);
  const found = whom ? [whom, ...held.slice(0, 1).map((x) => x.sentence)].join(': ') : 'accuses nobody';
  return {
    name,
    question,
    stop: end.stop,
    why: end.why,
    turns,
    calls,
    tokens,
    ...(b.voice.price ? { dollars: Number(dollars.toFixed(6)) } : {}),
    found: oneLine(found, 300),
    confidence: end.judged?.confidence ?? 0,
    cites: [...new Set(held.flatMap((x) => x.cites))],
  };
}
