/** What the config says of Datadog → a client: which site, whose keys, which way through a proxy. */
import { UserError } from '../../core/errors.ts';
import { parseOrigin } from '../../safety/allow.ts';
import type { Secret } from '../../safety/secret.ts';
import { plain, readAuthority } from '../_http.ts';
import { openWire, type WireLimits } from '../_wire.ts';
import { clientOver } from './_client.ts';
import type { DatadogClient } from './_shapes.ts';

export interface DatadogConfig {
  /** `datadoghq.eu` …; datadoghq.com where absent. */
  site?: string;
  /** Of a server that stands in for `https://api.<site>`. */
  url?: string;
  apiKey?: Secret | string;
  appKey?: Secret | string;
  /** A delegated or personal access token instead of the two keys. */
  bearer?: Secret | string;
  /** `http(s)://[user:password@]host:port` of a CONNECT proxy. */
  proxy?: Secret | string;
  /** Certificate authority: PEM text, or the path of a PEM file. */
  ca?: string;
  /** Value of the `env` tag where an alert names none. */
  env?: string;
  /** Longest wait for one response; 10 s. */
  timeoutMs?: number;
}

const DEFAULT_SITE = 'datadoghq.com';

/** Prepares the client; asks the network nothing and loads nothing. Throws UserError for a config that cannot work. */
export function openDatadog(
  name: string,
  config: DatadogConfig,
  env: { cwd: string },
  limits: Partial<WireLimits> = {},
): DatadogClient {
  const { site = DEFAULT_SITE, url, proxy, ca, timeoutMs } = config;
  const headers = credentials(name, config);
  const wire = openWire(name, {
    kind: 'datadog',
    origin: parseOrigin(name, url ?? `https://api.${site}`),
    headers,
    ...(proxy !== undefined && { proxy: plain(proxy) }),
    ...(ca !== undefined && { ca: readAuthority(name, ca, env.cwd) }),
    limits: { ...limits, ...(timeoutMs !== undefined && { timeoutMs }) },
  });
  return clientOver(wire, {
    app: appOf(site),
    ...(config.bearer !== undefined && { bearer: true as const }),
    ...(config.env !== undefined && { env: config.env }),
  });
}

/** Where people look: the older sites have a host for it, the numbered ones are it. */
const appOf = (site: string): string => (site.split('.').length === 2 ? `https://app.${site}` : `https://${site}`);

/** The headers that carry the keys, made for each request. */
function credentials(name: string, { apiKey, appKey, bearer }: DatadogConfig): () => Record<string, string> {
  if (bearer !== undefined) return () => ({ authorization: `Bearer ${plain(bearer)}` });
  if (apiKey === undefined || appKey === undefined) {
    const missing = apiKey === undefined ? (appKey === undefined ? '"apiKey" and "appKey"' : '"apiKey"') : '"appKey"';
    throw new UserError(`the source "${name}" needs ${missing}`, {
      hints: ['Write them as { "env": "DD_API_KEY" } and { "env": "DD_APP_KEY" }, or give a "bearer" token instead.'],
      exit: 3,
    });
  }
  return () => ({ 'dd-api-key': plain(apiKey), 'dd-application-key': plain(appKey) });
}
