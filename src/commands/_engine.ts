/** What commands share that speak with a distributed engine. */
import { exportRun } from '../app/distributed-journal.ts';
import { loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { type EngineClient, engineClient, type Listed } from '../engines/_restate-client.ts';
import type { RunSummary } from '../journal/runs.ts';

/** The engine that the config names; undefined where it names none. */
export async function configuredEngine(io: Io): Promise<EngineClient | undefined> {
  const { engine } = await loadConfig({}, io.env, io.cwd, paths(io.env).userConfig);
  return engine && engineClient(engine, { fetch, signal: io.signal });
}

/** A run of the engine as lists show it. */
export function summaryOf(l: Listed): RunSummary {
  const kept = l.summary as RunSummary | undefined;
  const base: RunSummary = kept ?? {
    id: l.run,
    startedAt: l.createdAt,
    title: '',
    fingerprint: '',
    state: 'unfinished',
  };
  if (l.result === 'failure') return { ...base, state: 'unreadable', problem: `failed: ${l.failure ?? 'no reason'}` };
  return base;
}

/**
 * The runs of the engine that this name fits are brought into our own store, so that what follows finds them there.
 * True where something came; false where no engine is configured, none fits, or nothing is new.
 */
export async function fetchFromEngine(io: Io, suffix: string): Promise<boolean> {
  const client = await configuredEngine(io);
  if (!client) return false;
  const fits = (await client.list(1000)).filter((l) => l.run.endsWith(suffix.toLowerCase()));
  let came = 0;
  for (const { run } of fits.slice(0, 5)) came += await exportRun(io, paths(io.env).runs, client, run);
  return came > 0;
}

/** The engine of a run that is worked on there. Throws UserError where the config does not name it any more. */
export async function engineOfRun(io: Io, run: string): Promise<EngineClient> {
  const client = await configuredEngine(io);
  if (client) return client;
  throw new UserError(`run ${shortId(run)} is worked on by an engine, and the config names none`, {
    hints: ['Add "engine": { "type": "restate", "ingress": "http://…:8080", "admin": "http://…:9070" }.'],
  });
}

/** The run of the engine that this name fits and that has told nothing yet: there is no journal of it to look at. */
export async function silentRun(io: Io, suffix: string): Promise<{ client: EngineClient; run: string } | undefined> {
  const client = await configuredEngine(io);
  const fits = ((await client?.list(1000)) ?? []).filter((l) => l.run.endsWith(suffix.toLowerCase()));
  return client && fits.length === 1 ? { client, run: fits[0]!.run } : undefined;
}
