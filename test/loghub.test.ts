/** Templates are right for logs of systems that nobody wrote a rule for. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { measureSystem, systemsOf } from './_loghub.ts';

const hub = process.env.INQUEST_DATA && join(process.env.INQUEST_DATA, 'benchmarks/loghub-2k');
const there = hub !== undefined && existsSync(hub);
if (!there) process.stderr.write('SKIP grouping accuracy: INQUEST_DATA names no folder with benchmarks/loghub-2k\n');

test.skipIf(!there)('mean grouping accuracy of all systems, one configuration, is at least .92', () => {
  const measured = systemsOf(hub as string).map((s) => measureSystem(hub as string, s));
  expect(measured.length).toBeGreaterThan(0);
  expect(measured.reduce((sum, m) => sum + m.accuracy, 0) / measured.length).toBeGreaterThanOrEqual(0.92);
});
