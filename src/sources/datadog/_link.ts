/** Where a person opens the same in Datadog: the same query over the same time. */
import type { TimeRange } from '../../core/capabilities.ts';
import { toMs } from '../../core/time.ts';
import type { Account } from './_account.ts';

/** Pages of the app, and how each of them names its times. */
const PAGES = {
  logs: ['/logs', 'from_ts', 'to_ts', 'live', 'false'],
  events: ['/event/explorer', 'from_ts', 'to_ts', 'live', 'false'],
  errors: ['/error-tracking', 'from_ts', 'to_ts', 'live', 'false'],
  audit: ['/audit-trail', 'from_ts', 'to_ts', 'live', 'false'],
  traces: ['/apm/traces', 'start', 'end', 'paused', 'true'],
  metrics: ['/metric/explorer', 'start', 'end', 'paused', 'true'],
  deployments: ['/ci/dora/deployments', 'start', 'end', 'paused', 'true'],
  services: ['/software', 'start', 'end', 'paused', 'true'],
} as const;

/** A page of the app with window and query. */
export function linkTo(account: Account, page: keyof typeof PAGES, { from, to }: TimeRange, query?: string): string {
  const [path, start, end, held, value] = PAGES[page];
  const params = new URLSearchParams(query === undefined ? [] : [[page === 'metrics' ? 'exp_query' : 'query', query]]);
  params.set(start, String(toMs(from)));
  params.set(end, String(toMs(to)));
  params.set(held, value);
  return `${account.client.app}${path}?${params.toString()}`;
}

/** A page of one thing: `/monitors/42`. */
export const linkOf = (account: Account, path: string, id: string | number): string =>
  `${account.client.app}${path}/${encodeURIComponent(String(id))}`;
