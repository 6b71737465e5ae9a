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

/** Names of the activities of a model: two of one provider share them, and each call says which of them it is for. */
export const turnOf = (model: Model): string => `${providerOf(model)}.turn`;
export const countOf = (model: Model): string | undefined => (model.count ? `${providerOf(model)}.count` : undefined);
const providerOf = (model: Model): string => model.name.split(':')[0]!;

/** The turns of models, and their counts of tokens where they have one, as named activities that are given the hash of their request. */
export function activitiesOf(
  models: readonly Model[],
  desk: {
    requests: ReadonlyMap<string, ModelRequest>;
    redact: Redactor;
    now: () => number;
    /** A signal by which a person ends the call that begins now. */
    calling?: () => AbortSignal;
  },
): Activity<unknown, ActivityResult>[] {
  const called = (input: unknown): Model => {
    const found = models.find((m) => m.name === (input as { model: string }).model);
    if (!found) throw new Error('a turn of a model that nobody opened');
    return found;
  };
  const requestOf = (input: unknown): ModelRequest => {
    const found = desk.requests.get((input as { request: string }).request);
    if (!found) throw new Error('a turn of a request that nobody filed');
    return found;
  };
  const turn = (input: unknown, run: Running): Promise<ActivityResult> =>
    limited(desk, run, async (signal, late) => {
      const [model, request] = [called(input), requestOf(input)];
      const reply = await model.turn(request, () => {}, signal);
      const ended = reply.stop === 'aborted' && late() ? ({ ...reply, stop: 'timeout' } as const) : reply;
      return told(inward(ended, desk.redact), model);
    });
  const count = (input: unknown, run: Running): Promise<ActivityResult> =>
    limited(desk, run, async (signal) => {
      const [model, request] = [called(input), requestOf(input)];
      return counted(await inTime(model.count?.(request, signal), signal), model);
    });
  return [
    ...[...new Set(models.map(turnOf))].map((name) => ({ name, version: 1, run: turn })),
    ...[...new Set(models.flatMap((m) => countOf(m) ?? []))].map((name) => ({ name, version: 1, run: count })),
  ];
}

type Running = Parameters<Activity<unknown, ActivityResult>['run']>[1];

/** Work that ends at its deadline and when a person breaks it off; `late` tells that it was the deadline. */
async function limited(
  desk: { now: () => number; calling?: () => AbortSignal },
  { signal, deadline }: Running,
  work: (signal: AbortSignal, late: () => boolean) => Promise<Answer>,
): Promise<ActivityResult> {
  const begun = desk.now();
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), Math.max(0, deadline - begun));
  const person = desk.calling?.();
  try {
    const all = AbortSignal.any([signal, over.signal, ...(person ? [person] : [])]);
    const answer = await work(all, () => over.signal.aborted && !person?.aborted);
    if (signal.aborted) throw new Interrupted('stopped');
    return { answer, attempts: 1, ms: desk.now() - begun };
  } finally {
    clearTimeout(timer);
  }
}

/** What a promise brings before the signal; undefined after it: a provider that does not listen holds nobody up. */
async function inTime<T>(answer: Promise<T | undefined> | undefined, signal: AbortSignal): Promise<T | undefined> {
  if (!answer || signal.aborted) return undefined;
  const over = new Promise<undefined>((done) =>
    signal.addEventListener('abort', () => done(undefined), { once: true }),
  );
  return Promise.race([answer, over]);
}

/** A count as an answer; without a number the provider could not say. */
function counted(tokens: number | undefined, model: Model): Answer {
  const data = tokens === undefined ? {} : { data: { tokens } as unknown as NonNullable<Answer['data']> };
  return {
    status: tokens === undefined ? 'failed' : 'ok',
    summary: tokens === undefined ? 'not counted' : plural(tokens, 'token'),
    searched: model.name,
    trust: 'clean',
    ...data,
  };
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
