/** Made-up incidents of any size: one service begins to fail ten minutes before the end of an hour. */

import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from '../fixtures/lab/world/random.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const ONSET = NOW - 10 * 60_000;
const START = NOW - 60 * 60_000;
const SERVICES = ['front', 'cart', 'orders', 'payment', 'stock', 'users', 'mail', 'search'];
const GUILTY = 'stock';
const iso = (ms) => new Date(ms).toISOString();

/** Seeded, so that each run measures the same bytes. */
function dice(seed) {
  const next = seeded(seed);
  const int = (n) => Math.floor(next() * n);
  const hex = (n) => Array.from({ length: n }, () => '0123456789abcdef'[int(16)]).join('');
  return { next, int, hex, of: (list) => list[int(list.length)] };
}

/** Writes a bundle with `size` points, lines or spans, or all of them and five lines a span; returns its bytes. */
export async function makeIncident(dir, kind, size) {
  const json = (file, value) => writeFileSync(join(dir, file), JSON.stringify(value));
  json('bundle.json', {
    schema: 'inquest.bundle/v1',
    name: `${kind}-${size}`,
    now: iso(NOW),
    window: { from: iso(START), to: iso(NOW) },
  });
  json('alert.json', {
    schema: 'inquest.alert/v1',
    title: 'front: errors',
    service: 'front',
    startsAt: iso(ONSET + 120_000),
    labels: {},
    annotations: {},
  });
  json('topology.json', {
    services: SERVICES.map((name) => ({ name })),
    calls: SERVICES.slice(1).map((s) => ['front', s]),
  });
  const write = (file, lines) => writeLines(join(dir, `${file}.jsonl`), lines);
  const made = {
    points: () => [write('metrics', points(size, dice(size)))],
    lines: () => [write('logs', logs(size, dice(size)))],
    spans: () => [write('traces', spans(size, dice(size)))],
    mixed: () => [
      write('metrics', points(size, dice(size))),
      write('logs', logs(size * 5, dice(size), tracesOf(size))),
      write('traces', spans(size, dice(size))),
    ],
  };
  return (await Promise.all(made[kind]())).reduce((a, b) => a + b, 0);
}

/** Lines of a log as JSON, and the window to look at them. */
export const madeLines = (count) => ({
  from: iso(ONSET),
  to: iso(NOW),
  baseline: [{ from: iso(START), to: iso(ONSET) }],
  texts: [...logs(count, dice(count))],
});

async function writeLines(path, lines) {
  const out = createWriteStream(path);
  let bytes = 0;
  let part = '';
  for (const line of lines) {
    part += `${line}\n`;
    if (part.length < 1 << 20) continue;
    bytes += Buffer.byteLength(part);
    if (!out.write(part)) await once(out, 'drain');
    part = '';
  }
  out.end(part);
  await once(out, 'close');
  return bytes + Buffer.byteLength(part);
}

/** 61 samples a series. */
function* points(size, { int }) {
  const kinds = ['latency', 'errors', 'traffic', 'cpu', 'memory'];
  for (let n = 0, i = 0; n < size; n += 61, i++) {
    const service = SERVICES[i % SERVICES.length];
    const kind = kinds[((i / SERVICES.length) | 0) % kinds.length];
    const timestamps = Array.from({ length: 61 }, (_, k) => START + k * 60_000);
    const bad = service === GUILTY && (kind === 'latency' || kind === 'errors');
    const values = timestamps.map((t) => (bad && t >= ONSET ? 40 : 4) + int(100) / 100);
    yield JSON.stringify({
      metric: { __name__: `${kind}_${(i / 40) | 0}`, service, instance: `${service}-${(i / 40) | 0}` },
      kind,
      timestamps,
      values,
    });
  }
}

