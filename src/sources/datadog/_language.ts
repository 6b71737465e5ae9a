/** Names in Datadog's query languages. What an alert or a tag says never becomes more than a value in them. */
import type { Account } from './_account.ts';

/**
 * A value of a tag as Datadog stores it: lower case, and `_` for every sign that a tag cannot hold. So it cannot end a
 * scope, open another one or match more than itself.
 */
export const tagValue = (value: string): string =>
  value
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\-:./]/gu, '_')
    .slice(0, 200);

/** The scope of a metric query: `env:prod AND service IN (checkout,orders)`; `*` where nothing narrows it. */
export function metricScope(account: Account, more: Record<string, readonly string[]>): string {
  const { env } = account.client;
  const terms = Object.entries({ ...(env !== undefined && { env: [env] }), ...more }).map(([key, values]) => {
    const all = [...new Set(values.map(tagValue))];
    return all.length === 1 ? `${key}:${all[0]}` : `${key} IN (${all.join(',')})`;
  });
  return terms.join(' AND ') || '*';
}

/** Text as a value of a search: quoted unless it is a plain word. */
export const quoted = (value: string): string =>
  /^[\p{L}\p{N}_][\p{L}\p{N}_\-./]*$/u.test(value) && !/^(?:AND|OR|NOT)$/.test(value)
    ? value
    : `"${value.replaceAll(/[\\"]/g, '\\$&').replaceAll(/\s+/g, ' ')}"`;

/** `key:value`, or `key:(a OR b)`. */
export const facet = (key: string, values: readonly string[]): string =>
  values.length === 1 ? `${key}:${quoted(values[0]!)}` : `${key}:(${values.map(quoted).join(' OR ')})`;

/** A search in one of the streams: the environment, the service under all its names, and what else is wanted. */
export function searchOf(account: Account, service: string | undefined, ...more: (string | undefined)[]): string {
  const { env } = account.client;
  const terms = [
    env === undefined ? undefined : facet('env', [env]),
    service === undefined ? undefined : facet('service', account.names(service)),
    ...more,
  ].filter((t) => t !== undefined);
  return terms.join(' ') || '*';
}

/** First value of a tag in a list of `key:value`. */
export const tagOf = (tags: readonly string[], ...keys: string[]): string | undefined => {
  for (const key of keys) {
    const found = tags.find((t) => t.startsWith(`${key}:`))?.slice(key.length + 1);
    // Datadog's word for a group of what has no such tag.
    if (found !== undefined && found !== '' && found !== 'N/A') return found;
  }
  return undefined;
};

/** Tags that name one running copy of a service, the nearest first. */
export const INSTANCE_TAGS = ['pod_name', 'container_name', 'task_arn', 'host'] as const;
