/** An alert of a service that no source knows: whatever moves elsewhere, nobody can say that it is this. */
import type { Answers } from '../core/capabilities.ts';
import { nearest } from '../core/text.ts';
import type { Alert, Evidence } from '../core/types.ts';
import type { Verdict } from '../core/verdict.ts';

/** The gap to report, where the sources know services but not the alerting one. */
export function stranger(alert: Alert, evidence: Evidence[]): Verdict['notChecked'][number] | undefined {
  const { service } = alert;
  if (service === undefined) return undefined;
  const known = new Set<string>();
  for (const e of evidence) {
    if (e.capability !== 'topology.get' || e.data === undefined) continue;
    for (const s of (e.data as Answers['topology.get']).services) if (s.level !== 'node') known.add(s.name);
  }
  const seen = (name: string): boolean => name.toLowerCase() === service.toLowerCase();
  if (known.size === 0 || [...known].some(seen) || evidence.some((e) => speaksOf(e, service))) return undefined;
  const names = [...known].sort();
  const near = nearest(service, names);
  const hint = near ? `did you mean "${near}"?` : `they know ${names.slice(0, 8).join(', ')}`;
  return { what: `the service "${service}"`, why: `no source knows it; ${hint} Name it with --service` };
}

/** Some source holds series or events under this name. */
function speaksOf(e: Evidence, service: string): boolean {
  if (e.status !== 'ok' && e.status !== 'partial') return false;
  if (e.capability === 'metrics.range') {
    const { series } = e.data as Answers['metrics.range'];
    return (e.input as { service?: string }).service === service && series.length > 0;
  }
  if (e.capability !== 'events.list') return false;
  return (e.data as Answers['events.list']).events.some((x) => x.service === service);
}
