/**
 * One journal line: the event as JSON, then the hash of the line before (`prev`) and a checksum of itself (`crc`).
 * The checksum finds torn writes cheaply; the chain finds edits.
 */
import { crc32 } from 'node:zlib';
import { sha256 } from '../core/canonical.ts';
import type { Event } from '../core/events.ts';

/** `prev` of the first line. */
export const GENESIS = '0'.repeat(32);

const TAIL = /,"prev":"([0-9a-f]{32})","crc":"([0-9a-f]{8})"\}$/;
const TAIL_LENGTH = `,"prev":"${GENESIS}","crc":"00000000"}`.length;

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0');

/** The line of an event, without line end. `prev` is the hash of the line before. */
export function encodeLine(event: Event, prev: string): string {
  const body = `${JSON.stringify(event).slice(0, -1)},"prev":"${prev}"`;
  return `${body},"crc":"${checksum(body)}"}`;
}

/** Hash of a whole line: 32 hex digits of SHA-256. */
export const hashLine = (line: string): string => sha256(line).slice(0, 32);

export type DecodedLine = { ok: true; event: Event; prev: string } | { ok: false; why: string };

/** Reads a line back; tells why it cannot be trusted. */
export function decodeLine(line: string): DecodedLine {
  const tail = TAIL.exec(line.slice(-TAIL_LENGTH));
  if (!tail) return { ok: false, why: 'has no checksum' };
  const body = line.slice(0, line.length - `,"crc":"${tail[2]}"}`.length);
  if (checksum(body) !== tail[2]) return { ok: false, why: 'does not match its checksum' };
  const { prev, crc: _, ...event } = JSON.parse(line) as Event & { prev: string; crc: string };
  return { ok: true, event: event as Event, prev };
}
