/** Credentials in HTTP headers and URLs, wherever they are printed. */
import { isNothing } from './redact-names.ts';
import { matches, type Rule, type Span } from './redact-spans.ts';

/** The name of a header, quoted or escaped as JSON writes it, up to its value (or the first of a list). */
const HEADER =
  /\b(?:(proxy-)?authorization|(set-cookie2?|cookie))\\{0,3}["']?[ \t]{0,4}[:=,][ \t]{0,4}\[?(?:(\\{0,3})(["']))?/gi;
const SCHEME =
  /(?:bearer|basic|digest|token|apikey|api-key|negotiate|ntlm|hawk|aws4-hmac-sha256|aws|sharedkey(?:lite)?|snowflake|splunk)[ \t]+/iy;
const CREDENTIAL_END = /[\s"']|,(?=\s|$)/g;
const PAIR = /[^\s=;,"'\\]{1,128}=[^\s;"'\\]*/y;
const PAIR_GAP = /;[ \t]{0,2}/y;
const BASIC = /\bbasic[ \t]+([A-Za-z0-9+/_-]{8,}={0,2})/dgi;
const BEARER = /\b(?:bearer|sharedaccesssignature)[ \t:=]+["']?([A-Za-z0-9._~+/|=:-]{16,})/dgi;

const USERINFO =
  /(?<=:\/\/[^\s:@/?#"'<>]{0,128}:)(?![0-9]{1,5}(?:[/?#\s"'<>,;)\]}]|$))(?:[^\s"'<>/?#]{1,256}|[^\s"'<>@]{1,256})(?=@)/gi;
const USER_ONLY = /(?<=:\/\/)[^\s:@/?#"'<>]{10,256}(?=(?::(?:x-oauth-basic|x-token-auth)?)?@)/gi;
/** `user:password@tcp(host)`: how MySQL's Go driver writes it. */
const DSN = /(?<=\b[\w.-]{1,64}:)[^\s:@"']{1,128}(?=@(?:tcp|udp|unix)\()/g;
const CURL_USER = /(?:^|\s)(?:-u|--user)[ =]["']?[^\s:"']{1,64}:([^\s"']{1,256})/dg;
const QUERY =
  /[?&](?:x-amz-signature|x-goog-signature|signature|sig|key|auth|code|subscription-key)=([A-Za-z0-9%+/_=.~-]{16,})/dgi;

/** `Authorization` and cookie headers, bare `Bearer …` and `Basic …`. */
export const headers: Rule = (text, check) => {
  const out: Span[] = [];
  let done = 0;
  for (const m of text.matchAll(HEADER)) {
    if (m.index < done) continue;
    check();
    const from = m.index + m[0].length;
    const cookie = m[2] !== undefined;
    const to = m[4] === undefined ? bareEnd(text, from, cookie) : quoteEnd(text, from, m[4]);
    const start = cookie ? from : skip(SCHEME, text, from, to);
    if (to > start && !isNothing(text.slice(start, to).trim()))
      out.push({ from: start, to, type: cookie ? 'cookie' : 'authorization' });
    done = Math.max(done, to);
  }
  return [
    ...out,
    ...matches(text, BEARER, 'authorization', (s) => /[0-9]/.test(s) || s.length >= 32),
    ...matches(text, BASIC, 'authorization', (s) => /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(fromBase64(s))),
  ];
};

const fromBase64 = (s: string): string => Buffer.from(s, 'base64').toString('latin1');

function quoteEnd(text: string, from: number, quote: string): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\n') return i;
    if (text[i] === quote) return text[i - 1] === '\\' ? backslashes(text, i, from) : i;
  }
  return text.length;
}

/** Where the run of backslashes before `i` begins. */
function backslashes(text: string, i: number, from: number): number {
  let at = i;
  while (at > from && text[at - 1] === '\\') at--;
  return at;
}

/** Unquoted: cookies are `a=b; c=d`, a credential is one word after its scheme, a digest goes on to the end of the line. */
function bareEnd(text: string, from: number, cookie: boolean): number {
  if (!cookie) {
    const at = skip(SCHEME, text, from, text.length);
    const digest = /^(?:digest|aws4|hawk)/i.test(text.slice(from, at));
    if (digest) return find(/[\r\n"']/g, text, at);
    const to = find(CREDENTIAL_END, text, at);
    // A scheme that we do not know: one plain word, the credential behind it.
    return /^[A-Za-z-]{2,20}$/.test(text.slice(at, to)) && text[to] === ' ' ? find(CREDENTIAL_END, text, to + 1) : to;
  }
  let at = skip(PAIR, text, from, text.length);
  if (at === from) return find(/[\s"';,]/g, text, from);
  for (;;) {
    const gap = skip(PAIR_GAP, text, at, text.length);
    const next = gap === at ? gap : Math.max(skip(PAIR, text, gap, text.length), find(/[\s"';,]/g, text, gap));
    if (next === gap) return at;
    at = next;
  }
}

function find(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.index ?? text.length;
}

function skip(pattern: RegExp, text: string, at: number, limit: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? Math.min(limit, pattern.lastIndex) : at;
}

/** Passwords in URLs, connection strings and signed query strings. */
export const urls: Rule = (text) => [
  ...(text.includes('@') ? userinfo(text) : []),
  ...(text.includes('=') ? matches(text, QUERY, 'signature') : []),
];

const userinfo = (text: string): Span[] => [
  ...matches(text, USERINFO, 'url', (s) => !isNothing(s)),
  ...matches(text, USER_ONLY, 'url', (s) => /[0-9]/.test(s)),
  ...matches(text, DSN, 'url', (s) => !isNothing(s)),
  ...matches(text, CURL_USER, 'password', (s) => !isNothing(s)),
];
