/** Which events are told anew: by identity within a run, by kind in a new round. */
import type { EventBody } from './events.ts';
import { humanIdentity, isOfPeople } from './human-events.ts';

/**
 * What makes an event the same event when a resumed run tells it again.
 * Times and durations are not part of it. `undefined` = always new.
 */
export function eventIdentity(e: EventBody): string | undefined {
  switch (e.type) {
    case 'journal.opened':
    case 'run.resumed':
    case 'run.reopened':
    case 'run.interrupted':
    case 'call.started':
    case 'evidence.stale':
    case 'feedback.given':
      return undefined;
    case 'run.started':
    case 'run.forked':
    case 'gate.decided':
    case 'run.finished':
      return e.type;
    case 'budget.changed':
      return e.turn === undefined ? undefined : `${e.type} ${e.turn}`;
    case 'turn.started':
    case 'turn.finished':
      return `${e.type} ${e.by ? `${e.by} ` : ''}${e.turn}`;
    case 'alert.joined':
      return [e.type, e.as, e.startsAt, e.endsAt, e.service, e.why, e.title].join(' ');
    case 'step.started':
    case 'step.skipped':
    case 'step.finished':
      return `${e.type} ${e.step}`;
    case 'call.finished':
      return `${e.type} ${e.key}`;
    case 'answer.shared':
      return `${e.type} ${e.answer.key}`;
    case 'note.added':
      return `${e.type} ${e.n}`;
    case 'finding':
      return `${e.type} ${e.step} ${e.n}`;
    case 'hypotheses.ranked':
      return `${e.type} ${e.final ? 'final' : [...e.after].sort().join(' ')}`;
    case 'claim.checked':
      return `${e.type} ${e.n}`;
    default:
      // A journal of a later program of the same schema may hold types that this one does not know.
      return humanIdentity(e);
  }
}

/** Whether a told event outlives `run.reopened`: what was asked and said stays, what was concluded is concluded anew. */
export const outlivesRound = (e: EventBody): boolean =>
  e.type === 'run.started' ||
  e.type === 'run.forked' ||
  e.type === 'call.finished' ||
  e.type === 'answer.shared' ||
  e.type === 'note.added' ||
  e.type === 'alert.joined' ||
  isOfPeople(e);
