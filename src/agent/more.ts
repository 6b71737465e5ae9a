/** At its cap the loop may ask a person for more: how much, how often, in which words. All of it by code. */
import type { AgentLimits, AgentStop } from '../core/agent.ts';
import type { AskHuman } from '../core/human.ts';
import { count, plural } from '../core/text.ts';
import { formatDuration } from '../core/time.ts';
import type { Purse } from './purse.ts';

/** How often a case may ask. */
const MOST = 2;
/** What a yes adds, as a share of what the case began with. */
const SHARE = 0.5;

/** What is added at a time. */
export const raiseOf = (l: AgentLimits): Omit<AgentLimits, 'replyTokens'> => ({
  turns: Math.max(2, Math.ceil(l.turns * SHARE)),
  calls: Math.max(1, Math.ceil(l.calls * SHARE)),
  tokens: Math.ceil(l.tokens * SHARE),
  dollars: Number((l.dollars * SHARE).toFixed(2)),
  timeMs: Math.ceil(l.timeMs * SHARE),
});

/** Asks whether the case may spend more; where it may, the purse holds it. */
export async function askForMore(what: AgentStop, purse: Purse, begun: AgentLimits, ask: AskHuman): Promise<boolean> {
  if (purse.raised >= MOST) return false;
  const more = raiseOf(begun);
  const dollars = begun.dollars > 0 ? `, $${more.dollars.toFixed(2)}` : '';
  const amount = `${plural(more.turns, 'turn')}, ${plural(more.calls, 'question')}, ${count(more.tokens)} tokens${dollars}, ${formatDuration(more.timeMs)}`;
  const { choice } = await ask({
    about: 'budget',
    text: `The model's budget of ${what} is nearly spent and nothing is decided. May it spend more?`,
    choices: [
      { key: 'y', word: 'yes', says: `at most ${amount} more` },
      { key: 'n', word: 'no', says: 'it concludes now with what it has' },
    ],
    otherwise: 'no',
  });
  if (choice !== 'yes') return false;
  purse.raise(more);
  return true;
}
