/**
 * Who may post to a hook. Signatures are checked over the raw bytes, in constant time, against each secret of the hook
 * (so that secrets can rotate); what a sender would never write is refused before anything is computed from it.
 * Schemes after the vendors' own documents: PagerDuty v3, GitHub, Grafana, Sentry, Slack, Standard Webhooks, Zendesk.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { MINUTE, toMs } from '../core/time.ts';

/** What is signed and where the signature stands. */
export type SigningScheme = 'github' | 'grafana' | 'pagerduty' | 'sentry' | 'slack' | 'standard-webhooks' | 'zendesk';
/** How senders that sign nothing prove themselves: a token, `user:password`, or a header of their own. */
export type HeaderScheme = 'bearer' | 'basic' | 'header';

export interface Credentials {
  scheme: SigningScheme | HeaderScheme;
  /** Any one of them is enough. */
  secrets: readonly string[];
  /** `header`: its name; Grafana: the name of the signature's header. */
  header?: string;
  /** Grafana: the header with the time that is signed too. Without it a delivery can be replayed. */
  timestampHeader?: string;
}

export interface Delivery {
  /** Names in lower case, as Node gives them. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Uint8Array;
  /** ms */
  now: number;
}

/** How far the time of a signed delivery may be away. */
const TOLERANCE = 5 * MINUTE;
/** Longest header that is looked at. */
const LONGEST = 2048;
/** Signatures that a sender may put into one header while it rotates its own secret. */
const MOST_SIGNATURES = 8;

/** A signature header as read: what was signed, and the signatures that were given for it. */
interface Claimed {
  signed: (string | Uint8Array)[];
  encoding: 'hex' | 'base64';
  given: string[];
  key?: (secret: string) => Uint8Array;
}

/** True for a delivery that holds one of the secrets. */
export function isFrom(who: Credentials, delivery: Delivery): boolean {
  const { scheme } = who;
  if (scheme === 'bearer' || scheme === 'basic' || scheme === 'header') return holdsToken(who, delivery);
  const claimed = SCHEMES[scheme](delivery, who);
  if (!claimed) return false;
  let held = false;
  for (const secret of who.secrets) {
    const mac = createHmac('sha256', claimed.key?.(secret) ?? secret);
    for (const part of claimed.signed) mac.update(part);
    const expected = mac.digest(claimed.encoding);
    // No early end: how long it takes tells nothing about which secret fits.
    for (const given of claimed.given) if (sameText(given, expected)) held = true;
  }
  return held;
}

const SCHEMES: Record<SigningScheme, (d: Delivery, who: Credentials) => Claimed | undefined> = {
  github: (d) => hexOver(d, /^sha256=([0-9a-f]{64})$/.exec(headerOf(d, 'x-hub-signature-256'))),
  sentry: (d) => hexOver(d, /^([0-9a-f]{64})$/.exec(headerOf(d, 'sentry-hook-signature'))),
  pagerduty(d) {
    const given = listed(headerOf(d, 'x-pagerduty-signature'), ',', /^v1=([0-9a-f]{64})$/);
    return given && { signed: [d.body], encoding: 'hex', given };
  },
  grafana(d, { header = 'x-grafana-alerting-signature', timestampHeader }) {
    const claimed = hexOver(d, /^([0-9a-f]{64})$/.exec(headerOf(d, header)));
    if (!claimed || timestampHeader === undefined) return claimed;
    const at = headerOf(d, timestampHeader);
    return isRecent(at, d.now) ? { ...claimed, signed: [`${at}:`, d.body] } : undefined;
  },
  slack(d) {
    const at = headerOf(d, 'x-slack-request-timestamp');
    const claimed = hexOver(d, /^v0=([0-9a-f]{64})$/.exec(headerOf(d, 'x-slack-signature')));
    return claimed && isRecent(at, d.now) ? { ...claimed, signed: [`v0:${at}:`, d.body] } : undefined;
  },
  'standard-webhooks'(d) {
    const id = headerOf(d, 'webhook-id');
    const at = headerOf(d, 'webhook-timestamp');
    const given = listed(
      headerOf(d, 'webhook-signature'),
      ' ',
      /^v1,([A-Za-z0-9+/]{43}=)$/,
      /^v1a,[A-Za-z0-9+/]{86}==$/,
    );
    if (!/^[\x21-\x7e]{1,256}$/.test(id) || !given || !isRecent(at, d.now)) return undefined;
    const key = (secret: string): Uint8Array => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return { signed: [`${id}.${at}.`, d.body], encoding: 'base64', given, key };
  },
  zendesk(d) {
    const at = headerOf(d, 'x-zendesk-webhook-signature-timestamp');
    const given = listed(headerOf(d, 'x-zendesk-webhook-signature'), ' ', /^([A-Za-z0-9+/]{43}=)$/);
    const recent = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(at) && isNear(toMs(at), d.now);
    return given && recent ? { signed: [at, d.body], encoding: 'base64', given } : undefined;
  },
};

function holdsToken({ scheme, secrets, header }: Credentials, d: Delivery): boolean {
  const said = headerOf(d, scheme === 'header' ? (header ?? '') : 'authorization');
  let held = false;
  for (const secret of secrets) {
    const expected =
      scheme === 'bearer'
        ? `Bearer ${secret}`
        : scheme === 'basic'
          ? `Basic ${Buffer.from(secret).toString('base64')}`
          : secret;
    if (secret !== '' && sameText(said, expected)) held = true;
  }
  return held;
}

/** The key of comparisons: nobody outside knows what is compared with what. */
const KEY = randomBytes(32);
const digest = (text: string): Buffer => createHmac('sha256', KEY).update(text).digest();

/** Whether two texts are equal; the time it takes does not depend on where they differ. */
export const sameText = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

/** The one value of a header; empty where it is missing, came twice or is absurdly long. */
function headerOf(d: Delivery, name: string): string {
  const value = d.headers[name.toLowerCase()];
  return typeof value === 'string' && value.length <= LONGEST ? value : '';
}

const hexOver = (d: Delivery, match: RegExpExecArray | null): Claimed | undefined =>
  match ? { signed: [d.body], encoding: 'hex', given: [match[1]!] } : undefined;

/** The signatures in a list of which every entry is well formed; those of `other` kinds are known and not used. */
function listed(text: string, separator: string, wanted: RegExp, other?: RegExp): string[] | undefined {
  const parts = text.split(separator);
  if (parts.length > MOST_SIGNATURES || !parts.every((p) => wanted.test(p) || other?.test(p))) return undefined;
  const given = parts.flatMap((p) => wanted.exec(p)?.[1] ?? []);
  return given.length > 0 ? given : undefined;
}

const isRecent = (seconds: string, now: number): boolean =>
  /^\d{9,11}$/.test(seconds) && isNear(Number(seconds) * 1000, now);

const isNear = (at: number, now: number): boolean => Math.abs(now - at) <= TOLERANCE;
