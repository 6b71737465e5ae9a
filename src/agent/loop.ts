/**
 * The bounded loop: brief → turns with parallel tool calls through the same door as every step → structured conclusion.
 * It cannot run away (every end is a value of `AgentStop`), and what it concludes is checked by code.
 */
import type { AgentStop } from '../core/agent.ts';
import type { Capability } from '../core/capabilities.ts';
import type { Steer } from '../core/human.ts';
import { wordsOf } from '../core/model.ts';
import { oneLine } from '../core/text.ts';
import type { StepContext } from '../core/types.ts';
import type { Scope } from '../tools/scope.ts';
import type { Looked } from '../workflow/escalate.ts';
import { briefOf } from './brief.ts';
import { NOTHING_SPENT } from './budget.ts';
import type { Memory } from './calls.ts';
import { type OpenCase, servicesOf } from './case.ts';
import { close } from './close.ts';
import { CONCLUSION, type Conclusion, readConclusion } from './conclusion.ts';
import { CONCLUDED, type End, nearEnd, spent } from './ends.ts';
import { type Court, type Judged, judge } from './judge.ts';
import { offer, type Reach } from './offer.ts';
import { stall } from './progress.ts';
import { back, CONCLUDE, hint, nudge, replan, SYSTEM } from './prompt.ts';
import { Purse } from './purse.ts';
import { openQuestion } from './question.ts';
import { type Ports, Talk, type Voice } from './talk.ts';
import { takeTurn } from './turn.ts';

export interface Bench extends Ports {
  /** The model that investigates, and a cheaper one for the second pass. */
  voice: Voice;
  second: Voice;
  ask: StepContext['ask'];
  /** What may be asked for: grows with the answers. */
  scope: Scope;
  /** A person's hints, and whether it is to wait. */
  steer?: Steer;
  /** Asks a person for more budget; true where the purse holds it. */
  more?: (what: AgentStop, purse: Purse) => Promise<boolean>;
}

/** Whose inquiry it is: what is to be settled, what may be asked for it, and out of which purse. */
export interface Seat {
  system: string;
  question: string;
  capabilities(wide: boolean): Capability[];
  purse: Purse;
  /** Number of its step: what it asks becomes `E<step>.<n>`. */
  step: number;
  /** Resolves when it may go on: where a budget is shared, its purse holds its part by then. */
  ready(): Promise<void>;
  /** Its time is over when one reply comes too late. */
  once?: boolean;
}

/** What came of an inquiry. */
export interface Inquiry {
  end: End;
  court: Court;
  brief: string;
  tried: string[];
  /** Number of the last turn. */
  turn: number;
}

/** Looks further into a case that the gate has escalated. Never throws for anything that the model does. */
export async function lookFurther(c: OpenCase, b: Bench): Promise<Looked> {
  const purse = new Purse(c.limits, NOTHING_SPENT);
  const question = openQuestion(c, false).text;
  const capabilities = (wide: boolean): Capability[] => openQuestion(c, wide).capabilities;
  const ready = (): Promise<void> => Promise.resolve();
  const found = await inquire(c, b, { system: SYSTEM, question, capabilities, purse, step: c.step, ready });
  return close(c, b, { ...found, ...found.end, question, purse });
}

