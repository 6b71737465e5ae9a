/** What the last words of a run say of the model: what it tried, why it ended, what it cost, and its own words in their box. */
import type { AgentSummary } from './agent.ts';
import { oneLine, plural } from './text.ts';
import type { Verdict } from './verdict.ts';

/** Why nobody looked further, or why the one who did came to no verdict. */
export function furtherItems(verdict: Verdict): string[] {
  const { agent } = verdict;
  if (!agent) return ['No model is configured to look further.'];
  const who = oneLine(agent.model, 80);
  if (agent.stop === 'model-unavailable') return [`The model ${who} was not available: ${oneLine(agent.why, 300)}.`];
  const end = agent.stop === 'concluded' ? 'it came to no verdict' : oneLine(agent.why, 300);
  return [`${who} looked further and stopped: ${end} (${costOf(agent)}).`];
}

/** What was attempted, what speaks against, and the model's own words, marked. Headings are part of the reports. */
export function agentSections(verdict: Verdict): { heading: string; note?: string; items: string[]; as: 'lines' }[] {
  const { agent } = verdict;
  if (!agent) return [];
  const sections = [
    {
      heading: 'What the model asked',
      note: costOf(agent),
      items: [`to settle: ${oneLine(agent.question, 300)}`, ...agent.tried.map((x) => oneLine(x, 240))],
    },
    {
      heading: 'What the specialists found',
      items: (agent.specialists ?? []).map(
        (s) =>
          `${s.name}: ${oneLine(s.found, 300)} (${s.confidence > 0 ? `${s.confidence.toFixed(2)}, ` : ''}${costOf(s)})`,
      ),
    },
    {
      heading: 'Where they disagree',
      note: 'lowers the confidence',
      items: (agent.disagreement ?? []).map((t) => oneLine(t, 400)),
    },
    { heading: 'What speaks against it', items: (agent.contested ?? []).map((t) => oneLine(t, 300)) },
    {
      heading: 'Hypothesis in the words of the model',
      note: 'not checked, proves nothing',
      items: agent.note ? [`"${oneLine(agent.note, 1200)}"`] : [],
    },
  ];
  return sections.filter((s) => s.items.length > 0).map((s) => ({ ...s, as: 'lines' as const }));
}

/** `3 turns, 2 calls, 12,092 tokens, $0.02`. */
export function costOf(a: Pick<AgentSummary, 'turns' | 'calls' | 'tokens' | 'dollars'>): string {
  const dollars = a.dollars === undefined ? [] : [`$${a.dollars.toFixed(2)}`];
  return [plural(a.turns, 'turn'), plural(a.calls, 'question'), plural(a.tokens, 'token'), ...dollars].join(', ');
}
