/** Each medium on its own terms: what it says of limits, what it hides from apps, how large a message may be. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Delivered, Message, NotifierPlugin } from '../src/core/notify.ts';
import { Undelivered } from '../src/core/notify.ts';
import { notifier as github } from '../src/notifiers/github.ts';
import { notifier as slack } from '../src/notifiers/slack.ts';
import { notifier as webhook } from '../src/notifiers/webhook.ts';
import { report as json } from '../src/reports/json.ts';
import { Secret } from '../src/safety/secret.ts';
import { runEvents, stateAt } from './_events.ts';
import { type NotifyServer, notifyServer, type Sent } from './_notify-server.ts';

const NOW = Date.parse('2026-11-20T03:10:00.000Z');
const MESSAGE: Message = {
  run: '01jd4k8w3vq2m5x7y9zbt7f3kq',
  text: '### VERDICT',
  hash: 'ab'.repeat(32),
  startedAt: '2026-11-20T02:56:10.000Z',
  fingerprint: '--> <b>fingerprint of an outsider</b>',
};
const MARK = /^<!-- inquest run:[0-9a-z]{26} alert:[0-9a-f]{16} fired:\d+ -->\n/;

const servers: NotifyServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((s) => s.close())));
async function server(answer: (sent: Sent) => { status: number; body: unknown }): Promise<NotifyServer> {
  const made = await notifyServer(answer);
  servers.push(made);
  return made;
}

const tell = (
  plugin: NotifierPlugin,
  config: Record<string, unknown>,
  o: { message?: Message; unsure?: boolean; before?: Record<string, string> } = {},
): Promise<Delivered> =>
  plugin
    .open('x', { token: new Secret('token', 'a-token-of-tests'), ...config }, { fetch, now: () => NOW, cwd: '/' })
    .deliver(o.message ?? MESSAGE, {
      unsure: o.unsure ?? false,
      ...(o.before ? { before: o.before } : {}),
      signal: new AbortController().signal,
    });
const failure = (delivery: Promise<unknown>): Promise<Undelivered> =>
  delivery.then(
    () => Promise.reject(new Error('it was delivered')),
    (e: unknown) => (e instanceof Undelivered ? e : Promise.reject(e)),
  );

describe('github', () => {
  interface Row {
    id: number;
    body: string;
    updated_at: string;
    user: { login: string; type: string };
  }
  const row = (id: number, login: string, body: string, updated_at = '2026-11-20T03:00:00Z'): Row => ({
    id,
    body,
    updated_at,
    user: { login, type: login.endsWith('[bot]') ? 'Bot' : 'User' },
  });
  const mark = (run: string, alert = '0'.repeat(16)): string =>
    `<!-- inquest run:${run} alert:${alert} fired:1 -->\nold`;

  /** Issue 7 with these comments; `me` = who the token is, undefined for the token of an app. */
  const issue = (rows: Row[], me?: string): Promise<NotifyServer> =>
    server(({ method, path, body }) => {
      if (path === '/user')
        return me
          ? { status: 200, body: { login: me } }
          : { status: 403, body: { message: 'Resource not accessible by integration' } };
      const id = /\/issues\/comments\/(\d+)$/.exec(path)?.[1];
      if (id) {
        const found = rows.find((r) => r.id === Number(id));
        if (!found) return { status: 404, body: { message: 'Not Found' } };
        found.body = (JSON.parse(body) as { body: string }).body;
        return { status: 200, body: found };
      }
      if (method === 'POST') {
        rows.push(row(rows.length + 1000, me ?? 'ci[bot]', (JSON.parse(body) as { body: string }).body));
        return { status: 201, body: rows.at(-1) };
      }
      const page = Number(new URL(path, 'http://x').searchParams.get('page'));
      return { status: 200, body: rows.slice((page - 1) * 100, page * 100) };
    });
  const config = ({ url }: NotifyServer): Record<string, unknown> => ({ repo: 'acme/shop', issue: '7', url });

  test('the token of an app may not ask who it is: of marked comments only those of a bot are its own', async () => {
    const rows = [
      row(1, 'mallory', mark(MESSAGE.run)),
      row(2, 'ci[bot]', `quoting\n${mark(MESSAGE.run)}`),
      row(3, 'ci[bot]', mark(MESSAGE.run)),
    ];
    const { how, receipt } = await tell(github, config(await issue(rows)));
    expect([how, receipt.id, rows.length]).toEqual(['edited', '3', 3]);
    expect(rows[0]!.body).toBe(mark(MESSAGE.run));
    expect(rows[2]!.body).toMatch(MARK);
    expect(rows[2]!.body).not.toContain('fingerprint of an outsider');
  });

  test('the mark is found behind hundreds of comments, and no more are asked for than there are', async () => {
    const rows = [
      ...Array.from({ length: 250 }, (_, i) => row(i, 'dana', 'me too')),
      row(999, 'inquest', mark(MESSAGE.run)),
    ];
    const asked = await issue(rows, 'inquest');
    expect((await tell(github, config(asked))).how).toBe('edited');
    expect(asked.sent.map((s) => s.path.replace(/\?.*page=/, ' '))).toEqual([
      ...[
        '/repos/acme/shop/issues/7/comments 1',
        '/repos/acme/shop/issues/7/comments 2',
        '/repos/acme/shop/issues/7/comments 3',
      ],
      ...['/user', '/repos/acme/shop/issues/comments/999'],
    ]);
    expect(asked.sent[0]!.path).toContain('since=2026-11-20T01');
  });

  test('the same alert longer ago than half an hour gets a comment of its own', async () => {
    const first: Row[] = [];
    await tell(github, config(await issue(first, 'inquest')));
    const other = { ...MESSAGE, run: '01jd4k8w3vq2m5x7y9zbt7f3kr' };
    for (const [updated, how] of [
      ['2026-11-20T02:41:00Z', 'edited'],
      ['2026-11-20T02:39:00Z', 'created'],
    ] as const) {
      const rows = [{ ...first[0]!, updated_at: updated }];
      expect((await tell(github, config(await issue(rows, 'inquest')), { message: other })).how).toBe(how);
    }
  });

  test('its limits pass, and say for how long', async () => {
    const limited = async (status: number, headers: Record<string, string>): Promise<Undelivered> => {
      const made = await issue([], 'inquest');
      made.faults.push({ status, headers, body: '{"message":"You have exceeded a secondary rate limit"}' });
      return failure(tell(github, config(made)));
    };
    const reset = String(NOW / 1000 + 90);
    expect(await limited(403, { 'retry-after': '60' })).toMatchObject({
      retryable: true,
      maybeSent: false,
      pauseMs: 60_000,
    });
    expect(await limited(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset })).toMatchObject({
      retryable: true,
      pauseMs: 90_000,
    });
    expect(await limited(403, {})).toMatchObject({ retryable: false, pauseMs: undefined });
    expect(await limited(502, {})).toMatchObject({ retryable: true, maybeSent: false });
    expect(await limited(504, {})).toMatchObject({ retryable: true, maybeSent: true });
    expect(await limited(422, {})).toMatchObject({ retryable: false });
  });
});

