/** Small parts of the dispatcher: what a run is told, processes that begin a little later, waiting with a limit. */
import { given, type JoinedAlert } from '../core/alerts.ts';
import type { Member } from './ledger.ts';
import type { Running } from './runs.ts';

/** What a run is told of an alert that belongs to it. */
export const joinedOf = (m: Member, as: Member['as'], endsAt?: string): JoinedAlert => ({
  as: as === 'leads' ? 'refired' : as,
  title: m.title,
  ...given({ service: m.service, endsAt }),
  startsAt: m.startsAt,
  why: m.why,
});

/** A process that begins when something is on disk, and can be told and stopped before that. */
export function lateRunning(when: Promise<void>, start: () => Running): Running {
  let running: Running | undefined;
  const waiting: ((r: Running) => void)[] = [];
  const soon = (act: (r: Running) => void): void => void (running ? act(running) : waiting.push(act));
  const ended = when.then(() => {
    running = start();
    for (const act of waiting) act(running);
    return running.ended;
  });
  return {
    ended,
    tell: (j) => soon((r) => r.tell(j)),
    stop: () => soon((r) => r.stop()),
    kill: () => soon((r) => r.kill()),
  };
}

/** Whether a promise settled in time. */
export function within(what: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((done) => {
    const timer = setTimeout(() => done(false), ms);
    const settled = (): void => {
      clearTimeout(timer);
      done(true);
    };
    what.then(settled, settled);
  });
}
