/**
 * The bounded loop: brief → turns with parallel tool calls through the same door as every step → structured conclusion.
 * It cannot run away (every end is a value of `AgentStop`), and what it concludes is checked by code.
 */
import type { AgentStop, AgentSummary } from '../core/agent.ts';
import type { Steer } from '../core/human.ts';
import type { Part, Reply } from '../core/model.ts';
import { oneLine } from '../core/text.ts';
import type { StepContext } from '../core/types.ts';
import type { Looked } from '../workflow/escalate.ts';
import { gaps } from '../workflow/verdict.ts';
import { briefOf } from './brief.ts';
import { NOTHING_SPENT } from './budget.ts';
import { answerCalls, type Memory } from './calls.ts';
import { instancesOf, type OpenCase, servicesOf } from './case.ts';
import { CONCLUSION, type Conclusion, readConclusion } from './conclusion.ts';
import { CONCLUDED, type End, ends, isFailure, nearEnd, spent } from './ends.ts';
import { type Court, type Judged, judge } from './judge.ts';
import { offer, type Scope } from './offer.ts';
import { stall } from './progress.ts';
import { back, CONCLUDE, hint, nudge, PROMPT, replan, SYSTEM } from './prompt.ts';
import { Purse } from './purse.ts';
import { openQuestion } from './question.ts';
import { refute } from './refute.ts';
import { settle } from './settle.ts';
import { type Ports, Talk, type Voice } from './talk.ts';

export interface Bench extends Ports {
  /** The model that investigates, and a cheaper one for the second pass. */
  voice: Voice;
  second: Voice;
  ask: StepContext['ask'];
  /** A person's hints, and whether it is to wait. */
  steer?: Steer;
  /** Asks a person for more budget; true where the purse holds it. */
  more?: (what: AgentStop, purse: Purse) => Promise<boolean>;
}

