/** What the journal remembers of questions: by key within a run, by content across rounds, forks and like questions. */
import type { CallAnswer, Event, EventOf } from '../core/events.ts';
import { baseKey } from '../core/rounds.ts';

/** An answer that fits a question under another key, and where it comes from. */
export interface Known {
  answer: CallAnswer;
  /** Line of the journal that holds it. */
  line: number;
  from: { run: string; key: string; fetchedAt: string };
}

export interface Recall {
  /** The answer that was journalled under exactly this key. */
  finished(key: string): EventOf<'call.finished'> | undefined;
  /** An answer to the same question under another key. */
  elsewhere(key: string, question: { activity: string; version: number; inputHash: string }): Known | undefined;
  /**
   * The key under which a question is put now: the newest version of its place. A place that is to be asked again, or
   * that asks something else in a new round, gets the next version.
   */
  keyOf(place: string, activity: string, inputHash: string): string;
}

const named = (place: string, version: number): string => (version <= 1 ? place : `${place}v${version}`);
const versionOf = (key: string): number => Number(/v(\d+)$/.exec(key)?.[1] ?? 1);
const contentOf = (q: { activity: string; version: number; inputHash: string }): string =>
  `${q.activity} ${q.version} ${q.inputHash}`;

/** Reads the past of a run. */
export function recall(run: string, past: Event[]): Recall {
  const finished = new Map<string, EventOf<'call.finished'>>();
  const content = new Map<string, Known>();
  const newest = new Map<string, number>();
  let refreshed = new Set<string>();
  let round = 0;
  const version = (key: string): void => {
    const place = baseKey(key);
    newest.set(place, Math.max(newest.get(place) ?? 0, versionOf(key)));
  };
  for (const e of past) {
    if (e.type === 'run.reopened') {
      round = e.seq;
      refreshed = new Set(e.refresh);
      for (const key of e.refresh) version(key);
    } else if (e.type === 'answer.shared') {
      const from = { run: e.from, key: e.answer.key, fetchedAt: e.fetchedAt };
      content.set(contentOf(e.answer), { answer: e.answer, line: e.seq, from });
    } else if (e.type === 'call.finished') {
      const { seq: _s, at, type: _t, shared, ...answer } = e;
      finished.set(e.key, e);
      version(e.key);
      const from = shared ?? { run, key: e.key, fetchedAt: at };
      content.set(contentOf(e), { answer, line: e.seq, from });
    }
  }
  return {
    finished: (key) => finished.get(key),
    elsewhere(key, question) {
      const known = content.get(contentOf(question));
      // What is asked again may only be answered by what was asked in the same round.
      return known && refreshed.has(key) && known.line < round ? undefined : known;
    },
    keyOf(place, activity, inputHash) {
      const latest = newest.get(place) ?? 1;
      const answer = finished.get(named(place, latest));
      const fits = !answer || (answer.activity === activity && answer.inputHash === inputHash);
      return named(place, fits || round === 0 || answer.seq > round ? latest : latest + 1);
    },
  };
}
