/** An alert as Prometheus, Alertmanager and Grafana write it: labels, annotations, startsAt, generatorURL. */

import { MAX_VALUES, tooMany } from '../alerts/_payload.ts';
import type { AlertsRead, ReadAlert } from '../core/alerts.ts';
import { oneLine } from '../core/text.ts';
import { type Draft, httpUrl, link, toAlert } from './_alert.ts';
import { at, isRecord, list, record, text, textAt, texts, time } from './_read.ts';

/** Reads every entry of a list. `more` adds what only this sender has. */
export function readLabelled(
  entries: unknown,
  envelope: unknown,
  source: string,
  now: number,
  more: (alert: unknown, annotations: Record<string, string>) => Partial<Draft> = () => ({}),
): AlertsRead {
  const alerts: ReadAlert[] = [];
  const ignored: AlertsRead['ignored'] = [];
  const silenced: { alert: ReadAlert; why: string }[] = [];
  if (list(entries).length > MAX_VALUES) throw tooMany('the payload');
  list(entries).forEach((raw, i) => {
    const labels = { ...texts(at(envelope, 'commonLabels')), ...texts(at(raw, 'labels')) };
    const annotations = { ...texts(at(envelope, 'commonAnnotations')), ...texts(at(raw, 'annotations')) };
    const name = labels.alertname ?? annotations.summary ?? annotations.title;
    const state = stateOf(raw);
    if (!isRecord(raw) || name === undefined) {
      ignored.push({ title: `entry ${i + 1}`, why: 'it has no label alertname and no summary' });
    } else if (state === 'pending') {
      ignored.push({ title: name, why: 'it is pending, not firing yet' });
    } else {
      const alert = toAlert({ ...draft(raw, envelope, source, labels, annotations), ...more(raw, annotations) }, now);
      if (state === 'suppressed') silenced.push({ alert, why: 'it is silenced or inhibited in Alertmanager' });
      else alerts.push(alert);
    }
  });
  // Somebody muted these on purpose; they are only investigated when nothing else is there.
  if (alerts.length === 0)
    alerts.push(...silenced.map((s) => ({ ...s.alert, notes: [...(s.alert.notes ?? []), s.why] })));
  else ignored.push(...silenced.map((s) => ({ title: s.alert.title, why: s.why })));
  if (list(entries).length === 0) ignored.push({ title: 'the payload', why: 'its list of alerts is empty' });
  const cut = Number(textAt(envelope, 'truncatedAlerts') ?? 0);
  return {
    alerts,
    ignored,
    ...(cut > 0 ? { notes: [`the sender cut off ${cut} more alerts (max_alerts of its webhook)`] } : {}),
  };
}

function draft(
  raw: unknown,
  envelope: unknown,
  source: string,
  labels: Record<string, string>,
  annotations: Record<string, string>,
): Draft {
  const resolved = stateOf(raw) === 'resolved';
  const summary = annotations.summary ?? annotations.message;
  const name = labels.alertname;
  const rule = httpUrl(at(raw, 'generatorURL'));
  return {
    source,
    title: oneLine(name && summary && !summary.startsWith(name) ? `${name}: ${summary}` : (summary ?? name ?? ''), 300),
    severity: labels.severity ?? labels.priority,
    status: resolved ? 'resolved' : 'firing',
    startsAt: time(at(raw, 'startsAt')) ?? time(at(raw, 'activeAt')),
    // While it fires, endsAt is only when the alert would expire.
    endsAt: resolved ? time(at(raw, 'endsAt')) : undefined,
    query: rule && ruleQuery(rule),
    labels,
    annotations,
    links: [
      link('rule', rule?.href),
      link('runbook', annotations.runbook_url ?? annotations.runbook),
      link('dashboard', annotations.dashboard_url ?? annotations.dashboard),
      link('alertmanager', at(envelope, 'externalURL')),
    ],
    fingerprint: textAt(raw, 'fingerprint'),
  };
}

/** `firing`, `resolved`, `pending`, `suppressed`: webhooks say `status`, API v2 `status.state`, Prometheus `state`. */
function stateOf(raw: unknown): string {
  const state = textAt(raw, 'status', 'state') ?? textAt(raw, 'status') ?? textAt(raw, 'state') ?? 'firing';
  return state.toLowerCase();
}

/**
 * The rule's PromQL in its generator URL: Prometheus and Thanos put it into `g0.expr`, vmalert's vmui behind the `#`.
 * One that fills no parameter (a link to a rule by id) gives nothing.
 */
function ruleQuery(url: URL): string | undefined {
  const behindHash = url.hash.includes('?') ? url.hash.slice(url.hash.indexOf('?')) : url.hash.slice(1);
  return text(url.searchParams.get('g0.expr')) ?? text(new URLSearchParams(behindHash).get('g0.expr'));
}

/** True for an object with labels, which is what makes it an alert of this family. */
export const isLabelled = (x: unknown): boolean => isRecord(x) && isRecord(record(x).labels);
