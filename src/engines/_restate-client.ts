/** The engine's own HTTP: runs are sent to its ingress, and looked at through its administration. */
import { UserError } from '../core/errors.ts';
import { oneLine } from '../core/text.ts';
import {
  endingIn,
  isRunId,
  isSuffix,
  type Listed,
  listed,
  newest,
  notGettingOn,
  oneRun,
  toldBehind,
  WORKFLOW,
} from './_restate-runs.ts';

export interface EngineAddress {
  /** Where runs are sent: `http://127.0.0.1:8080`. */
  ingress: string;
  /** Where they are listed, cancelled and resumed: `http://127.0.0.1:9070`. */
  admin: string;
  /** Sent as a bearer token to both, for a proxy in front of them. */
  token?: { reveal(): string };
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
  /** Those whose id ends so; at most a few. */
  named(suffix: string): Promise<Listed[]>;
  /** Those that are paused, or were tried at least so often without getting on; however old they are. */
  stuck(retries: number): Promise<Listed[]>;
  find(run: string): Promise<Listed | undefined>;
  /** False where there was nothing to do. */
  cancel(run: string): Promise<boolean>;
  resume(run: string): Promise<boolean>;
  /**
   * Tells the engine where workers are reached. False where it has known newer ones since: an address that it knows
   * already does not become the newest again. Throws UserError where it knows other code under this address.
   */
  register(uri: string): Promise<boolean>;
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

  /** The body; a server that dies while it sends it is away like one that does not answer. */
  async function textOf(response: Response): Promise<string> {
    return response.text().catch(() => {
      if (io.signal.aborted) throw io.signal.reason;
      throw new UserError(`the engine at ${new URL(response.url).origin} broke off its answer`, { exit: 4 });
    });
  }

  /** The JSON of a good response. */
  async function json(response: Response, what: string): Promise<unknown> {
    const text = await textOf(response);
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

  async function rowsOf(sql: string): Promise<Record<string, unknown>[]> {
    const answer = await json(await post(`${base(at.admin)}/query`, { query: sql }), 'to look at its runs');
    return (answer as { rows?: Record<string, unknown>[] })?.rows ?? [];
  }

  const query = async (sql: string): Promise<Listed[]> => (await rowsOf(sql)).map(listed).filter((l) => isRunId(l.run));

  const find = async (run: string): Promise<Listed | undefined> =>
    isRunId(run) ? (await query(oneRun(run)))[0] : undefined;

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
        const said = oneLine(await textOf(response), 300);
        throw new UserError(`run ${run} ended without a verdict: ${said}`, {
          hints: [`What it did: inquest show ${run.slice(-6)}`],
          exit: 1,
        });
      }
    },
    send: async (run, name, value) =>
      (await json(await post(runUrl(run, 'send'), { name, value }), 'an answer')) === true,
    // Not through a worker: none may be there, and the engine would keep each look for days.
    async told(run, after) {
      if (!isRunId(run) || !/^[\w ]*$/.test(after)) return [];
      const rows = await rowsOf(toldBehind(run, after));
      return rows.map((row) => ({ name: String(row.key), part: String(JSON.parse(String(row.value))) }));
    },
    list: (limit) => query(newest(limit)),
    named: async (suffix) => (isSuffix(suffix) ? query(endingIn(suffix)) : []),
    stuck: (retries) => query(notGettingOn(retries)),
    find,
    cancel: (run) => steer(run, 'cancel'),
    resume: (run) => steer(run, 'resume'),
    async register(uri) {
      const answer = await json(await post(`${base(at.admin)}/deployments`, { uri }, 30_000), `the workers at ${uri}`);
      const { id, services = [] } = answer as { id?: string; services?: { name?: string }[] };
      if (services.some((s) => s.name === WORKFLOW)) {
        const now = await json(await ask(`${base(at.admin)}/services/${WORKFLOW}`, { method: 'GET' }), 'its services');
        return (now as { deployment_id?: string }).deployment_id === id;
      }
      throw new UserError(`the engine knows other code under ${uri}, and old runs may still need it`, {
        hints: ['New code gets a new address: another --port, and that in --register.'],
      });
    },
  };
}
