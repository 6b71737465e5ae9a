/** A model as named activities: what goes out and what comes back passes the redactor, and every call is journalled with its cost. */
import { Interrupted } from '../core/errors.ts';
import {
  dollarsOf,
  type Model,
  type ModelRequest,
  type Part,
  type Reply,
  type ReplyStop,
  tokensOf,
} from '../core/model.ts';
import type { Activity } from '../core/ports.ts';
import { bytes, plural } from '../core/text.ts';
import type { ActivityResult, Answer, Status } from '../core/types.ts';
import type { Gates } from '../safety/gates.ts';
import type { Redactor } from '../safety/redact.ts';

/** What a status of ours says of a reply. */
const STATUS: Partial<Record<ReplyStop, Status>> = {
  'rate-limited': 'rate-limited',
  overloaded: 'rate-limited',
  denied: 'denied',
  timeout: 'timeout',
  aborted: 'timeout',
  'cut-off': 'partial',
  'max-tokens': 'partial',
  malformed: 'failed',
  rejected: 'failed',
  failed: 'failed',
  empty: 'empty',
};

/** The turn of a model, and its count of tokens where it has one, as named activities that are given the hash of their request. */
export function activitiesOf(
  model: Model,
  desk: {
    requests: ReadonlyMap<string, ModelRequest>;
    redact: Redactor;
    now: () => number;
    /** A signal by which a person ends the call that begins now. */
    calling?: () => AbortSignal;
  },
): Activity<unknown, ActivityResult>[] {
  const provider = model.name.split(':')[0]!;
  const requestOf = (input: unknown): ModelRequest => {
    const found = desk.requests.get((input as { request: string }).request);
    if (!found) throw new Error('a turn of a request that nobody filed');
    return found;
  };
  const turn: Activity<unknown, ActivityResult> = {
    name: `${provider}.turn`,
    version: 1,
    async run(input, { signal, deadline }) {
      const request = requestOf(input);
      const begun = desk.now();
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), Math.max(0, deadline - begun));
      const person = desk.calling?.();
      try {
        const reply = await model.turn(
          request,
          () => {},
          AbortSignal.any([signal, late.signal, ...(person ? [person] : [])]),
        );
        if (signal.aborted) throw new Interrupted('stopped');
        const ended =
          reply.stop === 'aborted' && late.signal.aborted && !person?.aborted
            ? ({ ...reply, stop: 'timeout' } as const)
            : reply;
        return { answer: told(inward(ended, desk.redact), model), attempts: 1, ms: desk.now() - begun };
      } finally {
        clearTimeout(timer);
      }
    },
  };
  const { count } = model;
  if (!count) return [turn];
  const counting: Activity<unknown, ActivityResult> = {
    name: `${provider}.count`,
    version: 1,
    async run(input, { signal }) {
      const begun = desk.now();
      const tokens = await count(requestOf(input), signal);
      if (signal.aborted) throw new Interrupted('stopped');
      const data = tokens === undefined ? {} : { data: { tokens } as unknown as NonNullable<Answer['data']> };
      const summary = tokens === undefined ? 'not counted' : plural(tokens, 'token');
      const status = tokens === undefined ? ('failed' as const) : ('ok' as const);
      return {
        answer: { status, summary, searched: model.name, trust: 'clean', ...data },
        attempts: 1,
        ms: desk.now() - begun,
      };
    },
  };
  return [turn, counting];
}

/** The second gate: without secrets, with pseudonyms. Thinking blocks came from there and go back unchanged. */
export function outward(r: ModelRequest, gates: Pick<Gates, 'toModel'>): ModelRequest {
  const parts = (all: Part[]): Part[] => all.map((p) => (p.type === 'opaque' ? p : gates.toModel(p)));
  // The messages first: names are numbered by their first appearance there.
  const messages = r.messages.map((m) => ({ ...m, parts: parts(m.parts) }));
  return { ...r, messages, tools: gates.toModel(r.tools) };
}

/** The first gate: what came from the model, before memory and journal. */
function inward(reply: Reply, redact: Redactor): Reply {
  const { parts, ...rest } = reply;
  return { ...redact.value(rest).value, parts: parts.map((p) => (p.type === 'opaque' ? p : redact.value(p).value)) };
}

/** A reply as an answer of the engine: with its status, and what it cost. */
function told(reply: Reply, model: Model): Answer {
  const { usage, stop, problem } = reply;
  const dollars = dollarsOf(usage, model.price);
  const cost = dollars === undefined ? '' : `, $${dollars.toFixed(4)}`;
  return {
    status: STATUS[stop] ?? 'ok',
    summary: `${stop}, ${plural(tokensOf(usage), 'token')}${cost}, ${bytes(JSON.stringify(reply.parts).length)}`,
    searched: model.name,
    trust: 'outsider-writable',
    data: reply as unknown as NonNullable<Answer['data']>,
    ...(problem ? { problem } : {}),
  };
}
