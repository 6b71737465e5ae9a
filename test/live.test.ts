/** The recorded incident, investigated live: a real Prometheus on its TSDB, its git repository, its log files. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Peer, peer } from './_peers.ts';
import { DEMO, inquest, ROOT } from './_program.ts';
import { servePrometheus } from './_prometheus.ts';
import { tempFolder } from './_temp.ts';

const RAW = join(ROOT, 'fixtures/raw/amber-finch');
const ready = ['prometheus', 'git'].map(peer).every(Boolean);

interface Told {
  outcome: { kind: string; entity: { name: string }; change: string; category: string; confirmed: boolean };
  evidence: { status: string; tool: string }[];
}

describe.skipIf(!ready)('the recorded incident, live', () => {
  let prometheus: Peer;
  const home = tempFolder();
  const { now } = JSON.parse(readFileSync(join(DEMO, 'bundle.json'), 'utf8')) as { now: string };
  const sources = (): string[] => [
    '--prometheus',
    prometheus.url,
    '--git',
    join(home, 'repo.git'),
    '--logs',
    join(home, 'logs/*.jsonl'),
  ];

  beforeAll(async () => {
    execFileSync('tar', ['xzf', join(RAW, 'tsdb.tgz'), '-C', home]);
    execFileSync('git', ['clone', '-q', '--bare', join(RAW, 'repo.bundle'), join(home, 'repo.git')]);
    mkdirSync(join(home, 'logs'));
    for (const name of readdirSync(join(RAW, 'logs'))) {
      writeFileSync(join(home, 'logs', name.replace('.gz', '')), gunzipSync(readFileSync(join(RAW, 'logs', name))));
    }
    prometheus = await servePrometheus(join(home, 'tsdb'));
  });
  afterAll(() => prometheus?.stop());

  test('gives the verdict that the bundle gives', async () => {
    const bundle = JSON.parse((await inquest(['demo', '--json', '-q'], { home })).stdout) as Told;
    const ran = await inquest(['investigate', join(DEMO, 'alert.json'), ...sources(), '--now', now, '--json', '-q'], {
      home,
    });
    const live = JSON.parse(ran.stdout) as Told;
    const essence = ({ outcome: o }: Told) => [o.kind, o.entity.name, o.change, o.category, o.confirmed];
    expect(essence(live)).toEqual(essence(bundle));
    expect(ran.code).toBe(0);
    expect(new Set(live.evidence.map((e) => e.tool.split('.')[0]))).toEqual(
      new Set(['prometheus', 'git', 'logs', 'history']),
    );
  });

  test('goes on without a source that is dead, and says what it could not check', async () => {
    const args = [
      'investigate',
      join(DEMO, 'alert.json'),
      ...sources(),
      '--alertmanager',
      'http://127.0.0.1:9',
      '--now',
      now,
    ];
    const ran = await inquest([...args, '--json', '-q'], { home });
    const { notChecked } = JSON.parse(ran.stdout) as { notChecked: { what: string }[] };
    expect(notChecked.map((n) => n.what).join()).toMatch(/alertmanager/);
    expect([0, 10]).toContain(ran.code);
  });

  test('with every source dead ends with exit 4, a report, and no stack', async () => {
    const ran = await inquest(
      ['investigate', join(DEMO, 'alert.json'), '--prometheus', 'http://127.0.0.1:9', '--now', now, '--timeout', '2s'],
      { home },
    );
    expect(ran.code).toBe(4);
    expect(ran.stdout).toMatch(/Not checked/);
    expect(ran.stdout + ran.stderr).not.toMatch(/\n\s+at /);
  });

  test('doctor says for a service what it finds, and how', async () => {
    const ran = await inquest(['doctor', ...sources(), '--service', 'orders', '--now', now], { home });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/request_latency|latency/);
  });
});