describe('slack', () => {
  const message = { ...MESSAGE, text: '{"text":"VERDICT","blocks":[]}' };
  interface Post {
    ts: string;
    text: string;
    metadata?: unknown;
  }
  /** A channel; `errors` are answered instead, by method. */
  const channel = (posts: Post[], errors: Record<string, string> = {}): Promise<NotifyServer> =>
    server(({ path, body }) => {
      const method = path.replace('/api/', '');
      if (errors[method]) return { status: 200, body: { ok: false, error: errors[method] } };
      if (method === 'conversations.history') return { status: 200, body: { ok: true, messages: posts } };
      const { ts, text, metadata } = JSON.parse(body) as Partial<Post>;
      const found = posts.find((p) => p.ts === ts);
      if (method === 'chat.update' && !found) return { status: 200, body: { ok: false, error: 'message_not_found' } };
      if (found) found.text = text!;
      else posts.push({ ts: `170000000${posts.length}.000100`, text: text!, metadata });
      return { status: 200, body: { ok: true, channel: 'C1', ts: ts ?? posts.at(-1)!.ts } };
    });
  const config = ({ url }: NotifyServer): Record<string, unknown> => ({ channel: 'C1', url });

  test('what an earlier try left is found by its metadata and edited; what is gone is written anew', async () => {
    const posts: Post[] = [];
    const made = await channel(posts);
    expect((await tell(slack, config(made), { message })).how).toBe('created');
    const other = { ...message, text: '{"text":"NO VERDICT","blocks":[]}' };
    expect((await tell(slack, config(made), { message: other, unsure: true })).how).toBe('edited');
    expect(posts.map((p) => p.text)).toEqual(['NO VERDICT']);
    const before = { channel: 'C1', ts: '1.0' };
    expect((await tell(slack, config(made), { message, before })).how).toBe('created');
    expect(posts).toHaveLength(2);
  });

  test.each([
    [
      { 'conversations.history': 'missing_scope' },
      true,
      /an earlier try may have arrived, and it cannot be looked up/,
      false,
    ],
    [{ 'chat.postMessage': 'ratelimited' }, false, /ratelimited/, true],
    [{ 'chat.postMessage': 'channel_not_found' }, false, /channel_not_found/, false],
    [{ 'chat.postMessage': 'invalid_auth' }, false, /invalid_auth/, false],
  ])('%j is said', async (errors, unsure, why, retryable) => {
    const posts: Post[] = [];
    const e = await failure(
      tell(slack, config(await channel(posts, errors as unknown as Record<string, string>)), { message, unsure }),
    );
    expect(e.message).toMatch(why);
    expect(e.retryable).toBe(retryable);
    expect(e.fix ?? '').not.toBe('');
    expect(posts).toEqual([]);
  });
});