/** Looks further into a case that the gate has escalated. Never throws for anything that the model does. */
export async function lookFurther(c: OpenCase, b: Bench): Promise<Looked> {
  const purse = new Purse(c.limits, NOTHING_SPENT);
  const memory: Memory = {
    answered: new Map(),
    told: new Set(),
    looks: [],
    evidence: new Map(c.evidence.map((e) => [e.id, e])),
  };
  const services = servicesOf(c.evidence, c.alert);
  const question = openQuestion(c, false).text;
  const brief = briefOf(c, question, services);
  const talk = new Talk(b.voice, b, SYSTEM, brief.text);
  const court: Court = { ...courtOf(c), evidence: memory.evidence, facts: brief.facts, services };
  const tried: string[] = [];
  const asked = { turn: 0 };
  const end = await converse();
  const { conclusion, judged } = end;
  const checked = conclusion && judged ? { conclusion, judged: { ...judged } } : undefined;
  const contested =
    checked && (await refute({ c, b, purse, court, end: checked, brief: brief.text, turn: asked.turn + 1 }));
  const summary: AgentSummary = {
    stop: end.stop,
    why: end.why,
    model: b.voice.name,
    prompt: PROMPT,
    question,
    turns: purse.spent.turns,
    calls: purse.spent.calls,
    tokens: purse.spent.tokens,
    ...(b.voice.price ? { dollars: Number(purse.spent.dollars.toFixed(6)) } : {}),
    tried,
    ...(conclusion?.note ? { note: oneLine(conclusion.note, 1200) } : {}),
    ...(contested && contested.length > 0 ? { contested } : {}),
  };
  const own = [...memory.evidence.values()].slice(c.evidence.length);
  const { hypotheses, ...settled } = settle(c, summary, checked, gaps(own, [], []));
  const told = c.verdict.claims.length;
  for (const [n, claim] of (judged?.checked ?? []).entries())
    await b.emit({ type: 'claim.checked', n: told + n + 1, claim });
  if (hypotheses !== c.hypotheses)
    await b.emit({ type: 'hypotheses.ranked', after: [...c.after, 'agent'], final: false, hypotheses });
  return { ...settled, calls: memory.evidence.size - c.evidence.length };

  async function converse(): Promise<End> {
    let [closing, aim] = [undefined as AgentStop | undefined, `settle: ${question}`];
    let [stage, since, failures, idle] = [0, 0, 0, 0];
    let returned: { conclusion: Conclusion; judged: Judged } | undefined;
    let backed = false;
    for (;;) {
      const scope = scopeOf(c, services, instancesOf(memory.evidence.values()));
      const tools = offer(openQuestion(c, stage > 1 || c.evidence.length === 0).capabilities, scope);
      const shape = { tools, answer: { name: 'conclusion', schema: CONCLUSION }, maxTokens: c.limits.replyTokens };
      const fits = (tokens: number, last: boolean): AgentStop | undefined => purse.blocked(tokens, b.voice.price, last);
      const turn = asked.turn + 1;
      for (const said of (await b.steer?.before(turn)) ?? []) talk.say(hint(said));
      const draft = talk.request({ ...shape, mayCall: true });
      const prompt = await talk.bound(draft, turn, (tokens) => fits(tokens, false) === undefined);
      if (!closing) {
        closing = fits(prompt, false) ?? nearEnd(purse, b.voice.price !== undefined);
        if (closing && (await b.more?.(closing, purse))) closing = fits(prompt, false);
        if (closing) talk.say(CONCLUDE);
      }
      const never = fits(prompt, true);
      if (closing && never) return returned ? { stop: 'concluded', why: CONCLUDED, ...returned } : spent(never);
      asked.turn = turn;
      const plan = { turn, aim: closing ? `conclude: ${closing} nearly spent` : aim, closing: closing !== undefined };
      const reply = await talk.turn(talk.request({ ...shape, mayCall: !closing }), plan, purse, prompt);
      const calls =
        reply.stop === 'calls'
          ? reply.parts.filter((p): p is Extract<Part, { type: 'call' }> => p.type === 'call')
          : [];
      const left = purse.limits.calls - purse.spent.calls;
      const answered = closing
        ? undefined
        : await answerCalls(calls, { turn, offered: tools, scope, ask: b.ask, left, memory });
      purse.spent = { ...purse.spent, calls: purse.spent.calls + (answered?.put ?? 0) };
      for (const x of answered?.calls ?? []) tried.push(triedLine(x, memory));
      await talk.ended(plan, reply, answered?.calls ?? [], purse);
      failures = isFailure(reply) ? failures + 1 : 0;
      idle = reply.stop === 'calls' || reply.stop === 'answered' || isFailure(reply) ? 0 : idle + 1;
      const over = ends(reply, failures, idle);
      if (over) return returned ? { ...over, ...returned } : over;
      if (reply.stop === 'calls') {
        if (!answered) return returned ? { stop: 'concluded', why: CONCLUDED, ...returned } : spent(closing!);
        talk.hear(answered.results);
        for (const s of servicesOf(memory.evidence.values(), c.alert)) if (!services.includes(s)) services.push(s);
        const stuck = stall(memory.looks, since, turn);
        aim = `settle: ${question}`;
        if (!stuck) continue;
        if (++stage > 2) return { stop: 'no-progress', why: stuck };
        since = memory.looks.length;
        talk.say(stage === 1 ? nudge(stuck) : replan(stuck, tried));
        aim = stage === 1 ? `nudged: ${stuck}` : `new plan: ${stuck}`;
      } else if (reply.stop === 'answered') {
        const conclusion = readConclusion(textOf(reply));
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

const textOf = (r: Reply): string => r.parts.flatMap((p) => (p.type === 'text' ? [p.text] : [])).join('');

const scopeOf = (c: OpenCase, services: string[], machines: ReadonlySet<string>): Scope => ({
  services,
  machines,
  hypotheses: [...c.hypotheses.filter((h) => h.state !== 'unknown').map((h) => h.id), 'H0'],
  window: c.window,
  alertAt: c.alert.startsAt,
  now: c.now,
});

function courtOf(c: OpenCase): Pick<Court, 'onset' | 'onsetTo' | 'normal' | 'now' | 'own'> {
  const { onset } = c.verdict;
  const at = onset?.at ?? c.alert.startsAt;
  return {
    onset: at,
    onsetTo: onset && onset.to > at ? onset.to : at,
    normal: c.window.baseline.from,
    now: c.now,
    own: `E${c.step}.`,
  };
}

/** `logs.search payments "configuration": 1 record (E9.1)`. */
function triedLine(x: { tool: string; input: unknown; evidence: string[]; problem?: string }, memory: Memory): string {
  const { service, text } = x.input as { service?: string; text?: string };
  const what = [x.tool, service, text && `"${text}"`].filter(Boolean).join(' ');
  const got = x.problem ?? x.evidence.map((id) => memory.evidence.get(id)?.summary ?? '').join('; ');
  return oneLine(`${what}: ${got}${x.evidence.length > 0 ? ` (${x.evidence.join(' ')})` : ''}`, 240);
}
