/** Datadog's own description of its API between us and the fake: every request and every answer is held against it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { freePort, type Peer, start } from './_peers.ts';

export interface Checked {
  method: string;
  path: string;
  status: number;
  /** What Prism says is not as described; empty where all is. */
  violations: string;
}
export interface Contract {
  url: string;
  checked: Checked[];
  stop(): Promise<void>;
}

/** Puts one Prism a version of the API in front of a server, and a splitter by version in front of both. */
export async function contractOver(upstream: string, prism: string, specs: string, temp: string): Promise<Contract> {
  const versions = ['v1', 'v2'].map(async (version): Promise<[string, Peer]> => {
    const file = join(temp, `datadog-${version}.yaml`);
    writeFileSync(file, gunzipSync(readFileSync(join(specs, `datadog-${version}.yaml.gz`))));
    const port = await freePort();
    const args = [prism, 'proxy', '-h', '127.0.0.1', '-p', String(port), file, upstream];
    // Reading a description of 4 MB takes eight seconds of an idle machine; any answer says that it is read.
    const patient = { wanted: () => true, withinMs: 180_000 };
    return [version, await start(process.execPath, args, `http://127.0.0.1:${port}`, '/api/v1/validate', patient)];
  });
  const peers: Record<string, Peer> = Object.fromEntries(await Promise.all(versions));
  const checked: Checked[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', async () => {
      const { method = 'GET', url = '/' } = request;
      const version = url.startsWith('/api/v1') ? 'v1' : 'v2';
      const headers = new Headers();
      for (const name of ['content-type', 'accept', 'dd-api-key', 'dd-application-key']) {
        const value = request.headers[name];
        if (typeof value === 'string') headers.set(name, value);
      }
      const body = Buffer.concat(parts);
      const reply = await fetch(peers[version]!.url + url, { method, headers, ...(body.length > 0 && { body }) });
      const violations = reply.headers.get('sl-violations') ?? '';
      checked.push({ method, path: url.split('?')[0]!, status: reply.status, violations });
      response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? 'application/json' });
      response.end(await reply.text());
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    checked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      for (const peer of Object.values(peers)) await peer.stop();
    },
  };
}