describe('webhook', () => {
  test('an event stays below 20 kB and keeps the outcome, however much the run holds', async () => {
    const made = await server(() => ({ status: 200, body: {} }));
    const state = stateAt(runEvents({ words: (x) => `${x} ${'long & <words> '.repeat(100)}` }));
    const many = <T>(list: T[]): T[] => Array.from({ length: 800 }, (_, i) => list[i % list.length]!);
    const verdict = { ...state.verdict!, next: many(state.verdict!.next), claims: many(state.verdict!.claims) };
    const text = await json.render({ ...state, verdict, evidence: many(state.evidence) }, async () => null);
    expect(text.length).toBeGreaterThan(1_000_000);
    await tell(
      webhook,
      { url: made.url, secret: new Secret('secret', 'k'.repeat(32)) },
      { message: { ...MESSAGE, text } },
    );
    const [{ body }] = made.sent as [Sent];
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
    expect(JSON.parse(body)).toMatchObject({
      type: 'inquest.run.finished',
      data: { outcome: { kind: 'cause', change: '4f2c1a9' } },
    });
  });

  test('goes to the address as it is written; one with a query is refused, never cut', async () => {
    const made = await server(() => ({ status: 200, body: {} }));
    const secret = new Secret('secret', 'k'.repeat(32));
    await tell(webhook, { url: `${made.url}/hooks/`, secret }, { message: { ...MESSAGE, text: '{}' } });
    expect(made.sent.map((s) => s.path)).toEqual(['/hooks/']);
    expect(() => tell(webhook, { url: `${made.url}/hooks?sig=s3cret`, secret })).toThrow(/a URL with "\?"/);
  });

  test('an endless answer is cut off, and a request that is not permitted is never sent', async () => {
    const made = await server(() => ({ status: 200, body: 'x'.repeat(20_000_000) }));
    const secret = new Secret('secret', 'k'.repeat(32));
    const text = await json.render(stateAt(runEvents()), async () => null);
    expect(
      (await failure(tell(webhook, { url: made.url, secret }, { message: { ...MESSAGE, text } }))).message,
    ).toContain('endless answer');
    const evil = { repo: 'acme/shop', issue: '7/../../../user', url: made.url };
    await expect(tell(github, evil, { before: { id: '1/../../repos' } })).rejects.toThrow('not a permitted request');
    expect(made.sent).toHaveLength(1);
  });
});
