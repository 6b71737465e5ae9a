/** A tool: one read-only question that one source can answer. A source: a system that offers tools. */
import type { Answers, Capability, Questions } from '../core/capabilities.ts';
import type { Answer, Check, SentRequest } from '../core/types.ts';

export interface ToolContext {
  /** Aborted at the call's own timeout and when the run is stopped. */
  signal: AbortSignal;
  /** Told of each request when it is first sent; what becomes of it is filled in afterwards. Handed on to the wire. */
  tell?: (sent: SentRequest) => void;
}

/** One read. `run` returns failures as data (status and problem); it throws only for bugs and when aborted. */
export interface Tool<C extends Capability = Capability> {
  /** `<source>.<capability>`. */
  name: string;
  source: string;
  capability: C;
  /** What it asks and returns, for people and for a model. */
  description: string;
  /** Raised when the same question would now be answered in another shape. */
  version: number;
  risk: 'read';
  cost: 'cheap' | 'expensive';
  run(question: Questions[C], ctx: ToolContext): Promise<Answer<C>>;
}

/** An opened source: its tools, its own check, and what it knows of time. */
export interface OpenSource {
  name: string;
  tools: Tool[];
  /** Feeds `doctor`: can it be reached, what may we do, how to mend it; what is found for a service, and how. */
  check(ctx: ToolContext & { service?: string }): Promise<Check[]>;
  /** Releases files, sockets, timers. */
  close?(): Promise<void>;
}

/** What a source plug-in exports as `source`. `Config` is what the config file holds under its name. */
export interface SourcePlugin<Config = Record<string, unknown>> {
  title: string;
  /** Opens it without asking the network anything. Throws UserError for a config that cannot work. */
  open(name: string, config: Config, env: SourceEnv): Promise<OpenSource>;
}

/** What a source may use of the outside. */
export interface SourceEnv {
  cwd: string;
  /** Values of secrets that the config names by `{ "env": "NAME" }` or `{ "file": "path" }`, already read. */
  fetch: typeof fetch;
  /** The moment of the investigation in ms: nothing later exists. */
  now(): number;
  /** `services` of the config: how a service is named in each source. */
  services: Record<string, ServiceConfig>;
  /** Further tries of one request, where the config says it. */
  retries?: number | undefined;
}

/** What the config says of one service: raw queries by signal, and its names elsewhere. */
export interface ServiceConfig {
  /** PromQL by kind of signal: `{ "latency": "histogram_quantile(…)", "errors": "…" }`. */
  queries?: Record<string, string> | undefined;
  /** Label matchers that select it in Prometheus: `{ "job": "checkout" }`. */
  labels?: Record<string, string> | undefined;
  /** Folders of a repository that belong to it. */
  paths?: string[] | undefined;
  /** Other names under which logs or traces know it. */
  aliases?: string[] | undefined;
  /** Services that it calls, where no source knows. */
  calls?: string[] | undefined;
}

/** Builds a tool with its name and the defaults in place. */
export function tool<C extends Capability>(
  source: string,
  capability: C,
  description: string,
  run: Tool<C>['run'],
  more: { version?: number; cost?: Tool['cost'] } = {},
): Tool {
  const made: Tool<C> = {
    name: `${source}.${capability}`,
    source,
    capability,
    description,
    version: more.version ?? 1,
    risk: 'read',
    cost: more.cost ?? 'cheap',
    run,
  };
  return made as unknown as Tool;
}

/** The answers that every tool needs: complete, complete and empty, incomplete, not possible. */
export const answer = {
  ok<C extends Capability>(data: Answers[C], rest: Omit<Answer<C>, 'status' | 'data'>): Answer<C> {
    return { status: 'ok', data, ...rest };
  },
  /** Asked, complete, nothing there. */
  empty<C extends Capability>(data: Answers[C], rest: Omit<Answer<C>, 'status' | 'data'>): Answer<C> {
    return { status: 'empty', data, ...rest };
  },
  problem(
    status: Exclude<Answer['status'], 'ok' | 'empty'>,
    rest: { summary: string; searched: string; problem: string; retryable?: boolean },
  ): Answer<never> {
    return { status, trust: 'clean', ...rest };
  },
};
