/** Puts the calls of one turn: at once, through the same door as every step, each answer made small and told only once. */

import type { AgentCall } from '../core/agent.ts';
import { hashOf } from '../core/canonical.ts';
import type { ModelTool, Part } from '../core/model.ts';
import { oneLine } from '../core/text.ts';
import type { Evidence, StepContext } from '../core/types.ts';
import { abstractWords } from '../safety/for-model.ts';
import { safeText } from '../safety/safe-text.ts';
import { answerFor, warning } from './brief.ts';
import { ANSWERS_MAX } from './budget.ts';
import { page } from './digest.ts';
import { linesOf } from './lines.ts';
import { type Asked, asked, type Reach } from './offer.ts';
import type { Look } from './progress.ts';

/** Questions of one turn; more are not answered. */
export const AT_ONCE = 8;
/** Room that the frame of an answer takes, characters. */
const FRAME = 700;

type Call = Extract<Part, { type: 'call' }>;

/** What the loop remembers of its questions. */
export interface Memory {
  /** Evidence by question: what was asked once is not asked again. */
  answered: Map<string, Evidence[]>;
  /** Hashes of all that was told. */
  told: Set<string>;
  looks: Look[];
  evidence: Map<string, Evidence>;
  /** Takes in the names that an answer brought. */
  learn(e: Evidence): void;
}

export interface Answered {
  results: Part[];
  calls: AgentCall[];
  /** Questions that were put. */
  put: number;
}

/** Answers the calls of a turn in their order. `left` = questions that the budget still holds. */
export async function answerCalls(
  calls: Call[],
  o: {
    turn: number;
    offered: ModelTool[];
    reach: Reach;
    /** What the model wrote, with the addresses that its pseudonyms stand for. */
    back<T>(json: T): T;
    ask: StepContext['ask'];
    left: number;
    memory: Memory;
  },
): Promise<Answered> {
  const { memory, turn } = o;
  const room = Math.floor(ANSWERS_MAX / Math.max(1, Math.min(calls.length, AT_ONCE)));
  let put = 0;
  // Ids are given in the order of the calls, whatever the order of the answers.
  const waiting = calls.map((call, i) => {
    const what =
      i < AT_ONCE
        ? asked(call.name, o.back(call.input), o.offered, o.reach)
        : { problem: `only ${AT_ONCE} calls a turn are answered` };
    if (!('ask' in what)) return { call, what };
    const key = questionKey(what);
    const known = memory.answered.get(key);
    if (known) return { call, what, key, known };
    if (put >= o.left) return { call, what: { problem: 'not asked: no questions are left in the budget' } };
    put++;
    const answers = o.ask(what.ask, what.question, `test of ${what.tests}`);
    memory.answered.set(key, []);
    return { call, what, key, answers };
  });
  // All at once, and all over before the first is told: nothing is left running behind our back.
  await Promise.allSettled(waiting.flatMap((w) => w.answers ?? []));
  const out: Answered = { results: [], calls: [], put };
  for (const w of waiting) {
    const told = await tell(w, memory, room);
    const text = fitted(told.say, room);
    const result = told.fresh ? hashOf(told.content) : '';
    if (told.fresh) memory.told.add(result);
    out.results.push({ type: 'result', id: w.call.id, text, ...(told.problem ? { failed: true } : {}) });
    const question = 'key' in w && w.key ? w.key : `${w.call.name} ${hashOf(w.call.input)}`;
    memory.looks.push({
      turn,
      question,
      result: hashOf(told.content),
      failed: told.problem !== undefined,
      fresh: told.fresh,
      ...('tests' in w.what ? { tests: w.what.tests } : {}),
    });
    out.calls.push({
      tool: oneLine(safeText(w.call.name), 60),
      input: 'ask' in w.what ? w.what.question : {},
      ...('tests' in w.what ? { tests: w.what.tests } : {}),
      evidence: told.evidence,
      ...(told.problem ? { problem: told.problem } : {}),
      ...(told.repeated ? { repeated: true } : {}),
    });
  }
  return out;
}

