/** What code can tell of the kind of a cause that somebody names: what its change allows, and which claims speak for it. */
import { BY_CHANGE } from '../analysis/category.ts';
import { readText } from '../analysis/event-rules.ts';
import { kindOf } from '../analysis/kinds.ts';
import type { Answers } from '../core/capabilities.ts';
import type { Claim } from '../core/claims.ts';
import { seriesWith } from '../core/series.ts';
import type { Change, ChangeKind, SeriesKind } from '../core/telemetry.ts';
import type { Category } from '../core/types.ts';
import { faultsSeen } from './harm.ts';
import type { Lookup } from './lookup.ts';

/** Besides its usual kind: a release may bring settings and a schema, a replica count may leave too little. */
const ALSO: Record<ChangeKind, readonly Category[]> = {
  deploy: ['config-change', 'data'],
  commit: ['config-change', 'data'],
  config: ['data'],
  flag: ['data'],
  scale: ['resource-exhaustion'],
  infra: ['config-change'],
};

/** The kind of cause that a change usually is. */
export const usualKind = (change: Pick<Change, 'kind'>): Category => BY_CHANGE[change.kind];

/** Whether a cause of this kind can be this change. */
export const allows = (change: Pick<Change, 'kind'>, kind: Category): boolean =>
  usualKind(change) === kind || ALSO[change.kind].includes(kind);

const BY_SERIES: Partial<Record<SeriesKind, Category>> = {
  cpu: 'resource-exhaustion',
  memory: 'resource-exhaustion',
  disk: 'resource-exhaustion',
  saturation: 'resource-exhaustion',
  traffic: 'traffic',
  network: 'infrastructure',
};

/** Words of a quote that speak of a kind; a rule for texts of platforms comes first. */
const WORDS: Partial<Record<Category, RegExp>> = {
  'code-change': /\bat .{1,200}:\d+|exception|undefined|null pointer|not a function|panic:/i,
  'config-change': /config|setting|flag|environment|parameter|limit|pool|timeout|reload/i,
  'resource-exhaustion': /memory|\boom|quota|exhaust|no space|\bfull\b|too many|pool|limit/i,
  dependency: /upstream|answered|refused|unavailable|unreachable|\b50\d\b|connect|timed? ?out/i,
  traffic: /requests?\b|clients?\b|load\b|per second|rate|batch|throttl/i,
  infrastructure: /\bnode\b|network|\bhost|\bdns\b|machine|kernel|kubelet|certificate|\bdisk\b/i,
  data: /backfill|migrat|schema|record|\brows?\b|table|column|statement|payload|"\w{1,80}":\s{0,3}["\d[{]/i,
};

/** Whether a claim that holds speaks for a cause of this kind. */
export function speaksFor(kind: Category, claim: Claim, lookup: Lookup): boolean {
  switch (claim.type) {
    case 'deployed':
      return changesOf(claim.evidence, lookup).some((c) => c.id === claim.change && allows(c, kind));
    case 'changed':
      return kindsOfSeries(claim, lookup).includes(kind);
    case 'slower':
      return claim.caller !== undefined && (kind === 'dependency' || kind === 'infrastructure');
    case 'failing':
      return claim.caller !== undefined && kind === 'dependency';
    case 'repeated':
      return kind === 'traffic' || kind === 'code-change';
    case 'rerouted':
      return kind === 'code-change';
    case 'observed':
      return (
        faultsSeen(claim, lookup).some((r) => r.category === kind) ||
        (kind === 'config-change' && claim.field[0] !== 'status') ||
        (kind === 'infrastructure' && claim.kind === 'nodes')
      );
    case 'mentions':
      return (
        changesOf(claim.evidence, lookup).some((c) => allows(c, kind) && holdsText(c, claim.quote)) ||
        saysOf(kind, claim.quote)
      );
    case 'count':
      return claim.what !== 'spans' && saysOf(kind, claim.match);
    default:
      return false;
  }
}

function saysOf(kind: Category, text: string): boolean {
  const plain = readText(text);
  return plain ? plain.category === kind : (WORDS[kind]?.test(text) ?? false);
}

const changesOf = (id: string, lookup: Lookup): Change[] => {
  const e = lookup(id);
  return e?.capability === 'changes.list' ? ((e.data as Answers['changes.list'] | undefined)?.changes ?? []) : [];
};

const holdsText = (c: Change, quote: string): boolean =>
  [c.title, c.body, ...(c.files ?? []).flatMap((f) => [f.path, f.patch])].some((t) => t?.includes(quote));

function kindsOfSeries(claim: Extract<Claim, { type: 'changed' }>, lookup: Lookup): Category[] {
  const series = seriesWith(lookup(claim.series.evidence)?.data, claim.series.labels);
  if (!series) return [];
  const { caller, callee, node, service } = series.labels;
  const own = BY_SERIES[kindOf(series)];
  return [
    ...(own ? [own] : []),
    ...(caller && callee ? (['dependency'] as const) : []),
    ...(node && !service ? (['infrastructure'] as const) : []),
  ];
}
