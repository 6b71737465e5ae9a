/** From the bytes of a verified delivery to alerts, the one that leads first. They have not passed a gate yet. */
import { compare } from '../alerts/_choose.ts';
import { readPayload } from '../alerts/_intake.ts';
import type { AlertNormaliser } from '../core/alerts.ts';
import { UserError } from '../core/errors.ts';
import type { Alert } from '../core/types.ts';

/** More alerts of one delivery are not read: a sender groups tens, not thousands. */
export const ALERTS_MAX = 500;

export type Read =
  | { alerts: Alert[]; notes: string[] }
  /** No JSON: the sender is told. */
  | { broken: string }
  /** A delivery that holds nothing to investigate; `why` says what it is. */
  | { nothing: string };

/** Reads a delivery. `form` = it is a web form (Slack), not JSON. */
export function readDelivery(
  bytes: Buffer,
  o: { form: boolean; normalisers: Readonly<Record<string, AlertNormaliser>>; now: number },
): Read {
  const json = o.form
    ? Buffer.from(JSON.stringify(Object.fromEntries(new URLSearchParams(bytes.toString('utf8')))))
    : bytes;
  try {
    const read = readPayload(json, 'the payload', o.normalisers, { now: o.now });
    const all = [read.alert, ...read.others].slice(0, ALERTS_MAX);
    const alerts = [...all].sort(compare);
    const left = read.others.length + 1 - all.length;
    return { alerts, notes: [...read.notes, ...(left > 0 ? [`${left} more alerts were left out`] : [])] };
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    return isJson(json) ? { nothing: e.message } : { broken: e.message };
  }
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}