interface Told {
  /** The answer for a given room. */
  say(room: number): unknown;
  /** What was learned: the same content is nothing new. */
  content: unknown;
  evidence: string[];
  fresh: boolean;
  problem?: string;
  repeated?: boolean;
}

async function tell(
  w: { what: Asked; key?: string; known?: Evidence[]; answers?: Promise<Evidence[]> },
  memory: Memory,
  room: number,
): Promise<Told> {
  const { what } = w;
  if ('problem' in what) return refused(what.problem);
  if ('read' in what) return pageOf(what, memory);
  if (w.known) {
    const ids = w.known.map((e) => e.id);
    const say = `asked before, the answer is ${ids.join(' ')} above; it is the same now`;
    return { say: () => ({ say }), content: w.known.map(contentOf), evidence: ids, fresh: false, repeated: true };
  }
  const answers = (await w.answers) ?? [];
  for (const e of answers) {
    memory.evidence.set(e.id, e);
    memory.learn(e);
  }
  memory.answered.get(w.key ?? '')?.push(...answers);
  if (answers.length === 0) return refused('no source offers this');
  // Of what outsiders wrote the shape is told; the words as they stand come by read_lines.
  const lines = answers.map((e) => (e.trust === 'clean' ? linesOf(e) : linesOf(e).map(abstractWords)));
  const content = answers.map(contentOf);
  const failed = answers.every((e) => e.status !== 'ok' && e.status !== 'empty' && e.status !== 'partial');
  const each = (of: number): number => Math.floor(of / answers.length) - FRAME;
  return {
    say: (of = room) => answers.map((e, i) => answerFor(e, lines[i]!, each(of))),
    content,
    evidence: answers.map((e) => e.id),
    // Nothing found is worth knowing once; a failure is not.
    fresh: !failed && !memory.told.has(hashOf(content)),
    ...(failed ? { problem: oneLine(answers[0]!.problem ?? answers[0]!.summary, 200) } : {}),
  };
}

const refused = (problem: string): Told => ({
  say: () => ({ error: problem }),
  content: problem,
  evidence: [],
  fresh: false,
  problem: oneLine(problem, 200),
});

function pageOf(what: { read: string; from: number; to: number }, memory: Memory): Told {
  const id = what.read.replace(/#.*$/, '');
  const e = memory.evidence.get(id);
  if (!e) return refused(`there is no evidence ${oneLine(what.read, 40)} in this run`);
  const lines = linesOf(e);
  if (what.from > lines.length) return refused(`${id} has ${lines.length} lines`);
  const content = [id, lines.slice(what.from - 1, what.to)];
  const say = (room: number): unknown => {
    const part = page(lines, what.from, what.to, Math.max(200, room - FRAME));
    return { evidence: id, ...warning(e), shown: `${part.shown} of ${part.of} lines`, lines: part.lines };
  };
  return { say, content, evidence: [id], fresh: !memory.told.has(hashOf(content)) };
}

/** An answer without what differs each time. */
const contentOf = (e: Evidence): unknown => [e.tool, e.status, e.data ?? e.summary];

/** Bytes count, not characters: what does not fit as JSON is asked for in less room. */
function fitted(say: (room: number) => unknown, room: number): string {
  let size = room;
  for (;;) {
    const text = JSON.stringify(say(size));
    if (Buffer.byteLength(JSON.stringify(text)) <= room || size < FRAME) return text;
    size = Math.floor(size * 0.7);
  }
}

/** The same question in other words of its values is the same question. */
function questionKey(what: Extract<Asked, { ask: unknown }>): string {
  const { ...q } = what.question as unknown as Record<string, unknown>;
  if (typeof q.text === 'string') q.text = q.text.trim().toLowerCase();
  return `${what.ask} ${hashOf(q)}`;
}
