/** A made-up run with everything that only a model and people add. */
import type { State } from '../src/core/run-state.ts';
import { runEvents, stateAt } from './_events.ts';

/** An open case in which a model looked further, was advised, and asked for more budget. */
export function withModelAndPeople(words = (x: string): string => x): State {
  const state = stateAt(runEvents({ outcome: 'inconclusive' }));
  const cost = { turns: 1, calls: 1, tokens: 900, dollars: 0.01 };
  const agent = {
    ...{ stop: 'concluded' as const, why: 'it ended', model: 'm', prompt: 'p', question: 'which?', ...cost },
    ...{ tried: ['E9.1'], note: words('what it thinks'), contested: ['no'], disagreement: ['a', 'b'] },
    specialists: [
      {
        name: 'logs',
        question: 'q',
        stop: 'turns' as const,
        why: 'w',
        ...cost,
        found: 'f',
        confidence: 0.4,
        cites: ['E9.1'],
      },
    ],
  };
  const call = {
    tool: 't',
    input: { service: words('orders') },
    tests: 'H1',
    evidence: ['E9.1'],
    problem: 'no',
    repeated: true,
  };
  const asked = { id: 'Q1', about: 'budget' as const, text: 't', choices: [{ key: 'y', word: 'yes', says: 's' }] };
  const at = '2026-11-20T02:56:10.000Z';
  const sent = { method: 'GET', path: '/api/v1/query', status: 200, ms: 4, tries: 1 };
  return {
    ...state,
    evidence: state.evidence.map((e) => ({ ...e, requests: [sent], requestsMore: 2 })),
    verdict: { ...state.verdict!, agent },
    turns: [
      {
        n: 1,
        by: 'logs',
        state: 'done',
        aim: words('the open question'),
        offered: ['t'],
        closing: true,
        stop: 's',
        says: words('what it thinks'),
        calls: [call],
      },
    ],
    questions: [
      {
        ...asked,
        otherwise: 'no',
        deadline: at,
        askedAt: at,
        answer: { id: 'Q1', choice: 'yes', from: 'command', who: 'd' },
      },
    ],
    hints: [{ n: 1, text: words('look at the pool'), turn: 2 }],
  };
}
