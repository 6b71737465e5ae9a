/** A model's claim → our typed claim. Times, labels, windows and words are filled in from the evidence, never from the model. */
import { momentsAt } from '../claims/moments.ts';
import { byText, canonical } from '../core/canonical.ts';
import type { Answers } from '../core/capabilities.ts';
import type { Claim } from '../core/claims.ts';
import { oneLine } from '../core/text.ts';
import type { Evidence } from '../core/types.ts';
import { changesIn } from './case.ts';
import type { ModelClaim } from './conclusion.ts';
import { linesOf } from './lines.ts';

export interface Grounds {
  /** Evidence of this run by id. */
  evidence: ReadonlyMap<string, Evidence>;
  /** Facts of the brief by id: `C3`. */
  facts: ReadonlyMap<string, Claim>;
  /** When it began, ISO: what `changed` compares before and after. */
  onset: string;
  /** Start of the normal time. */
  normal: string;
  now: string;
}

/** The typed claim, or why there can be none. */
export function translate(c: ModelClaim, g: Grounds): Claim | { problem: string } {
  if (c.type === 'known') return g.facts.get(c.id) ?? { problem: `there is no fact ${c.id} in the brief` };
  if (c.type === 'precedes') {
    const [a, b] = [moment(c.earlier, g), moment(c.later, g)];
    if ('problem' in a) return a;
    return 'problem' in b ? b : { type: 'precedes', a, b };
  }
  const id = bare(c.evidence);
  const e = g.evidence.get(id);
  if (!e) return { problem: `there is no evidence ${oneLine(c.evidence, 40)} in this run` };
  switch (c.type) {
    case 'changed':
      return changed(c, e, g);
    case 'mentions':
      return quoted(c, e);
    case 'deployed': {
      const change = changesIn(e).find((x) => x.id === c.change);
      if (!change) return { problem: `${id} lists no change ${oneLine(c.change, 80)}` };
      const service = change.service === undefined ? {} : { service: change.service };
      return { type: 'deployed', evidence: id, change: change.id, ...service, time: change.time };
    }
    case 'absent':
      return { type: 'absent', evidence: id, what: askedFor(e) };
    case 'count':
      return { ...c, evidence: id, atLeast: Math.max(1, c.atLeast) };
    case 'slower':
    case 'failing':
    case 'repeated': {
      const { caller, ...rest } = c;
      return { ...rest, evidence: id, ...(caller === null ? {} : { caller }) };
    }
    default:
      return { ...c, evidence: id };
  }
}

/** A quote that names its lines must stand in them. */
function quoted(c: Extract<ModelClaim, { type: 'mentions' }>, e: Evidence): Claim | { problem: string } {
  const [, from, to] = /#L(\d+)(?:-L?(\d+))?$/.exec(c.evidence) ?? [];
  const lines = from === undefined ? [] : linesOf(e).slice(Number(from) - 1, Number(to ?? from));
  if (from !== undefined && !lines.join('\n').includes(c.quote))
    return { problem: `"${oneLine(c.quote, 60)}" does not stand in ${oneLine(c.evidence, 40)}` };
  return { ...c, evidence: e.id };
}

/** `E9.1#L3-7` → `E9.1`. */
const bare = (id: string): string => id.replace(/#.*$/, '');

function changed(c: Extract<ModelClaim, { type: 'changed' }>, e: Evidence, g: Grounds): Claim | { problem: string } {
  const series = e.capability === 'metrics.range' && e.data ? (e.data as Answers['metrics.range']).series : [];
  const s = series[c.line - 1];
  if (!s) return { problem: `${e.id} has no series in line ${c.line}` };
  const twins = series.filter((x) => canonical(x.labels) === canonical(s.labels));
  if (twins.length > 1) return { problem: `line ${c.line} of ${e.id} is one of several series with the same labels` };
  return {
    type: 'changed',
    series: { evidence: e.id, labels: s.labels },
    statistic: 'median',
    from: { from: g.normal, to: g.onset },
    to: { from: g.onset, to: g.now },
    direction: c.direction,
  };
}

/** A moment that stands in the evidence, in the words of its record. */
function moment(
  m: { evidence: string; at: string },
  g: Grounds,
): { evidence: string; what: string; at: string } | { problem: string } {
  const id = bare(m.evidence);
  const e = g.evidence.get(id);
  if (!e) return { problem: `there is no evidence ${oneLine(m.evidence, 40)} in this run` };
  const [found] = momentsAt(e, m.at);
  return found ? { evidence: id, ...found } : { problem: `${id} holds nothing at ${oneLine(m.at, 40)}` };
}

/** What a question asked for, in code's words: an absence is of exactly that. */
function askedFor(e: Evidence): string {
  const { from: _f, to: _t, baseline: _b, limit: _l, ...filters } = e.input as unknown as Record<string, unknown>;
  const told = Object.keys(filters)
    .sort(byText)
    .filter((k) => filters[k] !== undefined)
    .map((k) => `${k} ${oneLine(String(filters[k]), 60)}`);
  return `answer of ${e.tool}${told.length > 0 ? ` with ${told.join(', ')}` : ''}`;
}
