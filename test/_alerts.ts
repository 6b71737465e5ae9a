/** What the alert tests share: every normaliser by its file name, and payloads of our own in each vendor's shape. */
import { readdirSync, readFileSync } from 'node:fs';
import { type Intake, type IntakeOptions, readPayload } from '../src/alerts/_intake.ts';
import type { AlertNormaliser } from '../src/core/alerts.ts';

const folder = new URL('../src/alerts/', import.meta.url);
const names = readdirSync(folder)
  .filter((f) => f.endsWith('.ts') && !f.startsWith('_'))
  .map((f) => f.slice(0, -3))
  .sort();

export const normalisers: Record<string, AlertNormaliser> = Object.fromEntries(
  await Promise.all(
    names.map(
      async (n) => [n, ((await import(`../src/alerts/${n}.ts`)) as { alerts: AlertNormaliser }).alerts] as const,
    ),
  ),
);

export const NOW = Date.parse('2026-03-01T12:45:00Z');

export const payload = (name: string): Buffer => readFileSync(new URL(`data/alerts/${name}.json`, import.meta.url));

export const payloadJson = (name: string): Record<string, unknown> =>
  JSON.parse(payload(name).toString()) as Record<string, unknown>;

/** Reads bytes, text, or a value that is written as JSON first. */
export function intake(input: unknown, opts: Partial<IntakeOptions> = {}): Intake {
  const bytes =
    input instanceof Uint8Array
      ? input
      : Buffer.from(typeof input === 'string' ? input : (JSON.stringify(input) ?? ''));
  return readPayload(bytes, 'stdin', normalisers, { now: NOW, ...opts });
}
