/** More requests than ever: every service gets a multiple at once, so none of them began it. */
import type { CaseFile } from './case-file.ts';
import type { MovedSeries } from './metrics-data.ts';

/** So many times the usual demand is a surge. */
const TIMES = 2;
const Z_MIN = 3;
/** A surge reaches most services; a retry storm or a loop inside does not. */
const SHARE = 0.6;
const SERVICES_MIN = 2;

/** Demand, and neither disk operations nor bytes. */
export const isDemand = (m: MovedSeries): boolean => !/iops|throughput|bytes|read|write|commit/i.test(m.name);

export interface Surge {
  /** Where it enters: the alerting service, else one that nobody calls. */
  service: string;
  moved: MovedSeries;
  /** Services with a multiple of their demand. */
  services: number;
}

export function findSurge(file: CaseFile): Surge | undefined {
  const demand = file.dossiers.flatMap((d) => {
    const moved = d.metrics?.traffic.find(isDemand);
    return moved && Math.abs(moved.z) >= Z_MIN ? [{ service: d.entity.name, moved }] : [];
  });
  const risen = demand.filter(({ moved }) => moved.after >= TIMES * moved.before);
  if (risen.length < SERVICES_MIN || risen.length < SHARE * demand.length) return undefined;
  // It comes from outside: where nothing more enters, a loop inside or a recovering client makes the requests.
  const entry = risen.find((r) => r.service === file.alerting) ?? risen.find((r) => isEntry(r.service, file));
  return entry && { service: entry.service, moved: entry.moved, services: risen.length };
}

/** It calls others and nobody calls it. */
const isEntry = (service: string, file: CaseFile): boolean =>
  file.calls.some(([caller]) => caller === service) && !file.calls.some(([, callee]) => callee === service);
