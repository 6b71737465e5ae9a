/** The recorded incident on a real Prometheus, behind the wire that counts. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWire, type Wire } from './_crash.ts';
import { ROOT } from './_program.ts';
import { servePrometheus } from './_prometheus.ts';

export async function openSource(): Promise<{ wire: Wire; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'inquest-crash-source-'));
  execFileSync('tar', ['xzf', join(ROOT, 'fixtures/raw/amber-finch/tsdb.tgz'), '-C', folder]);
  const prometheus = await servePrometheus(join(folder, 'tsdb'));
  const wire = await openWire(prometheus.url);
  return {
    wire,
    async stop() {
      await wire.stop();
      await prometheus.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
