/** What the engine knows of runs: the questions of its administration in SQL, and the rows that come back. */

/** Name of the workflow under which workers serve runs; part of the address of every run. */
export const WORKFLOW = 'inquest';

/** How the engine says that a run stands. */
export type EngineStatus =
  | 'pending'
  | 'scheduled'
  | 'ready'
  | 'running'
  | 'backing-off'
  | 'suspended'
  | 'paused'
  | 'completed';

/** One run as the engine lists it. Times are ISO-8601. */
export interface Listed {
  run: string;
  invocation: string;
  status: EngineStatus;
  /** How it ended, where it did. */
  result?: 'success' | 'failure';
  failure?: string;
  createdAt: string;
  /** Attempts since it last got on. */
  retries: number;
  lastFailure?: string;
  /** What the run keeps for lists. */
  summary?: unknown;
}

/**
 * A run id is letters and digits. Anybody who reaches the ingress can make runs of any name: such a name must become
 * part of no query, and of no path where a run is stored.
 */
export const isRunId = (text: string): boolean => /^[0-9a-z]{26}$/.test(text);
export const isSuffix = (text: string): boolean => /^[0-9a-z]{1,26}$/.test(text);

/** More runs than that are not meant by one name. */
const NAMED = 20;

const RUNS = `SELECT i.target_service_key AS run, i.id AS invocation, i.status, i.completion_result AS result,
  i.completion_failure AS failure, i.created_at AS created_at, i.retry_count AS retries,
  i.last_failure AS last_failure, s.value_utf8 AS summary
  FROM sys_invocation i LEFT JOIN state s
  ON s.service_name = i.target_service_name AND s.service_key = i.target_service_key AND s.key = 'summary'
  WHERE i.target_service_name = '${WORKFLOW}' AND i.target_handler_name = 'run'`;
const NEWEST = 'ORDER BY i.created_at DESC LIMIT';

export const newest = (limit: number): string => `${RUNS} ${NEWEST} ${Math.floor(limit)}`;
/** `run` must be a run id. */
export const oneRun = (run: string): string => `${RUNS} AND i.target_service_key = '${run}'`;
/** `suffix` must be the end of one. */
export const endingIn = (suffix: string): string =>
  `${RUNS} AND i.target_service_key LIKE '%${suffix}' ${NEWEST} ${NAMED}`;
export const notGettingOn = (retries: number): string =>
  `${RUNS} AND (i.status = 'paused' OR (i.status = 'backing-off' AND i.retry_count >= ${Math.floor(retries)})) ${NEWEST} 1000`;

/** What a run keeps beside itself under names that begin with `told` and stand behind `after`. */
export const toldBehind = (run: string, after: string): string =>
  `SELECT key, value_utf8 AS value FROM state WHERE service_name = '${WORKFLOW}' AND service_key = '${run}'
  AND key LIKE 'told %' AND key > '${after}' ORDER BY key`;

/** One row as a run. */
export function listed(row: Record<string, unknown>): Listed {
  const text = (name: string): string | undefined => (typeof row[name] === 'string' ? row[name] : undefined);
  const [result, failure, lastFailure, summary] = [
    text('result'),
    text('failure'),
    text('last_failure'),
    text('summary'),
  ];
  return {
    run: String(row.run),
    invocation: String(row.invocation),
    status: String(row.status) as EngineStatus,
    ...(result === 'success' || result === 'failure' ? { result } : {}),
    ...(failure === undefined ? {} : { failure }),
    createdAt: String(row.created_at),
    retries: Number(row.retries ?? 0),
    ...(lastFailure === undefined ? {} : { lastFailure }),
    ...(summary === undefined ? {} : { summary: parse(summary) }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
