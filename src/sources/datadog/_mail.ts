/** What main thread and worker write to each other. `call` is the number of a call, `ask` of one of its requests. */
import type { Asked } from './_package.ts';
import type { Operation } from './_shapes.ts';

export type ToWorker =
  | { kind: 'start'; call: number; operation: Operation; input: unknown }
  | { kind: 'answered'; call: number; status: number; text: string }
  /** The request got no answer that counts, or nobody waits for the call any more. */
  | { kind: 'refused'; call: number };

export type ToMain =
  | { kind: 'loaded' }
  | { kind: 'ask'; call: number; asked: Asked }
  | { kind: 'done'; call: number; out: unknown }
  /** `bug`: the question itself could not be put. */
  | { kind: 'failed'; call: number; message: string; bug: boolean };
