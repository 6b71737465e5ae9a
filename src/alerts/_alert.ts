/** From what a payload says to an `Alert`: service and environment by their labels, links, fingerprint, notes. */
import { given, type ReadAlert } from '../core/alerts.ts';
import { byText, hashOf } from '../core/canonical.ts';
import { toIso } from '../core/time.ts';
import type { Alert } from '../core/types.ts';
import { text } from './_read.ts';

export interface Draft {
  source: string;
  title: string;
  service?: string | undefined;
  env?: string | undefined;
  severity?: string | undefined;
  status: Alert['status'];
  /** ms; where it is missing `now` is used, and a note says so. */
  startsAt: number | undefined;
  endsAt?: number | undefined;
  metric?: string | undefined;
  query?: string | undefined;
  labels: Record<string, string>;
  annotations: Record<string, string | undefined>;
  links: (Alert['links'][number] | undefined)[];
  /** The sender's own, or what identifies the thing that alerts. */
  fingerprint?: string | undefined;
  identity?: unknown;
  notes?: string[];
}

/** The alert of a draft. `now` in ms. */
export function toAlert(draft: Draft, now: number): ReadAlert {
  const { source, title, labels } = draft;
  const service = draft.service ?? serviceOf(labels);
  const env = draft.env ?? envOf(labels);
  const notes = [...(draft.notes ?? [])];
  if (draft.startsAt === undefined) notes.push('the payload gives no start time: now is used');
  const identity = draft.identity ?? { title: labels.alertname ?? title, service, env, labels: lasting(labels) };
  return {
    title,
    ...given({ service, env, severity: draft.severity }),
    status: draft.status,
    startsAt: toIso(draft.startsAt ?? now),
    ...(draft.endsAt === undefined ? {} : { endsAt: toIso(draft.endsAt) }),
    ...given({ metric: draft.metric, query: draft.query }),
    labels,
    annotations: given(draft.annotations) as Record<string, string>,
    links: draft.links.filter((l) => l !== undefined),
    source,
    fingerprint: draft.fingerprint ?? hashOf({ source, identity }),
    ...(notes.length > 0 ? { notes } : {}),
  };
}

/** Names that say "service" in the order in which they are believed. `service_name`, `service.name` and `serviceName` are one. */
const SERVICE = ['service', 'servicename', 'app', 'job', 'component'];
const ENV = ['env', 'environment', 'deploymentenvironment', 'deploymentenvironmentname', 'stage'];

const serviceOf = (labels: Record<string, string>): string | undefined => firstNamed(labels, SERVICE);
const envOf = (labels: Record<string, string>): string | undefined => firstNamed(labels, ENV);

function firstNamed(labels: Record<string, string>, names: string[]): string | undefined {
  const plain = Object.keys(labels)
    .sort(byText)
    .map((key) => ({ key, name: key.toLowerCase().replace(/[_.-]/g, '') }));
  for (const name of names) {
    const found = plain.find((p) => p.name === name && labels[p.key]);
    if (found) return labels[found.key];
  }
  return undefined;
}

/** Labels that change while the same thing goes on alerting: which copy, which machine, which value. */
const VOLATILE =
  /^(__.*|instance|pod|pod_?name|container_?id|replica|node|host|hostname|ip|uid|value|endpoint|le|.*_id)$/i;

const lasting = (labels: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([k]) => !VOLATILE.test(k)));

/** A link to follow by hand: http or https only, without the credentials that it may carry. */
export function link(rel: string, x: unknown): Alert['links'][number] | undefined {
  const url = httpUrl(x);
  return url ? { rel, url: url.href } : undefined;
}

/** The http or https URL in a value, its userinfo removed. */
export function httpUrl(x: unknown): URL | undefined {
  const value = text(x);
  if (!value || value.length > 20_000 || !/^https?:\/\//i.test(value) || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  url.username = '';
  url.password = '';
  return url;
}

/** Labels without those that the payload does not have. */
export const drop = (labels: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));
