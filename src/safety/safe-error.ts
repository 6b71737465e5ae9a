/** The only way in which an error becomes text. */
import { errorCode, UserError } from '../core/errors.ts';
import { cut } from '../core/text.ts';
import type { Redactor } from './redact.ts';
import { safeText } from './safe-text.ts';

const LENGTH = 500;

/**
 * An error as one line: its name, its message, its code, and for a failed connection what the system said.
 * Nothing else is read: SDK errors carry headers, request and response, and with them our keys; a server that echoes
 * headers puts them into the message, so that goes through the redactor.
 */
export function toSafeError(e: unknown, redactor: Redactor): string {
  const told = e instanceof Error ? describe(e) : `thrown: ${typeof e === 'string' ? e : typeof e}`;
  const { text } = redactor.text(told);
  return cut(safeText(text).replace(/\s+/g, ' ').trim(), LENGTH);
}

function describe(e: Error): string {
  const code = errorCode(e);
  const system = systemMessage(e);
  const message = e.message || system || code || 'no message';
  const parts = [e instanceof UserError ? message : `${e.name}: ${message}`];
  if (system !== undefined && !message.includes(system)) parts.push(system);
  if (code !== undefined && !parts.join(' ').includes(code)) parts.push(`(${code})`);
  return parts.join(' ');
}

/** What the operating system said (`connect ECONNREFUSED 127.0.0.1:9090`), from the error or its causes. */
function systemMessage(e: unknown, depth = 0): string | undefined {
  if (!(e instanceof Error) || depth > 8) return undefined;
  if (typeof (e as { syscall?: unknown }).syscall === 'string') return e.message;
  const first = e instanceof AggregateError ? systemMessage(e.errors[0], depth + 1) : undefined;
  return first ?? systemMessage(e.cause, depth + 1);
}
