/** The ports: what the outside hands in. Fakes are ordinary implementations of these. */
import type { Event, EventBody, ResultRef } from './events.ts';
import type { State } from './run-state.ts';
import type { ActivityResult } from './types.ts';

/** Tells one fact; resolves when it is durable and every subscriber has seen it. */
export type Emit = (event: EventBody) => Promise<void>;

/** A subscriber of the stream. Called in order, awaited. */
export interface Sink {
  on(event: Event, state: State): Promise<void> | void;
  /** The run is over, or broke; last chance to draw. */
  close?(): Promise<void> | void;
}

/** Where the stream is kept. `append` resolves when the events are durable. */
export interface Log {
  append(events: Event[]): Promise<void>;
}

/** Payloads too large for a journal line, named by their hash; durable before `put` resolves. */
export interface Blobs {
  put(text: string): Promise<ResultRef & { blob: string }>;
  get(blob: string): Promise<string>;
}

/** What was sent to a run from outside, by name; kept until it is read, whoever writes the journal. */
export interface Mailbox {
  /** Undefined = nothing was sent under this name yet. */
  read(name: string): Promise<unknown>;
  /** False where something was sent under this name before: the first one counts. */
  post(name: string, value: unknown): Promise<boolean>;
}

/** Fetches the whole data behind a result, for claims, reports and `show`. */
export type Load = (ref: ResultRef) => Promise<unknown>;

/** A form in which a run is told: State → text. */
export interface Report {
  mime: string;
  /** It leaves this machine: addresses and personal ids become pseudonyms before it is rendered. */
  published?: boolean;
  render(state: State, load: Load, drawing?: { ascii: boolean }): Promise<string>;
}

/** A named question to the outside: looked up by name, JSON in, JSON out, never a closure. */
export interface Activity<In = unknown, Out = unknown> {
  name: string;
  version: number;
  run(input: In, ctx: { key: string; signal: AbortSignal; deadline: number }): Promise<Out>;
}

/** What the workflow runs on: locally the journal, elsewhere a durable-execution engine. */
export interface Durable {
  readonly run: string;
  /** The key under which a question is asked now: its own, or `E3.2v2` where it is to be asked again. */
  keyOf?(key: string, activity: string, input: unknown): string;
  /** The result of the activity for this key; asked once, then always the recorded one. */
  call<Out>(key: string, activity: string, input: unknown, opts: CallOptions): Promise<Out>;
  /** All branches started at once in this order; results in this order. */
  all<T>(branches: (() => Promise<T>)[]): Promise<T[]>;
  sleep(key: string, ms: number): Promise<void>;
  /** A named signal, possibly sent before it is awaited; null at the deadline. */
  signal<T>(name: string, deadline: number): Promise<T | null>;
  now(): number;
}

export interface CallOptions {
  step: string;
  capability: string;
  why: string;
  /** Wall-clock limit in ms since the epoch, for the activity's own use; not part of its identity. */
  deadline: number;
}

/** What an engine is made of. */
export interface EngineParts {
  run: string;
  emit: Emit;
  blobs: Blobs;
  past: Event[];
  activities: ReadonlyMap<string, Activity<unknown, ActivityResult>>;
  signal: AbortSignal;
  now: () => number;
  /** Where signals come from; without one nobody sends any. */
  mail?: Mailbox;
}

/** The process as the program sees it; only cli.ts makes one from `process`. */
export interface Io {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  stdin: NodeJS.ReadStream;
  env: Record<string, string | undefined>;
  cwd: string;
  /** Folder of the built program: plug-ins and playbooks lie below it. */
  root: string;
  pid: number;
  /** Whether a process with this id exists here. */
  alive(pid: number): boolean;
  now(): number;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  /** What Ctrl-C does, for keys read in raw mode: stops cleanly, or exits at once. */
  stop(atOnce?: boolean): void;
  /** Called whenever the process ends, however it ends: gives the terminal back. */
  onExit(restore: () => void): void;
  /** Stops the process as Ctrl-Z does, and calls back when it goes on. */
  suspend(back: () => void): void;
  exitCode: number;
}
