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

/** Lowers the confidence of `end.judged` where something contradicts it; returns what does, in code's words. */
export async function refute(o: {
  c: OpenCase;
  b: Bench;
  purse: Purse;
  court: Court;
  end: { conclusion: Conclusion; judged: Judged };
  brief: string;
  turn: number;
}): Promise<string[]> {
  const { judged, conclusion } = o.end;
  const gate = o.c.verdict.gate.thresholds.confidence;
  if (!judged.settled || judged.confidence < gate) return [];
  const { entity, category, change } = conclusion;
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
  if (o.purse.blocked(prompt, price, true)) return [];
  const plan = { turn: o.turn, aim: `try to refute ${oneLine(entity ?? '', 60)}`, closing: true };
  const reply = await talk.turn(request, plan, o.purse, prompt);
  await talk.ended(plan, reply, [], o.purse);
  if (reply.stop !== 'answered') return [];
  const read = readRefutation(wordsOf(reply));
  if ('problems' in read) return [];
  const { checked } = checkAll(o.b.back(read.claims), o.court);
  const { settled, confidence } = contested(judged, read.refuted, checked);
  judged.settled = settled;
  judged.confidence = confidence;
  return read.refuted ? holding(checked).map((x) => x.sentence) : [];
}
