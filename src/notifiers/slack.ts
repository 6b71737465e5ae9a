/** A Slack message: by a bot, which edits its own message in place, or by an incoming webhook, which cannot. */
import { sha256 } from '../core/canonical.ts';
import { type Delivered, type Message, type Notifier, type NotifierPlugin, Undelivered } from '../core/notify.ts';
import { oneLine } from '../core/text.ts';
import { toMs } from '../core/time.ts';
import type { Secret } from '../safety/secret.ts';
import { baseOf, openWriter } from './_writer.ts';

interface Config {
  /** The URL of an incoming webhook is a credential. */
  webhook?: Secret;
  token?: Secret;
  channel?: string;
  url?: string;
}

type Open = Parameters<NotifierPlugin['open']>[2];

export const notifier: NotifierPlugin = {
  title: 'a Slack message: edited in place by a bot, or by an incoming webhook',
  open(name, config, env) {
    const { webhook, token, channel, url } = config as Config;
    return webhook
      ? byWebhook(name, webhook, env)
      : byBot(name, { token: token!, channel: channel!, url: url ?? 'https://slack.com' }, env);
  },
};

/** Nobody can look what a webhook has written, or edit it: a changed verdict is a new message. */
function byWebhook(name: string, webhook: Secret, { fetch, now }: Open): Notifier {
  const whole = baseOf(name, webhook.reveal(), { secret: true });
  const { origin, pathname } = new URL(whole);
  // The address is a credential; its hash tells two of them apart.
  const target = `slack webhook ${new URL(whole).host} (${sha256(whole).slice(0, 8)})`;
  const send = openWriter({ target, base: origin, permits: [['POST', pathname]], headers: () => ({}), fetch, now });
  return {
    target,
    format: 'slack',
    looks: false,
    async deliver(message, { signal }) {
      await send({ method: 'POST', path: pathname, body: contentOf(message), signal });
      return { how: 'created', receipt: {} };
    },
  };
}

/** Errors of Slack that pass. */
const PASSING = new Set(['ratelimited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);
const CREDENTIALS = /auth|token|scope|account_inactive|access_denied|no_permission/;
/** The message cannot be edited any more, and a new one can be written. */
const GONE = new Set(['message_not_found', 'edit_window_closed', 'cant_update_message']);
const EVENT = 'inquest_run';

interface SlackReply {
  ok?: boolean;
  error?: string;
  ts?: string;
  channel?: string;
  messages?: { ts: string; metadata?: { event_type?: string; event_payload?: { run?: string } } }[];
}

function byBot(
  name: string,
  { token, channel, url }: { token: Secret; channel: string; url: string },
  { fetch, now }: Open,
): Notifier {
  const target = `slack ${channel}`;
  const send = openWriter({
    target,
    base: baseOf(name, url, { secret: true }),
    permits: [
      ['POST', '/api/chat.postMessage'],
      ['POST', '/api/chat.update'],
      ['POST', '/api/conversations.history'],
    ],
    headers: () => ({ authorization: `Bearer ${token.reveal()}` }),
    fetch,
    now,
  });

  /** An answer with `ok`; errors that `expected` names are given back. */
  function checked(json: unknown, expected: ReadonlySet<string>): SlackReply {
    const reply = (json ?? {}) as SlackReply;
    const error = reply.ok === true ? undefined : (reply.error ?? 'no answer of Slack');
    if (error === undefined || expected.has(error)) return reply;
    throw new Undelivered(`${target} answered: ${oneLine(error, 80)}`, {
      retryable: PASSING.has(error),
      fix: CREDENTIALS.test(error)
        ? 'Check the token and its scopes: chat:write.'
        : 'Is the channel right, and is the bot a member of it?',
    });
  }

  const told = (how: Delivered['how'], { ts, channel: id }: SlackReply): Delivered => {
    if (!ts) throw new Undelivered(`${target} answered with no message`, { maybeSent: true });
    return { how, receipt: { ts, channel: id ?? channel } };
  };

  /** The message of this run that an earlier try may have left, among the newest. Needs the id of the channel and a scope. */
  async function find(message: Message, signal: AbortSignal): Promise<{ ts: string } | undefined> {
    const oldest = String((toMs(message.startedAt ?? '1970-01-01T00:00:00Z') - 3_600_000) / 1000);
    // As a form: not every method of Slack that reads takes JSON.
    const body = new URLSearchParams({ channel, oldest, limit: '200', include_all_metadata: 'true' }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { json } = await send({ method: 'POST', path: '/api/conversations.history', body, headers, signal });
    const { ok, error, messages = [] } = (json ?? {}) as SlackReply;
    if (ok !== true) {
      throw new Undelivered(
        `${target}: an earlier try may have arrived, and it cannot be looked up (${oneLine(error ?? 'no answer', 60)})`,
        {
          fix: 'Look into the channel. The scope channels:history would let inquest look itself.',
        },
      );
    }
    return messages.find((m) => m.metadata?.event_type === EVENT && m.metadata.event_payload?.run === message.run);
  }

  return {
    target,
    format: 'slack',
    looks: true,
    async deliver(message, { before, unsure, signal }) {
      const content = contentOf(message);
      const known = before?.ts ? before : unsure ? { channel, ...(await find(message, signal)) } : undefined;
      if (known?.ts) {
        const body = { ...content, channel: known.channel ?? channel, ts: known.ts };
        const reply = checked((await send({ method: 'POST', path: '/api/chat.update', body, signal })).json, GONE);
        if (reply.ok) return told('edited', reply);
      }
      const metadata = { event_type: EVENT, event_payload: { run: message.run } };
      const body = { ...content, channel, metadata, unfurl_links: false, unfurl_media: false };
      const { json } = await send({ method: 'POST', path: '/api/chat.postMessage', body, signal });
      return told('created', checked(json, new Set()));
    },
  };
}

/** `text` and `blocks` of the report. */
const contentOf = ({ text }: Message): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
