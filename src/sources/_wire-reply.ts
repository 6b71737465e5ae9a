/** Whether a reply is an answer; where it is none, which refusal it is. */
import { oneLine } from '../core/text.ts';
import type { Read, ReadKind } from '../safety/allow.ts';
import { limitRefusal, statusRefusal } from './_refused.ts';
import type { WireLimits, WireReply } from './_wire.ts';
import { isCutOff, jsonOf, notJson, words } from './_wire-body.ts';
import type { Pause } from './_wire-governor.ts';

/** Throws `Refused` for a reply that is no answer. */
export function checkReply(at: {
  kind: ReadKind;
  base: string;
  read: Read;
  reply: WireReply;
  asks: Pause | undefined;
  limits: WireLimits;
}): void {
  const { kind, base, read, reply, asks, limits } = at;
  const { status, headers, text } = reply;
  if (status >= 200 && status < 300) {
    if (accepted(headers['content-type'], limits.accept) && !isCutOff(reply)) return;
    throw notJson(base, headers['content-type'], text);
  }
  const { said, reason } = told(text);
  if (asks?.limited) throw limitRefusal(base, status, asks);
  const permission = permissionIn(kind, headers, said) ?? read.permission;
  throw statusRefusal(base, {
    kind,
    code: status,
    said,
    reason,
    ...(headers.location !== undefined && { location: headers.location }),
    ...(asks?.ms !== undefined && { pauseMs: asks.ms }),
    ...(permission !== undefined && { permission: oneLine(permission, 120) }),
  });
}

/** The permission that a refusal names: GitHub in a header, Datadog now and then in its text. */
function permissionIn(kind: ReadKind, headers: Record<string, string>, said: string): string | undefined {
  const header = headers['x-accepted-github-permissions'];
  if (kind === 'github' && header) return header.replaceAll('=', ': ');
  return kind === 'datadog' ? /\b[a-z]+(?:_[a-z]+)*_(?:read|read_data|query)\b/.exec(said)?.[0] : undefined;
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
  const listed = (Array.isArray(errors) ? (errors as unknown[]) : []).slice(0, 3).map(sentenceOf).filter(Boolean);
  const said = [error, message, listed.join('; ')].find((x) => typeof x === 'string' && x !== '');
  return { said: (said as string | undefined) ?? words(text), reason: String(errorType ?? '') };
}

/** One of a list of errors: text, or an object with a title and a detail. */
function sentenceOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const { detail, title } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const text = detail ?? title;
  return typeof text === 'string' ? text : '';
}

/** A key this short would be taken out of words that have nothing to do with it. */
const KEY_MIN = 8;

/** The reply without the credentials that were sent: a server or a proxy on the way may echo them, whoever reads it. */
export function withoutKeys(reply: WireReply, secret: Record<string, string>): WireReply {
  const values = Object.values(secret).flatMap((v) => [v, ...v.split(' '), ...passwordOf(v)]);
  const forms = values.flatMap((v) => [v, v.replaceAll('/', '\\/'), encodeURIComponent(v)]);
  const keys = [...new Set(forms)].filter((v) => v.length >= KEY_MIN).sort((a, b) => b.length - a.length);
  const clean = (text: string): string => keys.reduce((t, key) => t.replaceAll(key, '[secret]'), text);
  const headers = Object.entries(reply.headers).map(([k, v]) => [k, clean(v)]);
  return { status: reply.status, headers: Object.fromEntries(headers), text: clean(reply.text) };
}

/** The password of a Basic header; nothing for any other. */
function passwordOf(header: string): string[] {
  const [, encoded] = /^Basic (\S+)$/.exec(header) ?? [];
  if (encoded === undefined) return [];
  const text = Buffer.from(encoded, 'base64').toString();
  return [text.slice(text.indexOf(':') + 1)];
}
