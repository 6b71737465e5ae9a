/** Reads a journal back and says what can be trusted. A torn last line is set aside; damage in the middle is refused. */
import { UserError } from '../core/errors.ts';
import { type Event, SCHEMA } from '../core/events.ts';
import { decodeLine, GENESIS, hashLine } from './line.ts';

export interface ReadJournal {
  events: Event[];
  /** The lines as they stand in the file, without line ends; `lines[i]` is that of `events[i]`. */
  lines: Buffer[];
  /** Hash of the last good line: `prev` of the next one. */
  head: string;
  /** Bytes up to the end of the last good line. */
  bytes: number;
  /** What follows it: the rest of a write that was cut off. */
  torn?: { line: number; text: string };
}

/** What may stand behind the seal: somebody opened the file again to say how right the verdict was, or to go on. */
const AFTER_SEAL = new Set(['journal.opened', 'feedback.given', 'alert.joined', 'run.resumed', 'run.reopened']);

/**
 * Verifies and parses a journal. `where` names the file in messages.
 * Throws UserError for a broken chain, a damaged line that is not the last, and a journal of a newer program.
 */
export function readJournal(file: Buffer, where: string): ReadJournal {
  const events: Event[] = [];
  const lines: Buffer[] = [];
  let head = GENESIS;
  let epoch = 0;
  let sealed = false;
  let at = 0;
  for (let line = 1; at < file.length; line++) {
    const end = file.indexOf(10, at);
    const content = file.subarray(at, end < 0 ? undefined : end);
    const read = end < 0 ? ({ ok: false, why: 'is cut off' } as const) : decodeLine(content);
    if (!read.ok) {
      const last = end < 0 || end === file.length - 1;
      if (last) return { events, lines, head, bytes: at, torn: { line, text: file.toString('utf8', at) } };
      throw damaged(where, line, read.why);
    }
    const { event, prev } = read;
    if (prev !== head) throw damaged(where, line, 'does not follow the line before it: one was changed or removed');
    if (line === 1 && event.type !== 'journal.opened') throw damaged(where, line, 'is no journal header');
    if (event.type === 'journal.opened') {
      if (event.schema !== SCHEMA) throw newer(where, line, event);
      if (event.epoch <= epoch) throw damaged(where, line, `opens epoch ${event.epoch} after epoch ${epoch}`);
      epoch = event.epoch;
    }
    if (sealed && !AFTER_SEAL.has(event.type)) throw damaged(where, line, 'stands behind the seal of the run');
    if (event.type === 'run.finished') sealed = true;
    else if (event.type === 'run.reopened') sealed = false;
    events.push(event);
    lines.push(content);
    head = hashLine(content);
    at = end + 1;
  }
  return { events, lines, head, bytes: at };
}

const newer = (where: string, line: number, { schema, program }: { schema: string; program: string }): UserError =>
  new UserError(`line ${line} of ${where} was written in the format ${schema}, this program reads ${SCHEMA}`, {
    hints: [`It was written by ${program}; read it with that version or a newer one.`],
  });

const damaged = (where: string, line: number, why: string): UserError =>
  new UserError(`the journal is damaged: line ${line} of ${where} ${why}`, {
    hints: [
      `Lines 1 to ${line - 1} are intact and nothing was changed by reading them.`,
      'Restore the file from a backup, or start a new run.',
    ],
  });
