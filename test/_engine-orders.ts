/** Orders for the engine: from a recorded incident, or many small ones that differ in their fingerprint alone. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Order } from '../src/app/distributed.ts';
import { takeIn } from '../src/app/intake.ts';
import type { Config } from '../src/config/load.ts';
import { ulidOf } from '../src/core/ids.ts';
import { toIso } from '../src/core/time.ts';
import { planWindow } from '../src/workflow/window.ts';
import { ROOT } from './_program.ts';

/** What `inquest investigate --bundle` would hand over. */
export async function orderOf(bundle: string): Promise<Order> {
  const io = {
    root: join(ROOT, 'src'),
    cwd: '/',
    now: () => Date.now(),
    readStdin: () => Promise.resolve(new Uint8Array()),
  };
  const subject = await takeIn(undefined, { bundle }, io);
  const window = planWindow({
    alert: subject.alert,
    now: subject.now,
    ...(subject.recorded ? { recorded: subject.recorded } : {}),
  });
  const facts = { alert: subject.alert, window, now: toIso(subject.now), origin: subject.origin, settings: { bundle } };
  return { facts, baselines: subject.baselines };
}

/** The same incident as alert number `n`, with the id of its run. */
export function numbered(order: Order, n: number): { run: string; order: Order } {
  const alert = { ...order.facts.alert, fingerprint: `copy-${n}` };
  return {
    run: ulidOf(Date.parse(alert.startsAt) + n, alert.fingerprint),
    order: { ...order, facts: { ...order.facts, alert } },
  };
}

const NOW = Date.parse('2026-01-10T12:10:00Z');

/** A small incident that takes milliseconds to judge: two services, ten minutes, a deploy and errors after it. */
export function smallIncident(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const times = Array.from({ length: 40 }, (_, i) => NOW - (40 - i) * 15_000);
  const series = (
    service: string,
    name: string,
    kind: string,
    unit: string,
    value: (late: boolean) => number,
  ): string =>
    JSON.stringify({
      metric: { __name__: name, service },
      kind,
      unit,
      timestamps: times,
      values: times.map((t, i) => value(t >= NOW - 240_000) + (i % 3) * 0.01),
    });
  const write = (file: string, lines: string[]): void => writeFileSync(join(dir, file), `${lines.join('\n')}\n`);
  write('bundle.json', [
    JSON.stringify({
      schema: 'inquest.bundle/v1',
      name: 'small',
      now: toIso(NOW),
      window: { from: toIso(times[0]!), to: toIso(NOW) },
    }),
  ]);
  write('alert.json', [
    JSON.stringify({
      schema: 'inquest.alert/v1',
      title: 'web answers with errors',
      service: 'web',
      startsAt: toIso(NOW - 180_000),
      labels: { alertname: 'WebErrors' },
      annotations: {},
    }),
  ]);
  write('metrics.jsonl', [
    series('web', 'http_errors_per_second', 'errors', '1/s', (late) => (late ? 9 : 0)),
    series('web', 'http_requests_per_second', 'traffic', '1/s', () => 50),
    series('db', 'query_latency', 'latency', 's', () => 0.01),
  ]);
  write('topology.json', [JSON.stringify({ services: [{ name: 'web' }, { name: 'db' }], calls: [['web', 'db']] })]);
  write('changes.jsonl', [
    JSON.stringify({
      id: 'deploy/web/2',
      time: toIso(NOW - 245_000),
      kind: 'deploy',
      service: 'web',
      version: '2',
      previousVersion: '1',
      title: 'web: another way to answer',
    }),
  ]);
  write('logs.jsonl', [
    ...times.map((t) =>
      JSON.stringify({
        timestamp: toIso(t),
        severityText: t >= NOW - 240_000 ? 'ERROR' : 'INFO',
        body: t >= NOW - 240_000 ? 'cannot answer: no way found' : 'answered',
        resource: { 'service.name': 'web' },
      }),
    ),
  ]);
  return dir;
}

/** A config that looks at this recorded incident and at nothing else. */
export const configOf = (bundle: string): Config => ({
  sources: { bundle: { type: 'bundle', config: { dir: bundle }, from: 'here' } },
  services: {},
  gate: {},
  playbooks: [],
  secrets: [],
  files: [],
});
