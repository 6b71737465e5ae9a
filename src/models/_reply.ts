/** What the providers' adapters share: replies without content, and statuses in our words. */
import { NO_USAGE, type Reply, type ReplyStop, type Usage } from '../core/model.ts';
import { oneLine } from '../core/text.ts';

/** A turn that brought nothing, and why. */
export const failed = (
  stop: ReplyStop,
  model: string,
  ms: number,
  problem: string,
  more: { requestId?: string; usage?: Usage } = {},
): Reply => ({ stop, parts: [], usage: NO_USAGE, model, ms, problem: oneLine(problem, 300), ...more });

/** The kind of a failure by its HTTP status. */
export function stopOf(status: number): ReplyStop {
  if (status === 408 || status === 504) return 'timeout';
  if (status === 429) return 'rate-limited';
  if (status === 503 || status === 529) return 'overloaded';
  if (status === 401 || status === 402 || status === 403) return 'denied';
  return status >= 500 || status === 409 ? 'failed' : 'rejected';
}
