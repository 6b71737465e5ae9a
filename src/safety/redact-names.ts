/** Which names say "secret", and which values under such a name are none. */
import { isMask } from './redact-spans.ts';

/**
 * The end of an identifier that holds a secret. `token_count`, `tokens`, `secretName`, `public_key` and a plain `key` do
 * not end so. Case and the separators `_ - . blank` do not matter.
 */
const STRONG =
  'pass[ _.-]?words?|passwd|passphrase|pwd|client[ _.-]?secret|(?:api|app|application|auth|access|secret|private|signing|encryption|master|account|service|shared|license|write|ingest|deploy|storage|admin)[ _.-]?key|access[ _.-]?key[ _.-]?id|secret[ _.-]?access[ _.-]?key';
const WEAK = '(?<=["\'_-])pass|secrets?|secrete|token|credentials?|x[ _.-]amz[ _.-]signature|passcode';
const TAIL = '(?:[ _.-]?(?:value|plain|hash|base64|b64|[0-9]{1,3}))?';

const NAME_END = new RegExp(`(?:(${STRONG})|(${WEAK}))${TAIL}$`, 'i');
/** Every place at which such a name may end in a running text; the word in one of our own masks is none. */
export const NAME = new RegExp(`(?<!⟨)(?:(${STRONG})|(${WEAK}))${TAIL}(?![A-Za-z0-9])`, 'gi');

type Strength = 'strong' | 'weak';

/** What may follow a name so that it speaks *about* the secret: `password_changed_at`, `token_count`, `secret_name`. */
export const ABOUT =
  /^(?:[_.-]?(?:names?|ids?|files?|paths?|dirs?|urls?|uris?|len|length|size|policy|age|ages|at|ttl|expir\w*|expires?|changed|updated|created|type|kind|counts?|fields?|prompt|hint|resets?|required|enabled|managers?|stores?|class|refs?|references?|versions?|usage|limits?|errors?|failures?|rotation|rotated|status|states?|endpoint|issuer|provider|source|scopes?|bytes|seconds|ms|total|valid\w*|attempts?))+$/i;

/** How sure a field's name alone makes us that its value is a secret. */
export function strengthOf(name: string): Strength | undefined {
  if (name.length > 128) return undefined;
  const m = NAME_END.exec(name);
  return m === null ? undefined : m[1] === undefined ? 'weak' : 'strong';
}

/** `client_secret` → `secret`, `DB_PASSWORD` → `password`: what the mask says. */
export function typeOf(name: string): string {
  const n = name.toLowerCase();
  if (/pass|pwd/.test(n)) return 'password';
  if (n.includes('token')) return 'token';
  if (n.includes('key')) return 'key';
  return 'secret';
}

const NOTHING =
  /^(?:|null|nil|none|undefined|true|false|yes|no|on|off|empty|unset|set|missing|required|invalid|redacted|masked|hidden|removed|filtered|n\/a|x+|\*+|\.+|-+|•+|string|str|int|integer|bytes|object|os\.environ.*|process\.env.*|getenv.*)$/i;
const REFERENCE =
  /^(?:[<[({]?(?:redacted|masked|hidden|removed|filtered|secret)[>\])}]?|\$\{?[A-Za-z_][\w.:-]*\}?|\$\{\{.*|\{\{.*|%\(?\w+\)?[sd%]|<[\w -]+>)$/i;

/** A value that is no secret whatever its name: nothing, a word for nothing, a placeholder, a reference, a mask. */
export const isNothing = (value: string): boolean => NOTHING.test(value) || REFERENCE.test(value) || isMask(value);

/** A value that no sentence holds: digits among letters, both cases and no blank, or long without a blank. */
export function isOpaque(value: string): boolean {
  if (value.length < 6 || /\s/.test(value)) return false;
  if (value.length >= 24) return true;
  const classes = [/[0-9]/, /[a-z]/, /[A-Z]/, /[^A-Za-z0-9]/].filter((c) => c.test(value)).length;
  return classes >= 2 || (value.length >= 12 && /^[0-9]+$/.test(value));
}
