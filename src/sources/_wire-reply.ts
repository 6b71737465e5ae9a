/** Whether a reply is an answer; where it is none, which refusal it is. */
import { oneLine } from '../core/text.ts';
import type { Read, ReadKind } from '../safety/allow.ts';
import { limitRefusal, statusRefusal } from './_refused.ts';
import type { WireLimits, WireReply } from './_wire.ts';
import { jsonOf, notJson, words } from './_wire-body.ts';
import type { Pause } from './_wire-governor.ts';

/** Throws `Refused` for a reply that is no answer. Credentials that a server echoes are taken out of what it says. */
export function checkReply(at: {
  kind: ReadKind;
  base: string;
  read: Read;
  reply: WireReply;
  asks: Pause | undefined;
  limits: WireLimits;
  secret: Record<string, string>;
}): void {
  const { kind, base, read, reply, asks, limits, secret } = at;
  const { status, headers, text } = reply;
  const clean = scrubber(secret);
  if (status >= 200 && status < 300) {
    if (accepted(headers['content-type'], limits.accept)) return;
    throw notJson(base, clean(headers['content-type'] ?? ''), clean(text));
  }
  const { said, reason } = told(text);
  if (asks?.limited) throw limitRefusal(base, status, asks);
  const permission = headers['x-accepted-github-permissions']?.replaceAll('=', ': ') || read.permission;
  throw statusRefusal(base, {
    kind,
    code: status,
    said: clean(said),
    reason,
    ...(headers.location !== undefined && { location: clean(headers.location) }),
    ...(asks?.ms !== undefined && { pauseMs: asks.ms }),
    ...(permission !== undefined && { permission: oneLine(permission, 120) }),
  });
}

/** Whether one of the accepted content types holds. */
function accepted(type: string | undefined, accept: readonly string[]): boolean {
  const plain = type?.split(';')[0]?.trim().toLowerCase() ?? '';
  return accept.some((a) => a === '*/*' || a === plain || (a === 'application/json' && plain.endsWith('+json')));
}

/** What an error's body says, as Prometheus, Datadog and GitHub write it; else its first words. */
function told(text: string): { said: string; reason: string } {
  const json = jsonOf(text);
  if (typeof json === 'string') return { said: json, reason: '' };
  const { error, message, errors, errorType } = (json ?? {}) as Record<string, unknown>;
  const [first] = Array.isArray(errors) ? (errors as unknown[]) : [];
  const { detail, title } = (typeof first === 'object' && first !== null ? first : {}) as Record<string, unknown>;
  const said = [error, message, first, detail, title].find((x) => typeof x === 'string');
  return { said: (said as string | undefined) ?? words(text), reason: String(errorType ?? '') };
}

/** Takes the values of headers out of a text: a server or a proxy may echo them. */
function scrubber(secret: Record<string, string>): (text: string) => string {
  const values = Object.values(secret).flatMap((v) => [v, ...v.split(' ')]);
  const long = [...new Set(values)].filter((v) => v.length >= 6).sort((a, b) => b.length - a.length);
  return (text) => long.reduce((t, v) => t.replaceAll(v, '[secret]'), text);
}
