/** A note on a PagerDuty incident. Notes are append-only: one of a verdict, never the same twice. */
import { type Delivered, type Message, type NotifierPlugin, Undelivered } from '../core/notify.ts';
import type { Secret } from '../safety/secret.ts';
import { at, baseOf, openWriter } from './_writer.ts';

interface Config {
  /** `PT4KHLK` */
  incident: string;
  token: Secret;
  /** E-mail of the user in whose name the note is written. */
  from: string;
  url?: string;
}

interface Note {
  id?: string;
  content?: string;
}

const HOST = 'https://api.pagerduty.com';

export const notifier: NotifierPlugin = {
  title: 'a note on a PagerDuty incident',
  open(name, config, { fetch, now }) {
    const { incident, token, from, url = HOST } = config as unknown as Config;
    const notes = `/incidents/${incident}/notes`;
    const base = baseOf(name, url, { secret: true });
    const target = `pagerduty ${incident}${at(base, HOST)}`;
    const send = openWriter({
      target,
      base,
      permits: [
        ['GET', notes],
        ['POST', notes],
      ],
      headers: () => ({
        authorization: `Token token=${token.reveal()}`,
        accept: 'application/vnd.pagerduty+json;version=2',
        from,
      }),
      fetch,
      now,
    });
    const told = (note: Note | undefined, message: Message): Delivered => {
      if (!note?.id) throw new Undelivered(`${target} answered with no note`, { maybeSent: true });
      return { how: 'created', receipt: { id: note.id, hash: message.hash } };
    };
    return {
      target,
      format: 'note',
      looks: true,
      async deliver(message, { signal }) {
        const content = message.text.trim();
        const { json } = await send({ method: 'GET', path: notes, signal });
        const { notes: there = [] } = (json ?? {}) as { notes?: Note[] };
        const same = there.find((n) => n.content?.trim() === content);
        if (same) return told(same, message);
        const body = { note: { content } };
        const reply = await send({ method: 'POST', path: notes, body, signal });
        return told((reply.json as { note?: Note } | undefined)?.note, message);
      },
    };
  },
};
