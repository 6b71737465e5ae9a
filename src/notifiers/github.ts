/**
 * A comment on an issue or a pull request: one of a run, edited in place. It is found by its receipt, else by a hidden
 * mark in a comment of our own: anybody can write the mark, and whoever wrote the comment could change it afterwards.
 */
import { sha256 } from '../core/canonical.ts';
import { type Delivered, type Message, type NotifierPlugin, type Receipt, Undelivered } from '../core/notify.ts';
import { toIso, toMs } from '../core/time.ts';
import type { Secret } from '../safety/secret.ts';
import { at, baseOf, openWriter } from './_writer.ts';

interface Config {
  repo: string;
  issue: string | number;
  token: Secret;
  url?: string;
}

interface Comment {
  id: number;
  body?: string;
  html_url?: string;
  updated_at: string;
  user?: { login?: string; type?: string } | null;
}

const HOST = 'https://api.github.com';
/** The same alert within this time is told in the same comment, ms. */
const SAME_ALERT_MS = 30 * 60_000;
/** Our clock and GitHub's differ by no more than this, ms. */
const CLOCKS_MS = 60 * 60_000;
/** Comments that are looked through: pages of 100. */
const PAGES = 20;
const MARK = /^<!-- inquest run:([0-9a-z]{1,40}) alert:([0-9a-f]{16}) fired:(\d{1,6}) -->/;

export const notifier: NotifierPlugin = {
  title: 'a comment on a GitHub issue or pull request, edited in place',
  open(name, config, { fetch, now }) {
    const { repo, issue, token, url = HOST } = config as unknown as Config;
    const issues = `/repos/${repo}/issues`;
    const comments = `${issues}/${issue}/comments`;
    const base = baseOf(name, url, { secret: true });
    const target = `github ${repo}#${issue}${at(base, HOST)}`;
    const send = openWriter({
      target,
      base,
      permits: [
        ['GET', '/user'],
        ['GET', comments],
        ['POST', comments],
        ['PATCH', `${issues}/comments/:id`],
      ],
      headers: () => ({ authorization: `Bearer ${token.reveal()}`, 'x-github-api-version': '2022-11-28' }),
      fetch,
      now,
    });

    /** Whether a comment is ours. The token of an app may not ask who it is; its comments are those of a bot. */
    async function ownership(signal: AbortSignal): Promise<(c: Comment) => boolean> {
      const { status, json } = await send({ method: 'GET', path: '/user', signal, expects: [401, 403, 404] });
      const { login } = (json ?? {}) as { login?: string };
      if (status === 200 && login) return (c) => c.user?.login === login;
      return (c) => c.user?.type === 'Bot' && (c.user.login ?? '').endsWith('[bot]');
    }

    async function find(message: Message, signal: AbortSignal): Promise<Comment | undefined> {
      const recent = now() - SAME_ALERT_MS;
      const since = Math.min(recent, toMs(message.startedAt ?? toIso(recent))) - CLOCKS_MS;
      let ours: ((c: Comment) => boolean) | undefined;
      let sameAlert: Comment | undefined;
      for (let page = 1; page <= PAGES; page++) {
        const query = { since: toIso(since), per_page: '100', page: String(page) };
        const { json } = await send({ method: 'GET', path: comments, query, signal });
        const list = Array.isArray(json) ? (json as Comment[]) : [];
        for (const c of list) {
          const [, run, alert] = MARK.exec(c.body ?? '') ?? [];
          const fits = run === message.run || (alert === alertOf(message) && toMs(c.updated_at) >= recent);
          if (!fits) continue;
          ours ??= await ownership(signal);
          if (!ours(c)) continue;
          if (run === message.run) return c;
          sameAlert = c;
        }
        if (list.length < 100) break;
      }
      return sameAlert;
    }

    async function edit(id: string, body: string, signal: AbortSignal): Promise<Delivered | undefined> {
      const path = `${issues}/comments/${id}`;
      const { status, json } = await send({ method: 'PATCH', path, body: { body }, signal, expects: [404, 410] });
      return status === 200 ? told('edited', json as Comment, body) : undefined;
    }

    return {
      target,
      format: 'markdown',
      looks: true,
      async deliver(message, { before, signal }) {
        if (before?.id) {
          const edited = await edit(before.id, bodyOf(message, Number(before.fired ?? 1)), signal);
          if (edited) return edited;
        }
        const there = await find(message, signal);
        if (there) {
          const [, run, , fired = '1'] = MARK.exec(there.body ?? '') ?? [];
          const body = bodyOf(message, Number(fired) + (run === message.run ? 0 : 1));
          const edited = await edit(String(there.id), body, signal);
          if (edited) return edited;
        }
        const body = bodyOf(message, 1);
        const { json } = await send({ method: 'POST', path: comments, body: { body }, signal });
        return told('created', json as Comment, body);
      },
    };

    function told(how: Delivered['how'], comment: Comment | undefined, body: string): Delivered {
      if (!Number.isSafeInteger(comment?.id)) {
        throw new Undelivered(`${target} answered with no comment`, {
          maybeSent: true,
          fix: 'Is its URL that of the API?',
        });
      }
      const receipt: Receipt = { id: String(comment!.id), fired: MARK.exec(body)?.[3] ?? '1' };
      return { how, receipt, ...(comment!.html_url ? { where: comment!.html_url } : {}) };
    }
  },
};

const alertOf = ({ fingerprint, run }: Message): string => sha256(fingerprint ?? run).slice(0, 16);

/** The mark first: only where it is the very beginning it counts. */
function bodyOf(message: Message, fired: number): string {
  const mark = `<!-- inquest run:${message.run} alert:${alertOf(message)} fired:${fired} -->`;
  const again = fired > 1 ? `\nFired ${fired} times, each within 30 min of the last; this is the newest run.\n` : '';
  return `${mark}\n${again}${message.text}`;
}