/** One inquiry to its end: turns of questions, then a conclusion that is checked. */
export async function inquire(c: OpenCase, b: Bench, seat: Seat): Promise<Inquiry> {
  const { purse, question } = seat;
  const memory: Memory = {
    answered: new Map(),
    told: new Set(),
    looks: [],
    evidence: new Map(c.evidence.map((e) => [e.id, e])),
    learn: (e) => b.scope.learn(e),
  };
  const services = servicesOf(c.evidence, c.alert);
  const brief = briefOf(c, question, services);
  const talk = new Talk(b.voice, b, seat.system, brief.text);
  const court: Court = { ...courtOf(c, seat.step), evidence: memory.evidence, facts: brief.facts, services };
  const tried: string[] = [];
  const asked = { turn: 0 };
  const end = await converse();
  return { end, court, brief: brief.text, tried, turn: asked.turn };

  async function converse(): Promise<End> {
    let [closing, aim] = [undefined as AgentStop | undefined, `settle: ${question}`];
    let [stage, since] = [0, 0];
    const tally = { failures: 0, idle: 0 };
    let returned: { conclusion: Conclusion; judged: Judged } | undefined;
    let backed = false;
    for (;;) {
      await seat.ready();
      const reach = reachOf(c, b.scope);
      const tools = offer(seat.capabilities(stage > 1 || c.evidence.length === 0), reach);
      const shape = { tools, answer: { name: 'conclusion', schema: CONCLUSION }, maxTokens: c.limits.replyTokens };
      const fits = (tokens: number, last: boolean): AgentStop | undefined => purse.blocked(tokens, b.voice.price, last);
      const turn = asked.turn + 1;
      for (const said of (await b.steer?.before(turn)) ?? []) talk.say(hint(said));
      const draft = talk.request({ ...shape, mayCall: true });
      const prompt = await talk.bound(draft, turn, (tokens) => fits(tokens, false) === undefined);
      // What each may spend is known and all requests are measured: those who share go on in their order.
      await seat.ready();
      if (!closing) {
        closing = fits(prompt, false) ?? nearEnd(purse, b.voice.price !== undefined);
        if (closing && (await b.more?.(closing, purse))) closing = fits(prompt, false);
        if (closing) talk.say(CONCLUDE);
      }
      const never = fits(prompt, true);
      if (closing && never) return returned ? { stop: 'concluded', why: CONCLUDED, ...returned } : spent(never);
      asked.turn = turn;
      const plan = { turn, aim: closing ? `conclude: ${closing} nearly spent` : aim, closing: closing !== undefined };
      const { reply, answered, ...ended } = await takeTurn(talk, {
        ...{ request: talk.request({ ...shape, mayCall: !closing }), plan, prompt, purse, tally },
        calls: { offered: tools, reach, back: b.back, ask: b.ask, memory },
      });
      for (const x of answered?.calls ?? []) tried.push(triedLine(x, memory));
      const over = seat.once && reply.stop === 'timeout' ? spent('time') : ended.over;
      if (over) return returned ? { ...over, ...returned } : over;
      if (reply.stop === 'calls') {
        if (!answered) return returned ? { stop: 'concluded', why: CONCLUDED, ...returned } : spent(closing!);
        talk.hear(answered.results);
        for (const s of servicesOf(memory.evidence.values(), c.alert)) if (!services.includes(s)) services.push(s);
        const stuck = stall(memory.looks, since, turn);
        aim = `settle: ${question}`;
        if (!stuck) continue;
        if (++stage > 2) return { stop: 'no-progress', why: stuck, ...returned };
        since = memory.looks.length;
        talk.say(stage === 1 ? nudge(stuck) : replan(stuck, tried));
        aim = stage === 1 ? `nudged: ${stuck}` : `new plan: ${stuck}`;
      } else if (reply.stop === 'answered') {
        const conclusion = mapped(readConclusion(wordsOf(reply)), b.back);
        const judged = 'problems' in conclusion ? undefined : judge(conclusion, court);
        const problems = 'problems' in conclusion ? conclusion.problems : (judged?.problems ?? []);
        if (!('problems' in conclusion) && judged) returned = { conclusion, judged };
        if (problems.length === 0 && returned) return { stop: 'concluded', why: CONCLUDED, ...returned };
        if (backed) {
          if (returned) return { stop: 'concluded', why: CONCLUDED, ...returned };
          return { stop: 'no-progress', why: `no conclusion of the given shape: ${problems[0]}` };
        }
        backed = true;
        talk.say(back(problems.slice(0, 8)));
        aim = 'correct what does not hold';
      } else if (reply.stop === 'max-tokens') talk.say('Your reply was cut off at its limit. Be brief.');
    }
  }
}

/** Names and quotes stand in the evidence with real addresses; the note keeps its pseudonyms. */
const mapped = (x: Conclusion | { problems: string[] }, back: Bench['back']): Conclusion | { problems: string[] } =>
  'problems' in x ? x : { ...x, entity: back(x.entity), change: back(x.change), claims: back(x.claims) };

const reachOf = (c: OpenCase, scope: Scope): Reach => ({
  ...scope.seen(),
  hypotheses: [...c.hypotheses.filter((h) => h.state !== 'unknown').map((h) => h.id), 'H0'],
  window: c.window,
  alertAt: c.alert.startsAt,
  now: c.now,
});

/** What claims are checked against, but for the evidence; `step` is the one whose evidence counts as asked itself. */
function courtOf(c: OpenCase, step: number): Pick<Court, 'onset' | 'onsetTo' | 'normal' | 'now' | 'own' | 'lead'> {
  const { onset } = c.verdict;
  const at = onset?.at ?? c.alert.startsAt;
  return {
    onset: at,
    onsetTo: onset && onset.to > at ? onset.to : at,
    normal: c.window.baseline.from,
    now: c.now,
    own: (id) => id.startsWith(`E${step}.`),
    lead: c.hypotheses.find((h) => h.state === 'lead'),
  };
}

/** `logs.search payments "configuration": 1 record (E9.1)`. */
function triedLine(x: { tool: string; input: unknown; evidence: string[]; problem?: string }, memory: Memory): string {
  const { service, text } = x.input as { service?: string; text?: string };
  const what = [x.tool, service, text && `"${text}"`].filter(Boolean).join(' ');
  const got = x.problem ?? x.evidence.map((id) => memory.evidence.get(id)?.summary ?? '').join('; ');
  return oneLine(`${what}: ${got}${x.evidence.length > 0 ? ` (${x.evidence.join(' ')})` : ''}`, 240);
}