const STATEMENTS = [
  (d) => [
    'INFO',
    `GET /api/v1/items/${d.int(1e6)} HTTP/1.1 200 ${d.int(4000)} ${d.int(300)}ms from 10.0.${d.int(255)}.${d.int(255)}`,
  ],
  (d) => [
    'INFO',
    `order ${d.hex(8)}-${d.hex(4)}-${d.hex(4)}-${d.hex(4)}-${d.hex(12)} accepted, amount=${d.int(1e4) / 100} currency=EUR`,
  ],
  (d) => ['DEBUG', `cache miss key=user:${d.int(1e5)}:profile ttl=${d.int(600)} shard=${d.int(16)}`],
  (d) => ['INFO', `worker-${d.int(32)} picked job ${d.hex(16)} from queue emails after ${d.int(900)} ms`],
  (d) => ['INFO', `connection to redis-${d.int(4)}.prod.svc:6379 established after ${d.int(5)} retries`],
  (d) => [
    'DEBUG',
    `query took ${d.int(500)} ms: SELECT * FROM items WHERE id IN (${d.int(1e4)}, ${d.int(1e4)}) LIMIT 50`,
  ],
  (d) => [
    'WARN',
    `slow consumer ${d.of(['alice', 'bob', 'carol', 'dave', 'erin', 'frank'])} lags ${d.int(1e4)} messages behind`,
  ],
  (d) => [
    'INFO',
    `com.shop.${d.of(SERVICES)}.Handler:${100 + d.int(9)} done in ${d.int(99)} ms (${d.of(['hit', 'miss'])})`,
  ],
];
const FAILING = (d) => [
  'ERROR',
  `could not reserve item ${d.int(1e5)}\ncom.shop.StockException: sku ${d.int(1e5)} is locked\n\tat java.util.HashMap.get(HashMap.java:5)\n\tat com.shop.Stock.take(Stock.java:42)`,
];

/** The time decides the trace that a line belongs to, where there are traces. */
function* logs(size, d, traces = 0) {
  for (let i = 0; i < size; i++) {
    const at = START + Math.floor((i * (NOW - START)) / size);
    const service = d.of(SERVICES);
    const fails = service === GUILTY && at >= ONSET && d.next() < 0.1;
    const [severityText, body] = (fails ? FAILING : d.of(STATEMENTS))(d);
    yield JSON.stringify({
      timestamp: iso(at),
      severityText,
      body,
      resource: { 'service.name': service, 'k8s.pod.name': `${service}-${d.int(3)}` },
      ...(traces > 0 && { traceId: traceIdOf(Math.floor((i * traces) / size)) }),
    });
  }
}

const tracesOf = (size) => Math.ceil(size / 10);
const traceIdOf = (i) => dice(i).hex(32);

/** Ten spans a trace: the front, its call of each other service as client and server. */
function* spans(size, d) {
  const traces = tracesOf(size);
  for (let i = 0; i < traces; i++) {
    const start = START + Math.floor((i * (NOW - START)) / traces);
    const traceId = traceIdOf(i);
    const span = (parentSpanId, name, service, offset, durationMs, fails) => {
      const spanId = d.hex(16);
      const line = JSON.stringify({
        traceId,
        spanId,
        ...(parentSpanId && { parentSpanId }),
        name,
        startTime: iso(start + offset),
        durationMs,
        status: fails ? 'error' : 'ok',
        resource: { 'service.name': service, 'k8s.pod.name': `${service}-${d.int(3)}` },
        attributes: {
          'http.request.method': 'GET',
          'http.response.status_code': fails ? 500 : 200,
          'net.peer.port': 8080,
        },
      });
      return [spanId, line];
    };
    const late = start >= ONSET;
    const [root, line] = span(undefined, `GET /checkout/${i}`, 'front', 0, (late ? 420 : 120) + d.int(20), false);
    yield line;
    for (const [k, service] of ['cart', 'orders', 'stock'].entries()) {
      const slow = late && service === GUILTY;
      const took = (slow ? 320 : 20) + d.int(10);
      const [client, text] = span(root, `call ${service}`, 'front', k * 40, took + 4, slow);
      yield text;
      const [server, served] = span(client, `GET /${service}/${d.int(1e5)}`, service, k * 40 + 2, took, slow);
      yield served;
      yield span(server, 'SELECT', service, k * 40 + 4, took - 6, false)[1];
    }
  }
}
