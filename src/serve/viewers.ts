/** Who may read the pages and the metrics: this machine, or whoever has the secret. */
import { isLoopback } from '../core/loopback.ts';
import { sameText } from './verify.ts';

export interface ViewerRules {
  /** The address that is listened on. */
  host: string;
  secrets: readonly string[];
  /** Names by which the pages are reached beside it. */
  hosts: readonly string[];
}

export class Viewers {
  readonly #rules: ViewerRules;

  constructor(rules: ViewerRules) {
    this.#rules = rules;
  }

  /** Why a request may not read: by its Host and Authorization headers. */
  fault(host: string | undefined, authorization: string | undefined): { status: 401 | 403; why: string } | undefined {
    const { host: own, secrets, hosts } = this.#rules;
    const name = (host ?? '')
      .replace(/:\d+$/, '')
      .replace(/^\[|\]$/g, '')
      .toLowerCase();
    const known = [own, ...hosts, ...(isLoopback(own) ? ['127.0.0.1', 'localhost', '::1'] : [])];
    // A page of somebody else whose name was pointed at this machine could read them otherwise.
    if (isLoopback(own) && !known.includes(name)) return { status: 403, why: 'not under this name' };
    if (secrets.length === 0) {
      return isLoopback(own) ? undefined : { status: 403, why: 'set serve.viewers to read this from elsewhere' };
    }
    const basic = /^Basic ([A-Za-z0-9+/=]{1,500})$/.exec(authorization ?? '')?.[1];
    const password =
      basic &&
      Buffer.from(basic, 'base64')
        .toString('utf8')
        .replace(/^[^:]*:/, '');
    const said = password ?? /^Bearer (.{1,500})$/.exec(authorization ?? '')?.[1] ?? '';
    const held = secrets.map((s) => sameText(s, said)).includes(true);
    return held ? undefined : { status: 401, why: 'say who you are' };
  }
}
