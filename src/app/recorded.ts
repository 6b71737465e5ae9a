/** Recorded answers as sources: the same tools by name, each question answered by what was journalled. No network. */
import { canonical, hashOf } from '../core/canonical.ts';
import { defined } from '../core/defined.ts';
import type { CallAnswer, Event } from '../core/events.ts';
import type { Load } from '../core/ports.ts';
import type { Answer, ToolSpec } from '../core/types.ts';
import { answer, type OpenSource, type Tool } from '../tools/tool.ts';

/** Finds the recorded answer to a question; undefined where there is none. */
export type Lookup = (tool: string, question: unknown) => Promise<Answer | undefined>;

/** Questions that nothing was recorded for, in the order in which they were put. */
export interface Unrecorded {
  tool: string;
  question: unknown;
}

/** The newest answer of a journal to each question. */
export function lookupIn(events: Event[], load: Load): Lookup {
  const answers = new Map<string, CallAnswer>();
  for (const e of events) if (e.type === 'call.finished') answers.set(`${e.activity} ${e.inputHash}`, e);
  return async (tool, question) => {
    const found = answers.get(`${tool} ${hashOf(question)}`);
    return found && answerOf(found, load);
  };
}

/** An answer as its tool gave it. */
export async function answerOf(e: CallAnswer, load: Load): Promise<Answer> {
  const { status, summary, searched, trust, sample, link, truncated, redacted, problem, result } = e;
  const data = result && ((await load(result)) as Answer['data']);
  return defined({ status, summary, searched, trust, sample, link, truncated, redacted, problem, data });
}

/**
 * The tools of `specs`, grouped by source, in their order.
 * @param opts.otherwise asked where nothing was recorded
 * @param opts.before awaited before each answer: lets a test shuffle their order
 */
export function recordedSources(
  specs: ToolSpec[],
  lookup: Lookup,
  opts: {
    unrecorded?: Unrecorded[];
    before?: (tool: string, question: unknown) => Promise<void>;
    otherwise?: (spec: ToolSpec, question: unknown, signal: AbortSignal) => Promise<Answer | undefined>;
  } = {},
): OpenSource[] {
  const toolOf = (spec: ToolSpec): Tool => ({
    ...spec,
    risk: 'read',
    cost: 'cheap',
    async run(question, { signal }) {
      await opts.before?.(spec.name, question);
      const found = await lookup(spec.name, question);
      if (found) return found;
      const other = await opts.otherwise?.(spec, question, signal);
      if (other) return other;
      opts.unrecorded?.push({ tool: spec.name, question });
      return answer.problem('failed', {
        summary: 'not recorded',
        searched: canonical(question),
        problem: 'the recording holds no answer to this question',
      });
    },
  });
  const names = [...new Set(specs.map((s) => s.source))];
  return names.map((name) => ({
    name,
    tools: specs.filter((s) => s.source === name).map(toolOf),
    check: () => Promise.resolve([]),
  }));
}
