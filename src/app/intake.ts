/** What is investigated: a payload, a recorded incident, or a sentence. */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fromText } from '../alerts/_alert-from-text.ts';
import { readPayload } from '../alerts/_intake.ts';
import { MAX_PAYLOAD } from '../alerts/_payload.ts';
import type { AlertNormaliser } from '../core/alerts.ts';
import type { TimeRange } from '../core/capabilities.ts';
import { errorCode, UserError } from '../core/errors.ts';
import { plural, bytes as size } from '../core/text.ts';
import { parseInstant, toMs } from '../core/time.ts';
import type { Alert, StepContext } from '../core/types.ts';
import { bundleAlertBytes, readBundleInfo } from '../sources/bundle/_info.ts';
import { loadPlugins } from './plugins.ts';

export interface IntakeFlags {
  bundle?: string;
  text?: string;
  service?: string;
  env?: string;
  pick?: string;
  now?: string;
}

export interface Subject {
  alert: Alert;
  now: number;
  origin: string;
  notes: string[];
  /** Folder of the recorded incident, absolute. */
  bundle?: string;
  recorded?: TimeRange;
  baselines: StepContext['baselines'];
}

/** Finds out what to investigate. `argument` is a file, `-` for standard input, or nothing; `given` is the payload itself. */
export async function takeIn(
  argument: string | undefined,
  flags: IntakeFlags,
  io: { root: string; cwd: string; now: () => number; readStdin: () => Promise<Uint8Array> },
  given?: { bytes: Uint8Array; origin: string },
): Promise<Subject> {
  if (flags.text !== undefined && argument !== undefined) {
    throw new UserError('--text and an alert file were both given', { hints: ['Give one of them.'] });
  }
  const bundle = flags.bundle === undefined ? undefined : resolve(io.cwd, flags.bundle);
  const info = bundle === undefined ? undefined : await readBundleInfo(bundle);
  const now = nowOf(flags.now, info ? toMs(info.now) : io.now());
  const recorded = info
    ? { bundle: bundle as string, recorded: info.window, baselines: info.baselineWindows }
    : { baselines: [] };
  if (flags.text !== undefined) {
    const { text, service, env } = flags;
    const alert = fromText({ text, now, ...(service ? { service } : {}), ...(env ? { env } : {}) });
    return { alert, now, origin: 'said by you', notes: [], ...recorded };
  }
  const payload = given ?? (await payloadOf(argument, bundle, io));
  const normalisers = await loadPlugins<AlertNormaliser>(io.root, 'alerts', 'alerts', 'alert format');
  const { service, env, pick } = flags;
  const read = readPayload(payload.bytes, payload.origin, Object.fromEntries(normalisers), {
    now,
    ...(pick ? { pick: /^\d+$/.test(pick) ? Number(pick) : pick } : {}),
    ...(service ? { service } : {}),
    ...(env ? { env } : {}),
  });
  const chosen =
    read.others.length > 0 ? [`${plural(read.others.length + 1, 'alert')} in the payload; taken: ${read.why}`] : [];
  const origin = `${payload.origin}, ${size(payload.bytes.length)}, read as ${read.source}`;
  return { alert: read.alert, now, origin, notes: [...chosen, ...read.notes], ...recorded };
}

function nowOf(flag: string | undefined, otherwise: number): number {
  if (flag === undefined) return otherwise;
  const at = parseInstant(flag, otherwise);
  if (at === undefined)
    throw new UserError(`--now: "${flag}" is no time`, {
      hints: ['Write 2026-01-31T14:05:00Z, or 15m for 15 minutes ago.'],
    });
  return at;
}

async function payloadOf(
  argument: string | undefined,
  bundle: string | undefined,
  io: { cwd: string; readStdin: () => Promise<Uint8Array> },
): Promise<{ bytes: Uint8Array; origin: string }> {
  if (argument === '-') return { bytes: await io.readStdin(), origin: 'stdin' };
  if (argument !== undefined) return { bytes: await readAlert(resolve(io.cwd, argument), argument), origin: argument };
  if (bundle !== undefined) return { bytes: await bundleAlertBytes(bundle), origin: 'the alert of the bundle' };
  throw new UserError('no alert was given', {
    hints: [
      'A file:    inquest alert.json',
      'A pipe:    pbpaste | inquest -',
      'A folder:  inquest investigate --bundle DIR',
      'In words:  inquest investigate --text "checkout is slow" --service checkout',
      'A demo:    inquest demo',
    ],
  });
}

async function readAlert(file: string, name: string): Promise<Uint8Array> {
  try {
    return await firstBytes(file, MAX_PAYLOAD + 1);
  } catch (e) {
    const code = errorCode(e);
    if (code === 'EISDIR') {
      throw new UserError(`${name} is a folder, not an alert`, {
        hints: [`A recorded incident? inquest investigate --bundle ${name}`],
      });
    }
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'it may not be read' : String(code ?? e);
    throw new UserError(`cannot read the alert ${name}: ${why}`, {
      hints: [
        'Or pipe it: cat alert.json | inquest -',
        'Or say it: inquest investigate --text "checkout is slow" --service checkout',
      ],
    });
  }
}

/** The beginning of a file, never more than `limit` bytes of it in memory. */
async function firstBytes(file: string, limit: number): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const parts: Buffer[] = [];
    for (let size = 0; size < limit; ) {
      const part = Buffer.alloc(Math.min(limit - size, 1 << 20));
      const { bytesRead } = await handle.read(part, 0, part.length);
      if (bytesRead === 0) break;
      parts.push(part.subarray(0, bytesRead));
      size += bytesRead;
    }
    return Buffer.concat(parts);
  } finally {
    await handle.close();
  }
}
