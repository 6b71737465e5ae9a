/** Which service, version and environment a deploy is of, from what teams usually write there. */
import { byText } from '../../core/canonical.ts';
import type { TagParts } from '../_git-tags.ts';
import type { Deployment } from './_history.ts';

export interface Naming {
  /** Reads service and version out of a tag's name. */
  parse(tag: string): TagParts | undefined;
  /** All repositories are this service. */
  whole?: string;
  /** Services of the config with their aliases, by each name. */
  known: ReadonlyMap<string, string>;
}

/** Service, environment and version of a deployment, from the most explicit place that says it. */
export function partsOf(d: Deployment, naming: Naming): { service?: string; env: string; version: string } {
  const payload = objectOf(d.payload);
  const said = (keys: string[]): string | undefined =>
    keys.map((k) => payload[k]).find((v): v is string => typeof v === 'string' && v !== '' && v.length <= 100);
  const tag = d.ref === undefined ? undefined : partsOfTag(d.ref, naming);
  const words = (text: string): string[] => text.split(/[\s/:@,]+/);
  const named = [...words(d.task), ...words(d.environment)].find((w) => naming.known.has(w));
  const dashed = [...naming.known.keys()].find((k) => `-${d.environment}-`.includes(`-${k}-`));
  const known = named ?? dashed;
  const service =
    naming.whole ??
    said(['service', 'app', 'application', 'component']) ??
    (known === undefined ? undefined : naming.known.get(known)) ??
    tag?.service;
  const version = tag?.version ?? said(['version']) ?? versionOfRef(d.ref, d.sha);
  return { ...(service !== undefined && { service }), env: d.environment, version };
}

/** A tag is a version; a branch or a SHA says no more than the commit does. */
const versionOfRef = (ref: string | undefined, sha: string): string =>
  ref !== undefined && /\d/.test(ref) && !sha.startsWith(ref) && !ref.includes('/') ? ref : sha.slice(0, 10);

function objectOf(payload: unknown): Record<string, unknown> {
  let value = payload;
  // GraphQL tells it as text, and so do some who make deployments.
  for (let i = 0; i < 2 && typeof value === 'string'; i++) {
    try {
      value = JSON.parse(value);
    } catch {
      return {};
    }
  }
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** `orders@1.2.3`, `orders-v1.2.3`, `orders/v1.2.3` where the config knows such a service, beside the pattern itself. */
export function partsOfTag(tag: string, { parse, known }: Naming): TagParts | undefined {
  const parts = parse(tag);
  if (parts) return parts;
  const m = /^([\w.-]+?)[@/-](v?\d+\.\d+.*)$/.exec(tag);
  const service = m ? known.get(m[1]!) : undefined;
  return m && service !== undefined ? { service, version: m[2]! } : undefined;
}

/** Environments that sound like production. */
const PRODUCTION = /(?:^|[^a-z])(?:prod|production|prd|live)(?:[^a-z]|$)/i;
const ELSEWHERE = /preview|staging|stage|\bdev|develop|test|\bqa\b|sandbox|review|pull|\bpr\b|pages|demo/i;

/** Without a word of the config: deployments to what is called like production; where nothing is, to all but the known others. */
export function inProduction(deployments: Deployment[]): { chosen: Deployment[]; left: string[] } {
  const all = [...new Set(deployments.map((d) => d.environment))].sort(byText);
  const like = all.filter((e) => PRODUCTION.test(e));
  const envs = new Set(like.length > 0 ? like : all.filter((e) => !ELSEWHERE.test(e)));
  return { chosen: deployments.filter((d) => envs.has(d.environment)), left: all.filter((e) => !envs.has(e)) };
}
