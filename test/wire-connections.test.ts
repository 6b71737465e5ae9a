/** Ways to a server: through a CONNECT proxy, and with certificates that hold or do not. */
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { parseOrigin } from '../src/safety/allow.ts';
import type { Refusal } from '../src/sources/_refused.ts';
import type { WireReply } from '../src/sources/_wire.ts';
import { certificate } from './_certificates.ts';
import { listen, tunnel } from './_fault-proxy.ts';
import { freePort, peer } from './_peers.ts';
import { CANARY, closing, opened, upstream } from './_wire.ts';

const SILENT = /gave no answer within/;

describe('through a CONNECT proxy', () => {
  test('with its password, without, and where the server behind it is gone', async () => {
    const server = await upstream();
    const proxy = await tunnel(`me:${CANARY}`);
    closing.push(proxy.stop);
    const named = proxy.url.replace('http://', `http://me:${encodeURIComponent(CANARY)}@`);
    const good = opened(server, 'prometheus', {}, [], { proxy: named });
    const replies = (await Promise.all([good.ask(), good.ask(), good.ask()])) as WireReply[];
    expect(replies.map((r) => r.status)).toEqual([200, 200, 200]);
    expect(new Set(proxy.through)).toEqual(new Set([server.slice('http://'.length)]));

    const stranger = opened(server, 'prometheus', {}, [], { proxy: proxy.url });
    expect((await stranger.ask()) as Refusal).toMatchObject({
      status: 'denied',
      what: expect.stringMatching(/behind a proxy that wants credentials \(407\)/),
    });
    const gone = opened(`http://127.0.0.1:${await freePort()}`, 'prometheus', {}, [], { proxy: named });
    const refusal = (await gone.ask()) as Refusal;
    expect([refusal.status, refusal.what]).toEqual([
      'failed',
      expect.stringMatching(/through its proxy .* answered 502/),
    ]);
  });

  test('a percent sign in a password is one where it begins no escape', async () => {
    const server = await upstream();
    const proxy = await tunnel('me:100%-sure%');
    closing.push(proxy.stop);
    const named = proxy.url.replace('http://', 'http://me:100%-sure%@');
    expect((await opened(server, 'prometheus', {}, [], { proxy: named }).ask()) as WireReply).toMatchObject({
      status: 200,
    });
    expect(parseOrigin('x', 'http://me:100%-sure%@x').basic).toEqual({ user: 'me', password: '100%-sure%' });
  });

  test('what lies behind it and never speaks TLS is left, and nothing of it stays open', async () => {
    const proxy = createHttpServer();
    const left = new Promise<void>((done) => {
      proxy.on('connect', (_request, socket) => {
        socket.on('end', () => done()).resume();
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      });
    });
    const { url, stop } = await listen(proxy);
    closing.push(stop);
    const silent = opened('https://10.0.0.1', 'github', { retries: 0, timeoutMs: 400 }, [], { proxy: url });
    expect(await silent.ask()).toMatchObject({ status: 'timeout', what: expect.stringMatching(SILENT) });
    await left;
  });

  test('a proxy that is not there, that is silent, that is no proxy', async () => {
    const server = await upstream();
    const silent = await listen(createServer(() => {}));
    closing.push(silent.stop);
    for (const [proxy, status, said] of [
      [`http://127.0.0.1:${await freePort()}`, 'failed', /through its proxy .*ECONNREFUSED/],
      [silent.url, 'timeout', SILENT],
      [server, 'failed', /through its proxy/],
    ] as const) {
      const refusal = (await opened(
        server,
        'prometheus',
        { retries: 0, timeoutMs: said === SILENT ? 400 : 8_000 },
        [],
        { proxy },
      ).ask()) as Refusal;
      expect([refusal.status, refusal.what]).toEqual([status, expect.stringMatching(said)]);
    }
    expect(() => opened(server, 'prometheus', {}, [], { proxy: 'socks5://x' })).toThrow(/"proxy" of socks5: not http/);
  });
});

describe.skipIf(!peer('openssl'))('TLS', () => {
  async function secure(made: { key: string; cert: string }): Promise<string> {
    const server = createTlsServer(made, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    const { url, stop } = await listen(server);
    closing.push(stop);
    return url.replace('http:', 'https:');
  }

  test('a certificate that holds is trusted by its authority alone, also through a proxy', async () => {
    const good = certificate({ hosts: 'IP:127.0.0.1' });
    const url = await secure(good);
    const proxy = await tunnel();
    closing.push(proxy.stop);
    const ca = good.cert;
    for (const more of [{ ca }, { ca, proxy: proxy.url }]) {
      expect(((await opened(url, 'github', {}, [], more).ask()) as WireReply).status).toBe(200);
    }
    expect(proxy.through).toHaveLength(1);
    for (const [more, said] of [
      [{}, /not trusted.*own authority/],
      [{ proxy: proxy.url }, /not trusted.*own authority/],
      [{ ca: certificate().cert }, /of another authority than the one in "ca"/],
    ] as const) {
      const refusal = (await opened(url, 'github', {}, [], more).ask()) as Refusal;
      expect([refusal.status, refusal.problem]).toEqual(['failed', expect.stringMatching(said)]);
    }
  });

  test('one that has expired, one of another host, and no TLS at all', async () => {
    const old = certificate({ to: '20200201000000Z' });
    const expired = (await opened(await secure(old), 'github', {}, [], { ca: old.cert }).ask()) as Refusal;
    expect(expired.problem).toMatch(/certificate that has expired \(CERT_HAS_EXPIRED\)\. Let it be renewed/);
    const other = certificate({ hosts: 'DNS:elsewhere.example' });
    const wrong = (await opened(await secure(other), 'github', {}, [], { ca: other.cert }).ask()) as Refusal;
    expect(wrong.problem).toMatch(/certificate of another host \(ERR_TLS_CERT_ALTNAME_INVALID\)/);
    const plain = (await upstream()).replace('http:', 'https:');
    expect(((await opened(plain, 'github', {}).ask()) as Refusal).problem).toMatch(/does not speak TLS as we do/);
  });
});
