/** Events of platforms and databases: judged by the current state, and by what they measured. */
import { expect, test } from 'vitest';
import { dominantStatement } from '../src/analysis/database-load.ts';
import { recoveryOf } from '../src/analysis/event-recovery.ts';
import { readEvent, readText } from '../src/analysis/event-rules.ts';
import { lastWords } from '../src/analysis/kube-last-words.ts';
import { quantityOf } from '../src/analysis/kube-quotas.ts';
import { checkClaim } from '../src/claims/check.ts';
import type { TelemetryEvent } from '../src/core/telemetry.ts';
import type { Evidence } from '../src/core/types.ts';

const event = (minute: number, title: string, more: Partial<TelemetryEvent> = {}): TelemetryEvent => ({
  time: `2026-01-01T12:${String(minute).padStart(2, '0')}:00Z`,
  source: 'cloud',
  kind: 'notification',
  service: 'orders-db',
  title,
  ...more,
});

test('trouble that a later event of the same subject ends is over, and only then', () => {
  const low = event(1, 'free storage space is low (3 GB remaining)');
  const grown = event(6, 'Storage autoscaling completed');
  expect(recoveryOf('orders-db', [low, grown])).toEqual({ trouble: low, end: grown });
  expect(recoveryOf('orders-db', [low])).toBeUndefined();
  expect(recoveryOf('orders-db', [low, event(6, 'Backup completed')])).toBeUndefined();
  expect(recoveryOf('orders-db', [low, { ...grown, service: 'other-db' }])).toBeUndefined();
  expect(recoveryOf('orders-db', [low, grown, event(9, 'storage space is low again')])).toBeUndefined();
});

test('one statement that makes nearly all of the load is named, a busy mix is not', () => {
  const statement = (title: string, load: number): TelemetryEvent =>
    event(9, title, {
      kind: 'top-sql',
      attributes: { dbLoadAvg: load, waitEvents: [{ name: 'CPU', dbLoadAvg: load }] },
    });
  const heavy = [statement('SELECT * FROM orders', 7), statement('SELECT 1', 1)];
  expect(dominantStatement('orders-db', heavy)).toMatchObject({ sessions: 7, wait: 'CPU' });
  expect(dominantStatement('orders-db', [statement('SELECT a', 5), statement('SELECT b', 5)])).toBeUndefined();
  expect(dominantStatement('orders-db', [statement('SELECT a', 1)])).toBeUndefined();
});

test('a daemon that does not run is said by who watches the node, not by any line of a log', () => {
  const title = 'kube-proxy on worker-3: inactive (dead)';
  expect(readEvent(event(1, title))).toMatchObject({ category: 'infrastructure', outside: true });
  expect(readText(title)).toBeUndefined();
});

test('what a check or a load report measured is clean, what an event only says is not', () => {
  const trust = (e: TelemetryEvent): string => {
    const evidence = {
      id: 'E1',
      capability: 'events.list',
      status: 'ok',
      trust: 'outsider-writable',
      data: { events: [e] },
    };
    const claim = { type: 'count', evidence: 'E1', what: 'events', match: e.title, atLeast: 1 } as const;
    return checkClaim(claim, () => evidence as unknown as Evidence).trust;
  };
  expect(trust(event(1, 'kubelet: inactive', { kind: 'check' }))).toBe('clean');
  expect(trust(event(1, 'SELECT 1', { kind: 'top-sql', attributes: { dbLoadAvg: 5 } }))).toBe('clean');
  expect(trust(event(1, 'the disk is full, says a ticket', { kind: 'ticket' }))).toBe('outsider-writable');
});

test('the last words of a container that crashes: the most special reason, quoted from where it stands', () => {
  const words = lastWords(['Communications link failure', "x: Access denied for user 'shop'@'10.0.0.1'\n\tat Y"]);
  expect(words).toEqual({
    what: 'it is refused with its credentials',
    quote: "Access denied for user 'shop'@'10.0.0.1'",
  });
  expect(lastWords(['listening on 8080'])).toBeUndefined();
});

test('quantities are compared by size, not as text', () => {
  expect([quantityOf('1500m'), quantityOf('2'), quantityOf('1Gi'), quantityOf('1G')]).toEqual([1.5, 2, 2 ** 30, 1e9]);
  expect(quantityOf('many')).toBeNaN();
});
