/** How a step asks: every source that offers the capability, each answer with its id in program order. */
import type { Capability, Questions } from '../core/capabilities.ts';
import type { Durable } from '../core/ports.ts';
import { toIso } from '../core/time.ts';
import type { Answer, Evidence, StepContext, ToolSpec } from '../core/types.ts';

/** The `ask` of step number `n`. Ids are given when the question is put, so the order of answers changes nothing. */
export function asker(opts: {
  n: number;
  step: string;
  tools: ToolSpec[];
  durable: Durable;
  /** ms since the epoch; a function where it may move. */
  deadline: number | (() => number);
  /** Letter in front of the ids. */
  letter?: string;
  heard: (e: Evidence) => void;
}): StepContext['ask'] {
  const { n, step, tools, durable, heard, letter = 'E' } = opts;
  const limit = (): number => (typeof opts.deadline === 'number' ? opts.deadline : opts.deadline());
  let asked = 0;
  return async <C extends Capability>(capability: C, question: Questions[C], why: string): Promise<Evidence<C>[]> => {
    const branches = tools
      .filter((t) => t.capability === capability)
      .map((t) => {
        const place = `${letter}${n}.${++asked}`;
        const id = durable.keyOf?.(place, t.name, question) ?? place;
        return async (): Promise<Evidence<C>> => {
          const begun = durable.now();
          const answer = await durable.call<Answer<C>>(id, t.name, question, {
            step,
            capability,
            why,
            deadline: limit(),
          });
          const at = durable.now();
          const evidence = {
            ...answer,
            id,
            step,
            capability,
            tool: t.name,
            input: question,
            why,
            fetchedAt: toIso(at),
            ms: at - begun,
          };
          heard(evidence as unknown as Evidence);
          return evidence;
        };
      });
    return durable.all(branches);
  };
}
