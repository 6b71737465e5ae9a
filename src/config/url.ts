/** URLs that a person typed: what is wrong with one, and how it is probably meant. */
import { UserError } from '../core/errors.ts';
import { userinfoOf, withoutUserinfo } from '../core/userinfo.ts';
import { Secret } from '../safety/secret.ts';

const HTTP = new Set(['http:', 'https:']);
/** `host`, `host:port`, `[::1]:port`, each with a path or without. */
const BARE = /^(?:[\w-]+(?:\.[\w-]+)*|\[[\da-fA-F:.]+\])(?::\d+)?(?:\/\S*)?$/;

/** The URL of a server as a flag or a variable gives it. Throws UserError naming that and the nearest right one. */
export function checkUrl(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const shown = withoutUserinfo(text);
  const bad = (why: string, write: string): UserError =>
    new UserError(`${from}: "${shown}" ${why}`, { hints: [`Write ${write}`] });
  // `localhost:9090` is a URL too, of a scheme named "localhost".
  if (BARE.test(text) && !(url && HTTP.has(url.protocol))) throw bad('is no URL', `http://${text}`);
  if (!url) throw bad('is no URL', 'http://HOST:PORT');
  if (!HTTP.has(url.protocol)) {
    const rest = shown.slice(url.protocol.length).replace(/^\/\//, '');
    throw bad(`is no http:// or https:// URL`, `http://${rest} or https://${rest}`);
  }
  if (url.search !== '' || url.hash !== '') {
    throw bad('has a "?" or "#"', `${shown.split(/[?#]/)[0]}: scheme, host, port and path prefix only`);
  }
  return text;
}

/** The password in a URL, as it stands there and decoded: known values of the redaction like any other key. */
export function passwordsIn(value: unknown): string[] {
  const url = value instanceof Secret ? value.reveal() : value;
  if (typeof url !== 'string' || !URL.canParse(url)) return [];
  const parsed = new URL(url);
  return parsed.password === '' ? [] : [...new Set([parsed.password, userinfoOf(parsed).password])];
}
