/** Kills `serve` under load, again and again on one inbox, and counts what was lost and what was done twice. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endOfRun } from '../src/app/served.ts';
import type { Event } from '../src/core/events.ts';
import { decodeLine } from '../src/journal/line.ts';
import { keyOf } from '../src/serve/decide.ts';
import type { InboxEvent } from '../src/serve/events.ts';
import type { Ledger } from '../src/serve/ledger.ts';
import { freePort } from './_peers.ts';
import { alertOf, demoAlert, type Served, startServe, until } from './_serve.ts';

export interface CrashCounts {
  kills: number;
  acknowledged: number;
  investigations: number;
  /** Acknowledged alerts that are not in the inbox, or there with another run. */
  lost: number;
  /** Alerts with more than one investigation, and runs that began or ended more than once. */
  doubled: number;
  /** Investigations that did not come to their end. */
  unfinished: number;
  unreadable: number;
}

const SERVE = { debounce: '24h', queue: 10_000, perHour: { runs: 100_000 }, perService: { runs: 100_000 } };

/** What was acknowledged: alert → run. */
type Acknowledged = Map<string, string>;

/**
 * @param o.urgent so many of the alerts are urgent: each is an investigation; all others wait
 * @param o.random numbers from 0 to 1
 */
export async function crashServe(
  home: string,
  o: { kills: number; urgent: number; random: () => number; say?: (text: string) => void },
): Promise<CrashCounts> {
  const port = await freePort();
  const acknowledged: Acknowledged = new Map();
  let n = 0;
  for (let kill = 0; kill < o.kills; kill++) {
    const s = await startServe({ home, port, serve: SERVE });
    const load = new AbortController();
    const first = n;
    const sender = async (): Promise<void> => {
      while (!load.signal.aborted && n < first + 12) {
        const i = n++;
        const urgent = i % Math.ceil((o.kills * 4) / o.urgent) === 0;
        await send(s, acknowledged, alertOf(i, { severity: urgent ? 'critical' : 'warning' }));
        // The same again, an old one again, and the end of another.
        await send(s, acknowledged, alertOf(i, { severity: urgent ? 'critical' : 'warning' }));
        const old = Math.floor(o.random() * i);
        await send(s, acknowledged, alertOf(old, { severity: 'warning' }));
      }
    };
    const senders = [sender(), sender(), sender()];
    await new Promise((go) => setTimeout(go, o.random() * 400));
    await s.kill();
    load.abort();
    await Promise.all(senders);
    if ((kill + 1) % 100 === 0) o.say?.(`${kill + 1} kills, ${acknowledged.size} alerts acknowledged`);
  }
  const last = await startServe({ home, port, serve: SERVE });
  await send(last, acknowledged, demoAlert() as Record<string, unknown>);
  await until(async () => {
    const metrics = await fetch(`${last.url}/metrics`).then((r) => r.text());
    const due = Number(/^inquest_runs_running (\d+)/m.exec(metrics)?.[1]);
    const { starts, ended } = eventsIn(home);
    const open = starts.filter((e) => e.urgent && !ended.has(e.run));
    return due === 0 && open.length === 0 ? true : undefined;
  }, 600_000);
  await last.stop();
  return { kills: o.kills, ...(await judge(home, acknowledged)) };
}

async function send(s: Served, acknowledged: Acknowledged, alert: Record<string, unknown>): Promise<void> {
  try {
    const answer = await s.post(alert);
    if (answer.status !== 202) return;
    const { alerts } = (await answer.json()) as { alerts: { do: string; run?: string }[] };
    const [told] = alerts;
    if (told?.run && told.do === 'start')
      acknowledged.set(keyOf('token', { fingerprint: String(alert.fingerprint ?? 'b0242dcf259b4316') }), told.run);
  } catch {
    // It was killed before it answered: nothing was acknowledged.
  }
}

function eventsIn(home: string) {
  const folder = join(home, 'inquest/inbox');
  const starts: { key: string; run: string; urgent: boolean }[] = [];
  const ended = new Set<string>();
  let unreadable = 0;
  let carried: ReturnType<typeof casesIn> = [];
  for (const name of readdirSync(folder)
    .filter((f) => f.endsWith('.ndjson'))
    .sort()) {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n');
    for (const [i, line] of lines.entries()) {
      if (line === '') continue;
      const read = decodeLine(Buffer.from(line));
      if (!read.ok) {
        // The end of a write that a kill cut off.
        if (i < lines.length - 1) unreadable++;
        continue;
      }
      const e = read.event as unknown as InboxEvent;
      if (e.type === 'alert.taken' && e.decision.do === 'start') starts.push({ key: e.key, ...e.decision });
      if (e.type === 'run.ended') ended.add(e.run);
      // Segments that are too old are gone; what they held is carried on.
      if (e.type === 'inbox.carried') {
        carried = casesIn(e.state);
        for (const c of carried) if (c.ended) ended.add(c.run);
      }
    }
  }
  return { starts: [...starts, ...carried], ended, unreadable };
}

function casesIn(state: unknown): { key: string; run: string; urgent: boolean; ended: boolean }[] {
  const { cases } = state as ReturnType<Ledger['carried']>;
  return cases.flatMap(({ run, urgent, members, phase }) =>
    members.filter((m) => m.as === 'leads').map(({ key }) => ({ key, run, urgent, ended: phase === 'ended' })),
  );
}

async function judge(home: string, acknowledged: Acknowledged): Promise<Omit<CrashCounts, 'kills'>> {
  const { starts, ended, unreadable } = eventsIn(home);
  const runOf = new Map<string, Set<string>>();
  for (const { key, run } of starts) runOf.set(key, (runOf.get(key) ?? new Set()).add(run));
  const lost = [...acknowledged].filter(([key, run]) => !runOf.get(key)?.has(run)).length;
  const runs = join(home, 'inquest/runs');
  const begun = readdirSync(runs);
  const alerts = new Map<string, number>();
  let twice = [...runOf.values()].filter((set) => set.size > 1).length;
  let unfinished = starts.filter((s) => s.urgent && !ended.has(s.run)).length;
  for (const run of begun) {
    const lines = readFileSync(join(runs, run, 'journal.ndjson'), 'utf8')
      .trim()
      .split('\n');
    const events = lines.map((line) => JSON.parse(line) as Event);
    const count = (type: Event['type']): number => events.filter((e) => e.type === type).length;
    if (count('run.started') !== 1 || count('run.finished') > 1) twice++;
    if (!(await endOfRun(runs, run))) unfinished++;
    const start = events.find((e) => e.type === 'run.started');
    const fingerprint = start?.alert.fingerprint ?? run;
    alerts.set(fingerprint, (alerts.get(fingerprint) ?? 0) + 1);
  }
  const doubled = twice + [...alerts.values()].filter((times) => times > 1).length;
  return { acknowledged: acknowledged.size, investigations: begun.length, lost, doubled, unfinished, unreadable };
}
