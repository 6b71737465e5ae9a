/**
 * A signed event to any receiver, as the Standard Webhooks specification has it: `webhook-id` stays the same for each
 * try of a message, so that a receiver knows what it has seen; the signature is HMAC-SHA256 over id, time and body.
 */
import { createHmac } from 'node:crypto';
import { UserError } from '../core/errors.ts';
import type { Message, NotifierPlugin } from '../core/notify.ts';
import { toIso } from '../core/time.ts';
import type { Secret } from '../safety/secret.ts';
import { baseOf, openWriter } from './_writer.ts';

interface Config {
  url: string;
  secret: Secret;
}

/** The specification asks for payloads below 20 kB. */
const MOST = 20_000;
/** Bytes of a key. */
const KEY = { least: 24, most: 64 };
/** What of the JSON report is sent, the first the most important: lists become shorter, then fields go from the end. */
const FIELDS = [
  ...['run', 'outcome', 'alert', 'exit', 'startedAt', 'finishedAt', 'window', 'gate', 'next', 'changes'],
  ...['notChecked', 'claims', 'remedies', 'candidates', 'unavailable', 'timeline'],
];

export const notifier: NotifierPlugin = {
  title: 'a signed JSON event to any URL (Standard Webhooks)',
  open(name, config, { fetch, now }) {
    const { url, secret } = config as unknown as Config;
    baseOf(name, url, { secret: false });
    // As it is written: to many receivers a path with a slash at its end is another one.
    const whole = new URL(url);
    const key = keyOf(name, secret);
    const target = `webhook ${whole.host}${whole.pathname}`;
    const permits = [['POST', whole.pathname]] as const;
    const send = openWriter({ target, base: whole.origin, permits, headers: () => ({}), fetch, now });
    return {
      target,
      format: 'json',
      looks: true,
      async deliver(message, { signal }) {
        const body = eventOf(message);
        const id = `msg_${message.run}_${message.hash.slice(0, 16)}`;
        const time = String(Math.floor(now() / 1000));
        const signature = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
        const headers = { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${signature}` };
        await send({ method: 'POST', path: whole.pathname, body, headers, signal });
        return { how: 'created', receipt: { id } };
      },
    };
  },
};

function keyOf(name: string, secret: Secret): Buffer {
  const text = secret.reveal();
  const key = Buffer.from(text.replace(/^whsec_/, ''), text.startsWith('whsec_') ? 'base64' : 'utf8');
  if (key.length >= KEY.least && key.length <= KEY.most) return key;
  throw new UserError(
    `the notifier "${name}" has a secret of ${key.length} bytes: it must have ${KEY.least} to ${KEY.most}`,
    {
      hints: ['Make one: echo "whsec_$(openssl rand -base64 32)"'],
    },
  );
}

/** The event as JSON, below 20 kB. The same message is the same event, so its time is that of the run. */
function eventOf(message: Message): string {
  const report = JSON.parse(message.text) as Record<string, unknown>;
  const event = (most: number, fields: string[]): string => {
    const data = Object.fromEntries(
      fields.flatMap((f) =>
        report[f] === undefined ? [] : [[f, Array.isArray(report[f]) ? report[f].slice(0, most) : report[f]]],
      ),
    );
    const timestamp = report.finishedAt ?? report.startedAt ?? toIso(0);
    return JSON.stringify({ type: 'inquest.run.finished', timestamp, data });
  };
  for (const most of [50, 20, 5]) {
    const text = event(most, FIELDS);
    if (Buffer.byteLength(text) < MOST) return text;
  }
  for (let n = FIELDS.length - 1; n > 3; n--) {
    const text = event(3, FIELDS.slice(0, n));
    if (Buffer.byteLength(text) < MOST) return text;
  }
  return event(1, FIELDS.slice(0, 2));
}
