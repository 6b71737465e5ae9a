/** A real Prometheus that serves made-up metrics with chosen times, and text of metrics in OpenMetrics. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type Peer, run, start } from './_peers.ts';

/** One sample; time in ms. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  at: number;
  value: number;
}

/** Starts Prometheus on a TSDB folder, with a retention that keeps old blocks. */
export async function servePrometheus(dir: string, args: string[] = []): Promise<Peer> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const config = join(dir, 'prometheus.yml');
  writeFileSync(config, '{}\n', { flag: 'a' });
  return start(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${dir}`,
      '--storage.tsdb.retention.time=50y',
      `--web.listen-address=${url.slice('http://'.length)}`,
      ...args,
    ],
    url,
    '/-/ready',
  );
}

/** A real Prometheus whose blocks hold these samples. */
export async function prometheusWith(samples: readonly Sample[], args: string[] = []): Promise<Peer> {
  const dir = mkdtempSync(join(tmpdir(), 'inquest-prometheus-'));
  const file = join(dir, 'in.om');
  writeFileSync(file, openMetrics(samples));
  run('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', file, join(dir, 'data')]);
  const peer = await servePrometheus(join(dir, 'data'), args);
  return {
    url: peer.url,
    async stop() {
      await peer.stop();
      rmSync(dir, { recursive: true });
    },
  };
}

function openMetrics(samples: readonly Sample[]): string {
  const lines = [...samples]
    .sort((a, b) => a.at - b.at)
    .map(({ name, labels, at, value }) => {
      const pairs = Object.entries(labels).map(([k, v]) => `${k}="${v}"`);
      return `${name}{${pairs.join(',')}} ${value} ${at / 1000}`;
    });
  return `${lines.join('\n')}\n# EOF\n`;
}

/** Counters of requests whose durations have a known median: cumulative buckets, sum and count at each instant. */
export function histogram(
  name: string,
  labels: Record<string, string>,
  instants: readonly number[],
  at: (t: number) => { rate: number; seconds: number },
  unit: 's' | 'ms' = 's',
): Sample[] {
  const bounds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5].map((b) => (unit === 's' ? b : b * 1000));
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let sum = 0;
  const out: Sample[] = [];
  for (const [i, t] of instants.entries()) {
    const { rate, seconds } = at(t);
    const n = (rate * (t - (instants[i - 1] ?? t))) / 1000;
    const took = unit === 's' ? seconds : seconds * 1000;
    for (let b = 0; b <= bounds.length; b++) if (took <= (bounds[b] ?? Infinity)) counts[b] = (counts[b] as number) + n;
    sum += n * took;
    for (let b = 0; b <= bounds.length; b++) {
      const le = bounds[b] === undefined ? '+Inf' : String(bounds[b]);
      out.push({ name: `${name}_bucket`, labels: { ...labels, le }, at: t, value: counts[b] as number });
    }
    out.push({ name: `${name}_count`, labels, at: t, value: counts.at(-1) as number });
    out.push({ name: `${name}_sum`, labels, at: t, value: sum });
  }
  return out;
}

export function counter(
  name: string,
  labels: Record<string, string>,
  instants: readonly number[],
  rate: (t: number) => number,
): Sample[] {
  let value = 0;
  return instants.map((at, i) => {
    value += (rate(at) * (at - (instants[i - 1] ?? at))) / 1000;
    return { name, labels, at, value };
  });
}

export const gauge = (
  name: string,
  labels: Record<string, string>,
  instants: readonly number[],
  value: (t: number) => number,
): Sample[] => instants.map((at) => ({ name, labels, at, value: value(at) }));
