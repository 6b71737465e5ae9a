/** The end of an inquiry: the second pass, the verdict, and what is told of both. */
import type { AgentSummary } from '../core/agent.ts';
import { oneLine } from '../core/text.ts';
import type { Looked } from '../workflow/escalate.ts';
import { gaps } from '../workflow/verdict.ts';
import type { OpenCase } from './case.ts';
import type { Conclusion } from './conclusion.ts';
import type { Court, Judged } from './judge.ts';
import type { Bench, Inquiry } from './loop.ts';
import { PROMPT } from './prompt.ts';
import type { Purse } from './purse.ts';
import { refute } from './refute.ts';
import { settle } from './settle.ts';

/** What an inquiry, or several together, came to. */
export interface Findings extends Omit<Inquiry, 'end'>, Pick<AgentSummary, 'stop' | 'why' | 'question'> {
  conclusion?: Conclusion;
  judged?: Judged;
  court: Court;
  /** What is left of it pays for the second pass. */
  purse: Purse;
  /** What is told besides. */
  more?: Pick<AgentSummary, 'specialists' | 'disagreement'>;
}

/** Lets the conclusion be attacked once, then merges it into the workflow's verdict and tells both. */
export async function close(c: OpenCase, b: Bench, f: Findings): Promise<Looked> {
  const { conclusion, judged, purse, court } = f;
  const checked = conclusion && judged ? { conclusion, judged: { ...judged } } : undefined;
  const attack = checked && (await refute({ c, b, purse, court, end: checked, brief: f.brief, turn: f.turn + 1 }));
  const summary: AgentSummary = {
    stop: f.stop,
    why: f.why,
    model: b.voice.name,
    prompt: PROMPT,
    question: f.question,
    turns: purse.spent.turns,
    calls: purse.spent.calls,
    tokens: purse.spent.tokens,
    ...(b.voice.price ? { dollars: Number(purse.spent.dollars.toFixed(6)) } : {}),
    tried: f.tried,
    ...(conclusion?.note ? { note: oneLine(conclusion.note, 1200) } : {}),
    ...(attack && attack.contested.length > 0 ? { contested: attack.contested } : {}),
    ...(attack?.unmade ? { unrefuted: attack.unmade } : {}),
    ...f.more,
  };
  const own = [...court.evidence.values()].slice(c.evidence.length);
  const { hypotheses, ...settled } = settle(c, summary, checked, [
    ...gaps(own, [], []),
    // Nothing said against it is worth something only where somebody could look.
    ...(attack?.unmade ? [{ what: 'whether anything refutes the conclusion', why: attack.unmade }] : []),
  ]);
  const told = c.verdict.claims.length;
  for (const [n, claim] of (judged?.checked ?? []).entries())
    await b.emit({ type: 'claim.checked', n: told + n + 1, claim });
  if (hypotheses !== c.hypotheses)
    await b.emit({ type: 'hypotheses.ranked', after: [...c.after, 'agent'], final: false, hypotheses });
  return { ...settled, calls: own.length };
}
