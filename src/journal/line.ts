/**
 * One journal line: the event as JSON, then the hash of the line before (`prev`) and a checksum of itself (`crc`).
 * The checksum finds torn writes cheaply; the chain finds edits.
 */
import { crc32 } from 'node:zlib';
import { sha256 } from '../core/canonical.ts';
import type { Event } from '../core/events.ts';

/** `prev` of the first line. */
export const GENESIS = '0'.repeat(32);

const PREV = ',"prev":"';
const CRC = '","crc":"';
const CRC_LENGTH = `${CRC}00000000"}`.length;
const TAIL_LENGTH = PREV.length + GENESIS.length + CRC_LENGTH;

const checksum = (text: string | Uint8Array): string => crc32(text).toString(16).padStart(8, '0');

/** The line of an event, without line end. `prev` is the hash of the line before. */
export function encodeLine(event: Event, prev: string): string {
  const body = `${JSON.stringify(event).slice(0, -1)}${PREV}${prev}"`;
  return `${body},"crc":"${checksum(body)}"}`;
}

/** Hash of a whole line: 32 hex digits of SHA-256. */
export const hashLine = (line: string | Uint8Array): string => sha256(line).slice(0, 32);

export type DecodedLine = { ok: true; event: Event; prev: string } | { ok: false; why: string };

/** Reads a line back, given as its bytes; tells why it cannot be trusted. */
export function decodeLine(line: Buffer): DecodedLine {
  const tail = line.toString('latin1', Math.max(0, line.length - TAIL_LENGTH));
  const at = PREV.length + GENESIS.length;
  if (tail.length < TAIL_LENGTH || !tail.startsWith(PREV) || !tail.startsWith(CRC, at) || !tail.endsWith('"}')) {
    return { ok: false, why: 'has no checksum' };
  }
  // The checksum covers all that stands before it, the closing quote of `prev` included.
  const body = line.subarray(0, line.length - CRC_LENGTH + 1);
  if (checksum(body) !== tail.slice(at + CRC.length, -2)) return { ok: false, why: 'does not match its checksum' };
  const text = line.toString('utf8', 0, line.length - TAIL_LENGTH);
  return { ok: true, event: JSON.parse(`${text}}`) as Event, prev: tail.slice(PREV.length, at) };
}
