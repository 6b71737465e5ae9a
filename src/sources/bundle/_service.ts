/** Names of one service: the one that was asked for and those that the config gives it elsewhere. */
import type { TimeRange } from '../../core/capabilities.ts';
import { timeSpan } from '../../core/time.ts';
import type { ServiceConfig } from '../../tools/tool.ts';

export type Names = (service: string) => ReadonlySet<string>;

export const namesFrom =
  (services: Record<string, ServiceConfig>): Names =>
  (service) =>
    new Set([service, ...(services[service]?.aliases ?? [])]);

/** `logs.jsonl of checkout-42, service checkout, 09:00:00Z–10:10:00Z`: the question in a human's words. */
export function searchedIn(
  file: string,
  bundle: string,
  question: TimeRange,
  filters: Record<string, unknown>,
): string {
  const said = Object.keys(filters)
    .filter((k) => filters[k] !== undefined && filters[k] !== false)
    .map((k) => (filters[k] === true ? `, ${k}` : `, ${k} ${String(filters[k])}`));
  return `${file} of ${bundle}${said.join('')}, ${timeSpan(question)}`;
}
