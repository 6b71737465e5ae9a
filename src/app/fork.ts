/** A new run that shares another one's answers up to a point; what comes after is asked anew. */
import { copyFile, link } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, UserError } from '../core/errors.ts';
import type { Event, EventBody, EventOf } from '../core/events.ts';
import { baseKey } from '../core/rounds.ts';
import { compareIds, type State } from '../core/run-state.ts';
import { isModelCall } from '../core/turns.ts';
import { syncFolder } from '../journal/adapter.ts';
import { makeFolder } from '../journal/folders.ts';

/** The last shared number: everything up to evidence `E3.2`, or up to the end of step `S3`. */
interface Point {
  key: string;
  /** What it covers, in the order of the plan. */
  covers(key: string): boolean;
}

/**
 * Reads `--at`: an evidence (`E7` = the whole step 7, `E3.2`) or a step (`S4`, or its name). It is the last thing that
 * is shared. Without it every answer is.
 */
export function pointOf(state: State, at: string | undefined): Point | undefined {
  if (at === undefined) return undefined;
  const number = Number(/^[es](\d+)$/i.exec(at)?.[1]);
  const step = state.steps.find((s) => s.name === at || s.n === number)?.n;
  if (step !== undefined) {
    return { key: `S${step}`, covers: (key) => Number(/^E(\d+)/.exec(key)?.[1]) <= step };
  }
  const key = at.replace(/^e/, 'E');
  const found = state.evidence.find((e) => e.id === key || baseKey(e.id) === key);
  if (found) return { key, covers: (other) => compareIds(baseKey(other), baseKey(key)) <= 0 };
  const known = [...state.steps.map((s) => `S${s.n}`), ...state.evidence.map((e) => e.id)];
  throw new UserError(`--at: this run has no ${at}`, { hints: [`It has: ${known.join(' ')}`] });
}

/** The newest answer to each question that is shared, oldest first. */
export function sharedAnswers(events: Event[], point: Point | undefined): EventOf<'call.finished'>[] {
  const newest = new Map<string, EventOf<'call.finished'>>();
  for (const e of events) {
    // What a model said rests on everything before it: where answers are asked anew, it is asked anew.
    if (e.type !== 'call.finished' || (point && (isModelCall(e) || !point.covers(e.key)))) continue;
    newest.set(baseKey(e.key), e);
  }
  return [...newest.values()].sort((a, b) => compareIds(a.key, b.key));
}

/** What the new run tells first: where it comes from, the answers that it shares, and what it assumes. */
export function forkPrelude(o: {
  parent: string;
  head: string;
  point: string | undefined;
  shared: EventOf<'call.finished'>[];
  notes: string[];
  changed: string[];
}): EventBody[] {
  const answers = o.shared.map(({ seq: _s, at, type: _t, shared, ...answer }): EventBody => {
    const fresh = { ...answer, key: baseKey(answer.key) };
    return { type: 'answer.shared', from: o.parent, fetchedAt: shared?.fetchedAt ?? at, answer: fresh };
  });
  return [
    {
      type: 'run.forked',
      parent: o.parent,
      ...(o.point === undefined ? {} : { point: o.point }),
      head: o.head,
      shared: answers.length,
      changed: o.changed,
    },
    ...answers,
    ...o.notes.map((text, i): EventBody => ({ type: 'note.added', n: i + 1, text })),
  ];
}

/** Gives the new run the payloads of the answers that it shares, before any line names them. */
export async function sharePayloads(from: string, to: string, shared: EventOf<'call.finished'>[]): Promise<void> {
  const names = shared.flatMap((e) => (e.result && 'blob' in e.result ? [`${e.result.blob}.gz`] : []));
  if (names.length === 0) return;
  await makeFolder(join(to, 'blobs'));
  for (const name of new Set(names)) {
    const [source, target] = [join(from, 'blobs', name), join(to, 'blobs', name)];
    await link(source, target).catch(async (e: unknown) => {
      if (errorCode(e) === 'EEXIST') return;
      if (errorCode(e) === 'ENOENT') {
        throw new UserError(`a payload of the parent is missing: ${source}`, {
          hints: ['Fork before the evidence that it belongs to, or restore the file from a backup.'],
        });
      }
      // Another disk, or one without hard links.
      await copyFile(source, target);
    });
  }
  await syncFolder(join(to, 'blobs'));
}
