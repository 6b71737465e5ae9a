/** Reads a journal back and says what can be trusted. A torn last line is set aside; damage in the middle is refused. */
import { UserError } from '../core/errors.ts';
import { type Event, SCHEMA } from '../core/events.ts';
import { decodeLine, GENESIS, hashLine } from './line.ts';

export interface ReadJournal {
  events: Event[];
  /** Hash of the last good line: `prev` of the next one. */
  head: string;
  /** Bytes up to the end of the last good line. */
  bytes: number;
  /** What follows it: the rest of a write that was cut off. */
  torn?: { line: number; text: string };
}

/**
 * Verifies and parses a journal's text. `where` names the file in messages.
 * Throws UserError for a broken chain, a damaged line that is not the last, and a journal of a newer program.
 */
export function readJournal(text: string, where: string): ReadJournal {
  const events: Event[] = [];
  let head = GENESIS;
  let bytes = 0;
  let at = 0;
  for (let line = 1; at < text.length; line++) {
    const end = text.indexOf('\n', at);
    const whole = end >= 0;
    const content = text.slice(at, whole ? end : undefined);
    const read = whole ? decodeLine(content) : ({ ok: false, why: 'is cut off' } as const);
    if (!read.ok) {
      if (!whole || end === text.length - 1) return { events, head, bytes, torn: { line, text: text.slice(at) } };
      throw damaged(where, line, read.why);
    }
    if (read.prev !== head)
      throw damaged(where, line, 'does not follow the line before it: one was changed or removed');
    if (line === 1) checkSchema(read.event, where);
    events.push(read.event);
    head = hashLine(content);
    bytes += Buffer.byteLength(content) + 1;
    at = end + 1;
  }
  return { events, head, bytes };
}

function checkSchema(first: Event, where: string): void {
  if (first.type !== 'journal.opened') throw damaged(where, 1, 'is no journal header');
  if (first.schema !== SCHEMA) {
    throw new UserError(`${where} was written in the format ${first.schema}, this program reads ${SCHEMA}`, {
      hints: [`It was written by ${first.program}; read it with that version or a newer one.`],
    });
  }
}

const damaged = (where: string, line: number, why: string): UserError =>
  new UserError(`the journal is damaged: line ${line} of ${where} ${why}`, {
    hints: [
      `Lines 1 to ${line - 1} are intact and nothing was changed by reading them.`,
      'Restore the file from a backup, or start a new run.',
    ],
  });
