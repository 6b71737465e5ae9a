/** The alert of a CI job: an argument, a variable, or the event that started the job. */
import { UserError } from '../core/errors.ts';
import type { Host } from './host.ts';

export interface Given {
  bytes: Uint8Array;
  origin: string;
}

/** Events of `repository_dispatch` carry what their sender posted, alone or under one of these names. */
const WRAPPED = ['alert', 'payload', 'event'];

/**
 * The alert where no file was named: INQUEST_ALERT (JSON text), else the event that started the job. Undefined where
 * there is neither. `read` gives the bytes of a file.
 */
export async function givenAlert(
  env: Record<string, string | undefined>,
  host: Host,
  read: (file: string) => Promise<Uint8Array>,
): Promise<Given | undefined> {
  if (env.INQUEST_ALERT) return { bytes: Buffer.from(env.INQUEST_ALERT), origin: 'INQUEST_ALERT' };
  if (host.event === undefined) return undefined;
  const bytes = await read(host.event);
  return { bytes: dispatched(bytes) ?? bytes, origin: 'the event of this job' };
}

/** What a `repository_dispatch` carries, as its sender posted it. */
function dispatched(bytes: Uint8Array): Uint8Array | undefined {
  let event: unknown;
  try {
    event = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  const carried = (event as { client_payload?: unknown } | null)?.client_payload;
  if (carried === undefined) return undefined;
  if (carried === null || typeof carried !== 'object') {
    throw new UserError('the event of this job carries no alert: its client_payload is no object', {
      hints: ['Send the alert itself as "client_payload" of repository_dispatch.'],
    });
  }
  const only = Object.entries(carried);
  const [key, inner] = only.length === 1 ? only[0]! : [];
  const alert =
    key !== undefined && WRAPPED.includes(key) && inner !== null && typeof inner === 'object' ? inner : carried;
  return Buffer.from(JSON.stringify(alert));
}

/**
 * Where `--comment` writes: the number that was given, else the issue or pull request of the event. Throws UserError
 * where there is none, and outside of GitHub.
 */
export async function commentPlace(
  wanted: string | true,
  env: Record<string, string | undefined>,
  host: Host,
  read: (file: string) => Promise<Uint8Array>,
): Promise<{ repo: string; issue: string }> {
  const repo = env.GITHUB_REPOSITORY;
  if (!repo || !/^[\w.-]+\/[\w.-]+$/.test(repo)) {
    throw new UserError('--comment: GITHUB_REPOSITORY names no repository', {
      hints: ['Elsewhere: a notifier of the config, --notify NAME (inquest help config).'],
    });
  }
  const number = wanted === true ? await numberIn(host, read) : wanted;
  if (number !== undefined && /^[1-9]\d{0,9}$/.test(number)) return { repo, issue: number };
  throw new UserError(
    number === undefined
      ? '--comment: this event belongs to no pull request or issue'
      : `--comment: "${number}" is no number`,
    { hints: ['Name it: --comment 812'] },
  );
}

async function numberIn(host: Host, read: (file: string) => Promise<Uint8Array>): Promise<string | undefined> {
  if (host.event === undefined) return undefined;
  const bytes = await read(host.event);
  let event: unknown;
  try {
    event = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  const { pull_request, issue, workflow_run } = (event ?? {}) as Record<string, { number?: unknown } | undefined> & {
    workflow_run?: { pull_requests?: { number?: unknown }[] };
  };
  const found = pull_request?.number ?? issue?.number ?? workflow_run?.pull_requests?.[0]?.number;
  return typeof found === 'number' ? String(found) : undefined;
}
