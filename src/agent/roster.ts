/** Who the specialists are: each sees one kind of evidence, and is asked one question of its own. */
import type { Capability } from '../core/capabilities.ts';
import type { OpenCase } from './case.ts';
import { openQuestion } from './question.ts';

export interface Specialist {
  name: string;
  /** Disjoint: nobody asks what another one asks. */
  capabilities: Capability[];
  question: string;
}

const ROSTER: Specialist[] = [
  {
    name: 'metrics',
    capabilities: ['metrics.range', 'topology.get', 'slo.get'],
    question: 'Which service, instance or node changed first and most, in more than an answer to what others did?',
  },
  {
    name: 'logs',
    capabilities: ['logs.search', 'logs.patterns', 'errors.list'],
    question: 'What do the failing parts themselves say at the onset, and who says something that nobody said before?',
  },
  {
    name: 'traces',
    capabilities: ['traces.summary', 'traces.search'],
    question: 'Where is the first span that is slow, fails or is repeated, and that no span below it explains?',
  },
  {
    name: 'change',
    capabilities: ['changes.list', 'events.list', 'state.list'],
    question: 'What was changed or happened by the onset, and does what it changed explain what is seen?',
  },
];

/** The specialists whose questions some source answers, each with its own question and the whole one. */
export function rosterOf(c: OpenCase): Specialist[] {
  const whole = openQuestion(c, false).text;
  return ROSTER.flatMap((s) => {
    const capabilities = s.capabilities.filter((x) => c.tools.some((t) => t.capability === x));
    const question = `${s.question} It is to settle: ${whole}`;
    return capabilities.length === 0 ? [] : [{ ...s, capabilities, question }];
  });
}

/** The same, those first whose evidence bears most on the open question. */
export function byBearing(c: OpenCase, all: Specialist[]): Specialist[] {
  const { capabilities } = openQuestion(c, false);
  const place = (s: Specialist): number => {
    const at = capabilities.findIndex((x) => s.capabilities.includes(x));
    return at < 0 ? capabilities.length : at;
  };
  return [...all].sort((a, b) => place(a) - place(b));
}
