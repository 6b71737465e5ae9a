/** Connections: to the server itself or through a CONNECT proxy, never to an address where machines keep credentials. */
import { type LookupAddress, lookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { BlockList, isIP, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { UserError } from '../core/errors.ts';
import { userinfoOf } from '../core/userinfo.ts';
import type { Origin } from '../safety/allow.ts';

/** The agent of one server. Throws UserError for a proxy that cannot be one. */
export function openAgent(
  name: string,
  origin: Origin,
  { ca, proxy }: { ca?: string; proxy?: string },
  limits: { concurrency: number; timeoutMs: number },
): HttpAgent {
  const https = origin.base.startsWith('https:');
  const options = {
    keepAlive: true,
    maxSockets: limits.concurrency,
    lookup: lookupAllowed as typeof lookup,
    ...(ca !== undefined && { ca }),
  };
  const agent = https ? new HttpsAgent(options) : new HttpAgent(options);
  if (proxy !== undefined) {
    const tunnel = tunnelThrough(name, proxy, https, ca, limits.timeoutMs);
    Object.assign(agent, { createConnection: tunnel });
  }
  return agent;
}

/** The name resolves to an address that is blocked. Its code is in every error of a connection. */
class Blocked extends Error {
  readonly code = 'EBLOCKED';
}

/**
 * Link-local addresses and the unspecified one, as IPv4, as IPv6 and embedded in it. An address that the config itself
 * writes is not looked up: it was named by the operator. A name that leads there was not.
 */
const BLOCKED = new BlockList();
BLOCKED.addSubnet('169.254.0.0', 16, 'ipv4');
BLOCKED.addSubnet('0.0.0.0', 8, 'ipv4');
for (const address of ['100.100.100.200', '192.0.0.192']) BLOCKED.addAddress(address, 'ipv4');
BLOCKED.addSubnet('fe80::', 10, 'ipv6');
BLOCKED.addAddress('::', 'ipv6');
BLOCKED.addAddress('fd00:ec2::254', 'ipv6');
for (const carrier of ['::', '::ffff:', '64:ff9b::']) BLOCKED.addSubnet(`${carrier}a9fe:0`, 112, 'ipv6');
BLOCKED.addSubnet('2002:a9fe::', 32, 'ipv6');

/** Whether machines keep credentials at this address, or it means any of ours. */
export const isBlocked = (address: string): boolean =>
  BLOCKED.check(address.split('%')[0] ?? '', isIP(address) === 6 ? 'ipv6' : 'ipv4');

type Found = (e: Error | null, address?: string | LookupAddress[], family?: number) => void;

/** Resolves a host for a connection; what is checked is what is connected to. */
export function lookupAllowed(host: string, options: { all?: boolean; family?: number }, found: Found): void {
  lookup(host, { ...options, all: true }, (e, addresses) => {
    if (e) return found(e);
    const bad = addresses.find((a) => isBlocked(a.address));
    if (bad) return found(new Blocked(`${host} leads to ${bad.address}`));
    if (options.all) return found(null, addresses);
    const [first] = addresses;
    found(null, first?.address ?? '', first?.family ?? 0);
  });
}

type Connected = (e: Error | null, socket?: Socket) => void;

/** The proxy itself failed; `EPROXYAUTH` where it wants credentials. */
class ProxyFailed extends Error {
  readonly code: string;
  constructor(message: string, code = 'EPROXY') {
    super(message);
    this.code = code;
  }
}

/** The way through a proxy: CONNECT to host and port, then TLS inside of that for https. */
function tunnelThrough(name: string, proxy: string, https: boolean, ca: string | undefined, timeoutMs: number) {
  if (!URL.canParse(proxy)) throw new UserError(`the source "${name}" has a "proxy" that is no URL`);
  const url = new URL(proxy);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UserError(`the source "${name}" has a "proxy" of ${url.protocol} not http(s)`);
  }
  const { user, password } = userinfoOf(url);
  const credentials = Buffer.from(`${user}:${password}`).toString('base64');
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;

  return ({ host, port }: { host: string; port: number }, connected: Connected): undefined => {
    const path = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
    const asked = send({
      method: 'CONNECT',
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || (url.protocol === 'https:' ? 443 : 80),
      path,
      headers: { host: path, ...(user !== '' && { 'proxy-authorization': `Basic ${credentials}` }) },
      agent: false,
      timeout: timeoutMs,
      ...(ca !== undefined && { ca }),
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', (e) => connected(new ProxyFailed(`${url.host}: ${e.message}`)));
    asked.on('connect', ({ statusCode }, socket) => {
      if (statusCode !== 200) {
        socket.destroy();
        const code = statusCode === 407 ? 'EPROXYAUTH' : 'EPROXY';
        return connected(new ProxyFailed(`${url.host} answered ${statusCode}`, code));
      }
      if (!https) return connected(null, socket);
      // Without a host the certificate would be compared with "localhost".
      const secured = tlsConnect({ socket, host, servername: isIP(host) ? '' : host, ...(ca !== undefined && { ca }) });
      // Until it is handed over nobody else would ever close it.
      secured.setTimeout(timeoutMs, () => secured.destroy(new ProxyFailed(`${url.host}: no answer behind it`)));
      secured.once('error', connected).once('secureConnect', () => {
        secured.setTimeout(0).removeAllListeners('timeout');
        connected(null, secured);
      });
    });
    asked.end();
    return undefined;
  };
}
