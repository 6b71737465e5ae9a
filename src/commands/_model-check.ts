/** What `doctor` says of the model: which one, in which mode, whether its key is there; and, only when asked to, a call. */
import type { Config } from '../config/load.ts';
import { KEYS } from '../config/model.ts';
import { dollarsOf, type ModelRequest, tokensOf } from '../core/model.ts';
import type { Io } from '../core/ports.ts';
import { digits, plural } from '../core/text.ts';
import { formatDuration } from '../core/time.ts';
import type { Check } from '../core/types.ts';
import { furtherFor } from './_session.ts';

/** The smallest turn there is: it costs a few tokens. */
const HELLO: ModelRequest = {
  system: 'Answer with JSON.',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Answer {"ok": true}.' }] }],
  tools: [],
  mayCall: false,
  answer: {
    name: 'hello',
    schema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false },
  },
  maxTokens: 1024,
};

export async function checkModel(io: Io, config: Config, call: boolean): Promise<Check[]> {
  const { agent, mode } = config;
  if (!agent) return [{ what: 'model', state: 'ok', detail: none(io, mode) }];
  const { model, second, limits } = agent;
  const of = `${model.name} of ${model.provider}`;
  const most = `at most ${plural(limits.turns, 'turn')} and $${digits(limits.dollars)} a run`;
  const also = second ? `, second pass by ${second.name}` : '';
  const variable = KEYS[model.provider];
  // A server of one's own often wants no key; the providers themselves do.
  const needsKey = model.apiKey === undefined && model.url === undefined;
  const detail = `${of}, mode ${mode}, ${model.apiKey ? 'key set' : 'no key'}, ${most}${also}`;
  const check: Check = needsKey
    ? { what: 'model', state: 'warn', detail, fix: `Set ${variable}, or --no-model: without it nobody looks further.` }
    : { what: 'model', state: 'ok', detail };
  return call ? [check, await answers(io, config)] : [check];
}

function none(io: Io, mode: Config['mode']): string {
  if (mode === 'workflow') return 'none asked, by "mode": "workflow"';
  const seen = io.env.ANTHROPIC_API_KEY ? '; ANTHROPIC_API_KEY is set: --model claude-opus-5-5 would look further' : '';
  return `none: verdicts come from the workflow alone${seen}`;
}

/** One turn, sent for real. */
async function answers(io: Io, config: Config): Promise<Check> {
  const { model } = await furtherFor(io, config).further!.open();
  const reply = await model.turn(HELLO, () => {}, AbortSignal.any([io.signal, AbortSignal.timeout(60_000)]));
  if (io.signal.aborted) throw io.signal.reason;
  const cost = dollarsOf(reply.usage, model.price);
  const spent = `${plural(tokensOf(reply.usage), 'token')}${cost === undefined ? '' : `, $${digits(cost)}`}`;
  if (reply.stop === 'answered' || reply.stop === 'max-tokens') {
    const detail = `${reply.model} in ${formatDuration(reply.ms)}, ${spent}`;
    return { what: 'model answers', state: 'ok', detail, facts: { latencyMs: Math.round(reply.ms) } };
  }
  const denied = reply.stop === 'denied';
  return {
    what: 'model answers',
    state: 'fail',
    detail: `${reply.stop}${reply.problem ? `: ${reply.problem}` : ''}`,
    fix: denied ? 'Is the key right, and may it use this model?' : 'The verdict of the workflow stands without it.',
    status: denied ? 'denied' : 'failed',
  };
}
