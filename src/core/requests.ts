/** The requests that were put to systems: what a call keeps of them, and the one line that reports print. */
import { byText } from './canonical.ts';
import type { State } from './run-state.ts';
import { count } from './text.ts';
import type { SentRequest } from './types.ts';

/** Requests that a call keeps one by one. */
const KEPT = 50;

export interface KeptRequests {
  /** In order of path, so that the order of answers changes nothing. */
  requests?: SentRequest[];
  /** How many more were sent. */
  requestsMore?: number;
}

/** At most 50 of the requests of a call as they are now, and the number of those left out; nothing where none was sent. */
export function keptRequests(told: readonly SentRequest[]): KeptRequests {
  if (told.length === 0) return {};
  const order = told
    .map((r) => ({ ...r }))
    .sort((a, b) => byText(a.path, b.path) || byText(a.method, b.method) || (a.status ?? 0) - (b.status ?? 0));
  const more = triesOf(order.slice(KEPT));
  return { requests: order.slice(0, KEPT), ...(more > 0 && { requestsMore: more }) };
}

/** How often something was sent: a further try is a further request. */
const triesOf = (requests: readonly SentRequest[]): number => requests.reduce((n, r) => n + r.tries, 0);

/** Requests by source, in order of name; a source that was asked without requests (a file, a repository) is not in it. */
export function requestsBySource(state: State): Record<string, number> {
  const counts = new Map<string, number>();
  for (const e of state.evidence) {
    if (!e.requests || e.shared) continue;
    const source = state.tools.find((t) => t.name === e.tool)?.source ?? e.tool.split('.')[0] ?? e.tool;
    counts.set(source, (counts.get(source) ?? 0) + triesOf(e.requests) + (e.requestsMore ?? 0));
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => byText(a, b)));
}

/** `Requests: datadog 14, github 6`; undefined where none was sent. */
export function requestsLine(state: State): string | undefined {
  const parts = Object.entries(requestsBySource(state)).map(([source, n]) => `${source} ${count(n)}`);
  return parts.length === 0 ? undefined : `Requests: ${parts.join(', ')}`;
}
