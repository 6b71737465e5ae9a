/** The engine's own HTTP: runs are sent to its ingress, and looked at through its administration. */
import { UserError } from '../core/errors.ts';
import { oneLine } from '../core/text.ts';

/** Name of the workflow under which workers serve runs; part of the address of every run. */
export const WORKFLOW = 'inquest';

export interface EngineAddress {
  /** Where runs are sent: `http://127.0.0.1:8080`. */
  ingress: string;
  /** Where they are listed, cancelled and resumed: `http://127.0.0.1:9070`. */
  admin: string;
  /** Sent as a bearer token to both, for a proxy in front of them. */
  token?: { reveal(): string };
}

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

export interface EngineClient {
  /** Hands a run over; `again` where the engine has it already. */
  submit(run: string, input: unknown): Promise<'accepted' | 'again'>;
  /** Resolves when the run has ended, with what it gave. Throws UserError where it failed or was cancelled. */
  result(run: string): Promise<unknown>;
  /** Sends a value to a run; false where one of this name was sent before. */
  send(run: string, name: string, value: unknown): Promise<boolean>;
  /** The parts of a run's journal that stand behind this one (`''` = all), in their order. */
  told(run: string, after: string): Promise<{ name: string; part: string }[]>;
  /** Newest first. */
  list(limit: number): Promise<Listed[]>;
  find(run: string): Promise<Listed | undefined>;
  /** False where there was nothing to do. */
  cancel(run: string): Promise<boolean>;
  resume(run: string): Promise<boolean>;
  /** Tells the engine where workers are reached. Throws UserError where it knows other code under this address. */
  register(uri: string): Promise<void>;
}

const TIMEOUT_MS = 10_000;
/** One long wait; it is repeated until the run has ended. */
const LONG_MS = 120_000;

/** Opens the client; asks nothing. */
export function engineClient(at: EngineAddress, io: { fetch: typeof fetch; signal: AbortSignal }): EngineClient {
  const base = (url: string): string => url.replace(/\/+$/, '');

  async function ask(url: string, init: RequestInit, timeoutMs = TIMEOUT_MS): Promise<Response> {
    const limit = AbortSignal.timeout(timeoutMs);
    const headers = {
      accept: 'application/json',
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(at.token ? { authorization: `Bearer ${at.token.reveal()}` } : {}),
    };
    try {
      return await io.fetch(url, { ...init, headers, redirect: 'error', signal: AbortSignal.any([io.signal, limit]) });
    } catch {
      if (io.signal.aborted) throw io.signal.reason;
      const why = limit.aborted ? 'gave no answer in time' : 'cannot be reached';
      throw new UserError(`the engine at ${new URL(url).origin} ${why}`, {
        hints: ['Is it running? See docs/distributed.md.'],
        exit: 4,
      });
    }
  }

  /** The JSON of a good response. */
  async function json(response: Response, what: string): Promise<unknown> {
    const text = await response.text();
    if (!response.ok) {
      throw new UserError(`the engine refused ${what} (${response.status}): ${oneLine(text, 200)}`, { exit: 4 });
    }
    try {
      return text === '' ? null : JSON.parse(text);
    } catch {
      throw new UserError(`the engine answered ${what} with no JSON: ${oneLine(text, 80)}`, { exit: 4 });
    }
  }

  const post = (url: string, body: unknown, timeoutMs?: number): Promise<Response> =>
    ask(url, { method: 'POST', body: JSON.stringify(body) }, timeoutMs);
  const runUrl = (run: string, handler: string): string =>
    `${base(at.ingress)}/${WORKFLOW}/${encodeURIComponent(run)}/${handler}`;

  async function query(sql: string): Promise<Record<string, unknown>[]> {
    const answer = await json(await post(`${base(at.admin)}/query`, { query: sql }), 'a list of its runs');
    return (answer as { rows?: Record<string, unknown>[] })?.rows ?? [];
  }

  const LISTED = `SELECT i.target_service_key AS run, i.id AS invocation, i.status, i.completion_result AS result,
    i.completion_failure AS failure, i.created_at AS created_at, i.retry_count AS retries,
    i.last_failure AS last_failure, s.value_utf8 AS summary
    FROM sys_invocation i LEFT JOIN state s
    ON s.service_name = i.target_service_name AND s.service_key = i.target_service_key AND s.key = 'summary'
    WHERE i.target_service_name = '${WORKFLOW}' AND i.target_handler_name = 'run'`;

  async function find(run: string): Promise<Listed | undefined> {
    // A run id is letters and digits; anything else must not become part of a query.
    if (!/^[0-9a-z]{26}$/.test(run)) return undefined;
    const [row] = await query(`${LISTED} AND i.target_service_key = '${run}'`);
    return row && listed(row);
  }

  /** Asks the administration to do something to the invocation of a run. */
  async function steer(run: string, what: 'cancel' | 'resume'): Promise<boolean> {
    const found = await find(run);
    if (!found || found.status === 'completed') return false;
    const url = `${base(at.admin)}/invocations/${encodeURIComponent(found.invocation)}/${what}`;
    const response = await ask(url, { method: 'PATCH' });
    if (response.status === 404 || response.status === 409) return false;
    await json(response, `to ${what} run ${run}`);
    return true;
  }

  return {
    async submit(run, input) {
      const answer = await json(await post(runUrl(run, 'run/send'), input), `run ${run}`);
      return (answer as { status?: string }).status === 'PreviouslyAccepted' ? 'again' : 'accepted';
    },
    async result(run) {
      const url = `${base(at.ingress)}/restate/workflow/${WORKFLOW}/${encodeURIComponent(run)}/attach`;
      for (;;) {
        const response = await ask(url, { method: 'GET' }, LONG_MS).catch((e: unknown) => {
          if (e instanceof UserError && /in time/.test(e.message)) return undefined;
          throw e;
        });
        if (!response) continue;
        if (response.ok) return json(response, `the result of run ${run}`);
        const said = oneLine(await response.text(), 300);
        throw new UserError(`run ${run} ended without a verdict: ${said}`, {
          hints: [`What it did: inquest show ${run.slice(-6)}`],
          exit: 1,
        });
      }
    },
    send: async (run, name, value) =>
      (await json(await post(runUrl(run, 'send'), { name, value }), 'an answer')) === true,
    told: async (run, after) =>
      (await json(await post(runUrl(run, 'told'), { after }), `what run ${run} told`)) as {
        name: string;
        part: string;
      }[],
    list: async (limit) => (await query(`${LISTED} ORDER BY i.created_at DESC LIMIT ${Math.floor(limit)}`)).map(listed),
    find,
    cancel: (run) => steer(run, 'cancel'),
    resume: (run) => steer(run, 'resume'),
    async register(uri) {
      const answer = await json(await post(`${base(at.admin)}/deployments`, { uri }, 30_000), `the workers at ${uri}`);
      const { services = [] } = answer as { services?: { name?: string }[] };
      if (services.some((s) => s.name === WORKFLOW)) return;
      throw new UserError(`the engine knows other code under ${uri}, and old runs may still need it`, {
        hints: ['New code gets a new address: another --port, and that in --register.'],
      });
    },
  };
}

function listed(row: Record<string, unknown>): Listed {
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
