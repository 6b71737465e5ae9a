/** What Datadog answered once, our client reads: as it ships (bundled worker), over the real wire. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleDatadog } from '../scripts/_datadog-worker.mjs';
import type { Refused } from '../src/sources/_refused.ts';
import type { openDatadog } from '../src/sources/datadog/_open.ts';
import type { DatadogClient, Operations } from '../src/sources/datadog/_shapes.ts';
import { RECORDED } from './_datadog-recorded.ts';
import { type Recording, type Replay, readRecordings, replayServer } from './_datadog-replay.ts';
import { tempFolder } from './_temp.ts';

const archive = process.env.INQUEST_DATA && join(process.env.INQUEST_DATA, 'captures/datadog-cassettes.tgz');
const there = archive !== undefined && existsSync(archive);
if (!there) process.stderr.write('SKIP recordings of Datadog: INQUEST_DATA names no captures/datadog-cassettes.tgz\n');

describe.skipIf(!there)('recordings of Datadog (INQUEST_DATA)', () => {
  let recordings: Recording[];
  let replay: Replay;
  let client: DatadogClient;

  beforeAll(async () => {
    recordings = readRecordings(archive!, tempFolder());
    replay = await replayServer();
    const dist = tempFolder();
    await bundleDatadog(dist);
    const built = (await import(pathToFileURL(join(dist, 'open.js')).href)) as { openDatadog: typeof openDatadog };
    const config = { url: replay.url, apiKey: 'api-key', appKey: 'app-key' };
    client = built.openDatadog('datadog', config, { cwd: dist }, { retries: 0 });
  });
  afterAll(async () => {
    await client?.close();
    await replay?.close();
  });

  test.each(RECORDED.map((r) => [r.operation, r] as const))('%s reads each recorded answer whole', async (_name, r) => {
    const seen = { recordings: 0, pages: 0, things: 0, empty: 0, refused: 0, same: replay.counts.same };
    const ask = (input: object): Promise<unknown> =>
      client.call(r.operation, input as never, { signal: new AbortController().signal }).catch((e: Error) => e);

    for (const recording of recordings) {
      const pages = recording.exchanges.filter((e) => e.method === r.method && r.path.test(e.path));
      if (pages.length === 0) continue;
      seen.recordings++;
      replay.serve(recording);
      let input = r.input(pages[0]!);
      for (const [i, expected] of pages.entries()) {
        const out = await ask(input);
        // A word that Datadog does not know either is not sent at all.
        if (out instanceof Error && !(out as Refused).refusal) {
          expect([out.message, expected.status]).toEqual([expect.stringMatching('was not asked'), 400]);
          break;
        }
        seen.pages++;
        if (expected.status >= 300) {
          expect([recording.name, (out as Refused).refusal?.code]).toEqual([recording.name, expected.status]);
          seen.refused++;
          break;
        }
        const held = r.holds(JSON.parse(expected.text));
        expect([recording.name, i, out instanceof Error ? out.message : r.got(out as never)]).toEqual([
          recording.name,
          i,
          held,
        ]);
        seen.things += held;
        if (held === 0) seen.empty++;
        const { next } = out as Operations['v2.listLogs']['out'];
        if (i < pages.length - 1) expect([recording.name, i, next]).toEqual([recording.name, i, expect.any(String)]);
        input = { ...input, cursor: next };
      }
    }
    expect(seen.recordings).toBeGreaterThan(0);
    process.stderr.write(
      `${r.operation}: ${seen.recordings} recordings, ${seen.pages} requests, ${seen.things} things read, ` +
        `${seen.empty} empty, ${seen.refused} refused, ${replay.counts.same - seen.same} asked as recorded\n`,
    );
  });

  test('no request goes where nobody recorded one, and the real keys went with them', () => {
    expect(replay.counts.unknown).toEqual([]);
    expect(replay.last()).toMatchObject({ 'dd-api-key': 'api-key', 'dd-application-key': 'app-key' });
  });
});
