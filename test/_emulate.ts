/** Stateful stand-ins of GitHub and Slack that nobody here wrote (emulate), each with what a test needs to look at. */
import { pathToFileURL } from 'node:url';
import { freePort, peerPackage } from './_peers.ts';

const api = peerPackage('emulate/dist/api.js');
/** Whether they are installed. */
export const emulated = api !== undefined;

async function emulator(service: string, seed: object): Promise<{ url: string; close(): Promise<void> }> {
  const { createEmulator } = (await import(pathToFileURL(api!).href)) as {
    createEmulator(o: object): Promise<{ url: string; close(): Promise<void> }>;
  };
  return createEmulator({ service, port: await freePort(), seed });
}

/** A repository `acme/shop` with one issue; `comments` are those of it. */
export async function github(token: string): Promise<{
  url: string;
  issue: number;
  comments(): Promise<{ body: string }[]>;
  close(): Promise<void>;
}> {
  const server = await emulator('github', {
    tokens: { [token]: { login: 'acme', scopes: ['repo'] } },
    github: { users: [{ login: 'acme' }], repos: [{ owner: 'acme', name: 'shop', auto_init: true }] },
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const call = async (path: string, init: RequestInit = {}): Promise<unknown> =>
    (await fetch(`${server.url}/repos/acme/shop/${path}`, { ...init, headers })).json();
  const { number } = (await call('issues', { method: 'POST', body: '{"title":"slow"}' })) as { number: number };
  return {
    url: server.url,
    issue: number,
    comments: async () => (await call(`issues/${number}/comments`)) as { body: string }[],
    close: () => server.close(),
  };
}

/** A workspace with the channel `ops`; `messages` are those of it. */
export async function slack(token: string): Promise<{
  url: string;
  messages(): Promise<{ text: string; edited?: unknown }[]>;
  close(): Promise<void>;
}> {
  const server = await emulator('slack', {
    tokens: { [token]: { login: 'inquest', scopes: ['chat:write'] } },
    slack: { users: [{ name: 'inquest' }], channels: [{ name: 'ops' }] },
  });
  const ask = async (method: string, form: Record<string, string> = {}): Promise<unknown> =>
    (
      await fetch(`${server.url}/api/${method}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: new URLSearchParams(form),
      })
    ).json();
  const { channels } = (await ask('conversations.list')) as { channels: { id: string; name: string }[] };
  const { id } = channels.find((c) => c.name === 'ops')!;
  return {
    url: server.url,
    messages: async () =>
      ((await ask('conversations.history', { channel: id })) as { messages: { text: string; edited?: unknown }[] })
        .messages,
    close: () => server.close(),
  };
}
