/** The second pass: one turn that tries to refute the leading hypothesis. It may only lower the confidence. */
import { wordsOf } from '../core/model.ts';
import { oneLine } from '../core/text.ts';
import { marked } from './brief.ts';
import { holding, type OpenCase } from './case.ts';
import { type Conclusion, REFUTATION, readRefutation } from './conclusion.ts';
import { type Court, checkAll, contested, type Judged } from './judge.ts';
import type { Bench } from './loop.ts';
import { REFUTE } from './prompt.ts';
import type { Purse } from './purse.ts';
import { Talk } from './talk.ts';

/** What the second pass came to: what contradicts the conclusion, in code's words, or why nobody could try. */
export interface Attack {
  contested: string[];
  unmade?: string;
}

const UNCONTESTED: Attack = { contested: [] };
const unmade = (why: string): Attack => ({ contested: [], unmade: why });

/** Lowers the confidence of `end.judged` where something contradicts it. */
export async function refute(o: {
  c: OpenCase;
  b: Bench;
  purse: Purse;
  court: Court;
  end: { conclusion: Conclusion; judged: Judged };
  brief: string;
  turn: number;
}): Promise<Attack> {
  const { judged, conclusion } = o.end;
  const gate = o.c.verdict.gate.thresholds.confidence;
  if (!judged.settled || judged.confidence < gate) return UNCONTESTED;
  const { entity, change } = conclusion;
  const { category } = judged;
  const said = holding(judged.checked).map((x) => ({ says: x.sentence, cites: x.cites, trust: x.trust }));
  const index = [...o.court.evidence.values()]
    .filter((e) => o.court.own(e.id))
    .map((e) => `${e.id} ${e.searched}: ${e.summary}`);
  const data = marked({ conclusion: { entity, category, change }, claims: said, asked: index.slice(0, 40) });
  const talk = new Talk(o.b.second, o.b, REFUTE, `${o.brief}\n\n${data}`);
  const answer = { name: 'refutation', schema: REFUTATION };
  const request = talk.request({ tools: [], mayCall: false, answer, maxTokens: o.c.limits.replyTokens });
  const { price } = o.b.second;
  const prompt = await talk.bound(request, o.turn, (tokens) => o.purse.blocked(tokens, price, true) === undefined);
  const spent = o.purse.blocked(prompt, price, true);
  if (spent) return unmade(`the budget of ${spent} is spent`);
  const plan = { turn: o.turn, aim: `try to refute ${oneLine(entity ?? '', 60)}`, closing: true };
  const reply = await talk.turn(request, plan, o.purse, prompt);
  await talk.ended(plan, reply, [], o.purse);
  if (reply.stop !== 'answered') return unmade(oneLine(`${reply.stop}: ${reply.problem ?? 'no answer'}`, 200));
  const read = readRefutation(wordsOf(reply));
  if ('problems' in read) return unmade(read.problems[0] ?? 'no answer of the given shape');
  const { checked } = checkAll(o.b.back(read.claims), o.court);
  const { settled, confidence } = contested(judged, read.refuted, checked);
  judged.settled = settled;
  judged.confidence = confidence;
  return read.refuted ? { contested: holding(checked).map((x) => x.sentence) } : UNCONTESTED;
}
