/** A day of `serve` on a clock of our own: the real desk, the real inbox on disk, investigations that end at once. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { alerts as inquest } from '../src/alerts/inquest.ts';
import { HOUR } from '../src/core/time.ts';
import { openSegments } from '../src/journal/segments.ts';
import { createRedactor } from '../src/safety/redact.ts';
import { loadRuleSet } from '../src/safety/redact-ruleset.ts';
import { Dispatcher } from '../src/serve/dispatcher.ts';
import type { InboxBody, InboxEvent } from '../src/serve/events.ts';
import { Ledger, skippingCarried, timeOf } from '../src/serve/ledger.ts';
import { openLog } from '../src/serve/log.ts';
import { Metrics } from '../src/serve/metrics.ts';
import { Receiver } from '../src/serve/receiver.ts';
import { DEFAULT_RULES, type Hook, type Rules } from '../src/serve/rules.ts';
import { TOKEN } from './_serve.ts';

export interface Soaked {
  alerts: number;
  investigations: number;
  /** MiB after a collection, a sample for each hour. */
  heap: number[];
  files: number[];
  /** Handles and timers that keep the process awake. */
  handles: number[];
  cases: number[];
  /** Bytes of the inbox at the end. */
  disk: number;
}

/** Plays `hours` with an alert a second; of `fingerprints` different things in `services` services. */
export async function soak(
  folder: string,
  o: { hours: number; fingerprints: number; services: number; random: () => number },
): Promise<Soaked> {
  let clock = Date.UTC(2026, 2, 1);
  const now = (): number => clock;
  const hook: Hook = { name: 'token', type: 'inquest', credentials: { scheme: 'bearer', secrets: [TOKEN] } };
  const rules: Rules = { ...DEFAULT_RULES, perHour: {}, perService: {}, dollarsPerRun: 0, hooks: [hook], calls: [] };
  const ledger = new Ledger({ forgetMs: 2 * HOUR, cases: 500 });
  const writer = { pid: process.pid, host: 'soak', program: 'soak', now, alive: () => false };
  const inbox = await openSegments<InboxEvent, InboxBody>(
    folder,
    writer,
    { schema: 'soak/v1', bytes: 2 ** 20, keep: 8 * 2 ** 20 },
    {
      fold: skippingCarried((e: InboxEvent) => ledger.fold(e, timeOf(e))),
      carry: (through) => ({ type: 'inbox.carried', through, state: ledger.carried() }),
    },
  );
  const metrics = new Metrics();
  const log = openLog(() => {}, now);
  const ended = new Set<string>();
  let broken: unknown;
  const redactor = createRedactor([TOKEN], { rules: await loadRuleSet() });
  const redact = <T>(json: T): T => redactor.value(json).value;
  const dispatcher = new Dispatcher({
    ...{ ledger, rules, inbox, metrics, log, now, redact },
    runs: {
      start({ run }) {
        ended.add(run);
        return { ended: Promise.resolve({ exit: 0, words: '' }), tell() {}, stop() {}, kill() {} };
      },
      ended: (run) =>
        Promise.resolve(
          ended.has(run)
            ? { exit: 0, outcome: 'cause', headline: 'x', ms: 900, calls: 20, tokens: 10, dollars: 0.01, topology: [] }
            : undefined,
        ),
      busy: () => false,
      join: () => Promise.resolve(true),
    },
    onBroken(e) {
      broken ??= e;
    },
  });
  const receiver = new Receiver({
    hooks: [hook],
    normalisers: { inquest },
    redact,
    certificateOf: () => Promise.reject(new Error('none')),
    dispatcher,
    log,
    now,
  });
  const headers = { authorization: `Bearer ${TOKEN}` };
  const out: Soaked = { alerts: 0, investigations: 0, heap: [], files: [], handles: [], cases: [], disk: 0 };
  const started = new Map<number, number>();
  for (let second = 0; second < o.hours * 3600; second++) {
    clock += 1000;
    const n = Math.floor(o.random() * o.fingerprints);
    const firing = !started.has(n) || o.random() < 0.7;
    if (firing && !started.has(n)) started.set(n, clock);
    const alert = {
      schema: 'inquest.alert/v1',
      title: `Trouble ${n}, value ${second}`,
      service: `service-${n % o.services}`,
      severity: n % 5 === 0 ? 'critical' : 'warning',
      fingerprint: `f${n}`,
      startsAt: new Date(started.get(n) ?? clock).toISOString(),
      status: firing ? 'firing' : 'resolved',
    };
    if (!firing) started.delete(n);
    const answer = await receiver.receive({
      name: 'token',
      path: '',
      address: '127.0.0.1',
      headers,
      body: Readable.from([Buffer.from(JSON.stringify(alert))]),
    });
    if (answer.status === 202) out.alerts++;
    dispatcher.tick();
    if (broken) throw broken;
    if ((second + 1) % 3600 === 0) sample(out, ledger.cases.size);
  }
  out.investigations = ended.size;
  await dispatcher.stop();
  await inbox.close();
  out.disk = readdirSync(folder).reduce((sum, name) => sum + readFileSync(join(folder, name)).length, 0);
  return out;
}

function sample(out: Soaked, cases: number): void {
  globalThis.gc?.();
  out.heap.push(process.memoryUsage().heapUsed / 2 ** 20);
  out.files.push(readdirSync('/proc/self/fd').length);
  out.handles.push(process.getActiveResourcesInfo().length);
  out.cases.push(cases);
}

/** The mean of the last third less that of the first one. */
export function growth(samples: number[]): number {
  const third = Math.max(1, Math.floor(samples.length / 3));
  const mean = (xs: number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
  return mean(samples.slice(-third)) - mean(samples.slice(0, third));
}
