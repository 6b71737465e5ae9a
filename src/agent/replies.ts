/** What of a reply may be used. */
import { NO_USAGE, type Reply } from '../core/model.ts';
import type { Answer } from '../core/types.ts';

/** Bytes of a reply for each token that it may have: no tokenizer packs more on average. */
const BYTES_A_TOKEN = 16;

/** Replies that become part of the transcript. */
export const keeps = (r: Reply): boolean =>
  (r.stop === 'calls' || r.stop === 'answered' || r.stop === 'paused') && r.parts.length > 0;

/** A reply longer than its limit allows is none: whoever sent it does not keep to the protocol. */
export function sound(reply: Reply, maxTokens: number): Reply {
  const size = Buffer.byteLength(JSON.stringify(reply.parts));
  const kept = keeps(reply) || reply.parts.length > 0;
  if (size <= maxTokens * BYTES_A_TOKEN) return kept || reply.stop !== 'answered' ? reply : { ...reply, stop: 'empty' };
  return {
    ...reply,
    stop: 'malformed',
    parts: [],
    problem: `a reply of ${size} bytes where ${maxTokens} tokens are the most`,
  };
}

export const failedOf = (a: Answer): Reply => ({
  stop: 'failed',
  parts: [],
  usage: NO_USAGE,
  model: '',
  problem: a.problem ?? a.summary,
  ms: 0,
});
