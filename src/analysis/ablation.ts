/**
 * Parts of the analysis that can be left out, to measure what each of them buys (`inquest eval --without`). A set of
 * names is handed down the options; no run of a person has one.
 */
import type { Capability } from '../core/capabilities.ts';
import { toIso, toMs } from '../core/time.ts';
import type { Finding } from '../core/types.ts';
import type { ChangeData, FindingData, TraceData } from './finding-data.ts';
import type { MetricsData, MovedSeries } from './metrics-data.ts';
import type { Ranking } from './ranking.ts';

/** Names from `PARTS`. */
export type Ablation = ReadonlySet<string>;

/** What can be left out, and what remains then; in the order of ARCHITECTURE.md, "The analysis". */
export const PARTS = {
  metrics: 'no series is read',
  'known-normal': 'times known to be fault-free are not used',
  'borrowed-baselines': 'a new instance has no normal of its siblings',
  onset: 'it began when the alert says',
  topology: 'nobody calls anybody: blame stays with who alerts',
  traces: 'no span is read',
  flows: 'spans tell of time and failures only, not of their order',
  logs: 'no log line is read, also not beside spans',
  changes: 'no change is listed',
  canary: 'new instances are not set against old ones',
  diff: 'no diff is read',
  timing: 'no change is near the onset or far from it',
  state: 'no object of an orchestrator is read',
  events: 'no event is read',
  healthy: 'nothing is ever well',
} as const satisfies Record<string, string>;

const CAPABILITIES: Partial<Record<keyof typeof PARTS, readonly Capability[]>> = {
  metrics: ['metrics.range'],
  traces: ['traces.summary', 'traces.search'],
  logs: ['logs.patterns', 'logs.search', 'errors.list'],
  changes: ['changes.list'],
  state: ['state.list'],
  events: ['events.list'],
};

/** Whether nobody may be asked for it. */
export const isLeftOut = (capability: Capability, without: Ablation): boolean =>
  Object.entries(CAPABILITIES).some(([part, list]) => without.has(part) && list.includes(capability));

/** The findings of a step, less what the parts left out would have told. */
export const findingsWithout = (found: Finding[], without: Ablation): Finding[] =>
  without.size === 0 ? found : found.map((f) => less(f, without));

function less(f: Finding, without: Ablation): Finding {
  const data = f.data as unknown as FindingData;
  const told = (rest: FindingData, claim = f.claim): Finding => {
    const { claim: _, ...bare } = f;
    return { ...bare, data: rest as unknown as Record<string, unknown>, ...(claim && { claim }) };
  };
  switch (data.type) {
    case 'topology':
      return without.has('topology') ? told({ ...data, calls: [] }) : f;
    case 'metrics':
      return without.has('timing') ? told(metricsLess(data)) : f;
    case 'change':
      return told(changeLess(data, without));
    case 'trace':
      return told(traceLess(data, without), without.has('flows') && f.claim?.type === 'rerouted' ? undefined : f.claim);
    case 'traces':
      return told({ ...data, quiet: data.quiet.map((t) => traceLess(t, without)) });
    case 'fleet': {
      if (!without.has('timing')) return f;
      // An onset that is known to within hours coincides with nothing.
      const from = toIso(toMs(data.onset.from) - VAGUE_MS);
      return told({ ...data, onset: { ...data.onset, from }, quiet: data.quiet.map(metricsLess) });
    }
    default:
      return f;
  }
}

const VAGUE_MS = 3_600_000;

/** Of what fills up nobody knows when it began to. */
const metricsLess = (m: MetricsData): MetricsData => ({
  ...m,
  self: m.self.map(emptied),
  ...(m.saturated && { saturated: emptied(m.saturated) }),
});
const emptied = ({ filling: _, ...moved }: MovedSeries): MovedSeries => moved;

const changeLess = (c: ChangeData, without: Ablation): ChangeData => ({
  ...c,
  ...(without.has('canary') && { did: null, dead: false }),
  ...(without.has('diff') && { match: 0, words: [], effect: 'unseen' }),
});

function traceLess({ since, ...t }: TraceData, without: Ablation): TraceData {
  return { ...t, ...(without.has('flows') && { flow: 0 }), ...(since && !without.has('timing') && { since }) };
}

/** The ranking without a healthy answer, where that is left out. */
export const rankingWithout = (ranking: Ranking, without: Ablation): Ranking =>
  without.has('healthy') ? { ...ranking, healthy: { ...ranking.healthy, score: 0, looks: 0 } } : ranking;
