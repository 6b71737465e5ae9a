/** What an evidence says of an entity and a topic: claims for what is there, plain counts for what is as it was. */
import { within } from '../claims/lookup.ts';
import type { Answers, OperationStats, TimeRange } from '../core/capabilities.ts';
import type { Claim } from '../core/claims.ts';
import type { Series } from '../core/telemetry.ts';
import { oneLine, plural, quantity } from '../core/text.ts';
import { clock, HOUR, toIso, toMs } from '../core/time.ts';
import type { Evidence } from '../core/types.ts';
import { TOPICS, type Topic } from './topics.ts';

/** Of a kind at most so many claims: the most telling first. */
const MOST = 4;
/** A level moved when it left its usual spread by so many of its scales … */
const SCALES = 3;
/** … and a scale is at least this share of the level, so that a constant series does not move by a hair. */
const FLOOR = 0.08;
/** Spans on a side below which their median says nothing. */
const FEW = 5;
/** Without a time in the question, changes count from so long before it began. */
const EARLIER = HOUR;

export interface Seen {
  claims: Claim[];
  /** What was looked at and is as it was. */
  normal: { what: string; cites: string[] }[];
}

export interface Look {
  entity: string;
  topic: Topic;
  range: TimeRange;
  dated: boolean;
  /** Begin of the normal time, ISO. */
  normal: string;
}

/** Reads one evidence. Nothing where it does not speak of the entity. */
export function look(e: Evidence, l: Look): Seen {
  const about = TOPICS[l.topic];
  if (e.data === undefined || !about.capabilities.includes(e.capability)) return { claims: [], normal: [] };
  switch (e.capability) {
    case 'metrics.range':
      return series(e, (e.data as Answers['metrics.range']).series, l);
    case 'traces.summary':
      return spans(e, e.data as Answers['traces.summary'], l);
    case 'logs.patterns':
      return patterns(e, e.data as Answers['logs.patterns'], l);
    case 'changes.list':
      return changes(e, e.data as Answers['changes.list'], l);
    case 'events.list':
      return events(e, e.data as Answers['events.list'], l);
    default:
      return { claims: [], normal: [] };
  }
}

function series(e: Evidence, all: Series[], l: Look): Seen {
  const kinds = TOPICS[l.topic].kinds ?? [];
  const own = all.filter((s) => kinds.includes(s.kind ?? 'other') && speaksOf(s, l.entity));
  const from = { from: l.normal, to: l.range.from };
  const out: Seen = { claims: [], normal: [] };
  const moved: { claim: Claim; by: number }[] = [];
  for (const s of own) {
    const [a, b] = [values(s, from), values(s, l.range)];
    if (a.length === 0 || b.length === 0) continue;
    const [before, after] = [median(a), median(b)];
    const scale = Math.max(1.4826 * median(a.map((v) => Math.abs(v - before))), FLOOR * Math.abs(before));
    const by = (after - before) / (scale || 1e-9);
    const wanted = l.topic === 'traffic' ? Math.abs(by) : s.kind === 'availability' ? -by : by;
    const direction = after > before ? ('up' as const) : ('down' as const);
    const claim: Claim = {
      type: 'changed',
      series: { evidence: e.id, labels: s.labels },
      statistic: 'median',
      from,
      to: l.range,
      direction,
    };
    if (wanted >= SCALES) moved.push({ claim, by: wanted });
    else {
      const name = oneLine(
        [s.labels.instance ?? l.entity, s.labels.__name__ ?? s.kind ?? 'series', s.labels.statistic]
          .filter(Boolean)
          .join(' '),
        120,
      );
      out.normal.push({
        what: `${name}: ${quantity(before, s.unit)} before, ${quantity(after, s.unit)} then`,
        cites: [e.id],
      });
    }
  }
  out.claims = moved
    .sort((x, y) => y.by - x.by)
    .slice(0, MOST)
    .map((x) => x.claim);
  return out;
}

const speaksOf = (s: Series, name: string): boolean =>
  (['service', 'instance', 'node', 'pod', 'callee'] as const).some((k) => s.labels[k] === name);

function values(s: Series, r: TimeRange): number[] {
  const [from, to] = [toMs(r.from), toMs(r.to)];
  return s.times.flatMap((t, i) => {
    const v = s.values[i];
    return t >= from && t < to && v !== null && v !== undefined && Number.isFinite(v) ? [v] : [];
  });
}

function median(all: number[]): number {
  const sorted = [...all].sort((a, b) => a - b);
  const mid = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[mid]! : (sorted[mid - 1]! + sorted[mid]!) / 2;
}

function spans(e: Evidence, t: Answers['traces.summary'], l: Look): Seen {
  const own = [
    ...t.operations.filter((o) => o.service === l.entity).map((o) => ({ o, ref: {} })),
    ...t.gaps.filter((g) => g.service === l.entity).map((g) => ({ o: g as OperationStats, ref: { caller: g.caller } })),
  ];
  const claims = own.flatMap(({ o, ref }): Claim[] => {
    const at = { evidence: e.id, service: o.service, operation: o.name, ...ref };
    const enough = o.before.count >= FEW && o.after.count >= FEW;
    const slower = enough && o.after.medianMs > 1.25 * o.before.medianMs && o.after.medianMs - o.before.medianMs >= 1;
    const share = (x: OperationStats['after']): number => (x.count > 0 ? x.errors / x.count : 0);
    const failing = o.after.count >= FEW && share(o.after) - share(o.before) >= 0.02;
    const repeated = (o.perParent?.after ?? 0) > 1.25 * (o.perParent?.before ?? Number.POSITIVE_INFINITY);
    return [
      ...(slower && l.topic !== 'errors' ? [{ type: 'slower' as const, ...at }] : []),
      ...(failing && l.topic !== 'slow' ? [{ type: 'failing' as const, ...at }] : []),
      ...(repeated && l.topic === 'traces' ? [{ type: 'repeated' as const, ...at }] : []),
    ];
  });
  const what = `${plural(own.length, 'operation')} of ${l.entity} in traces as before`;
  return {
    claims: claims.slice(0, MOST),
    normal: own.length > 0 && claims.length === 0 ? [{ what, cites: [e.id] }] : [],
  };
}

function patterns(e: Evidence, p: Answers['logs.patterns'], l: Look): Seen {
  const own = p.patterns.filter(
    (x) => x.service === l.entity && (l.topic === 'logs' || /^(ERROR|FATAL|CRITICAL)/i.test(x.level)),
  );
  const risen = own.filter((x) => x.after > 0 && (x.before === 0 || x.perMinuteAfter > 3 * x.perMinuteBefore));
  const told = risen.sort((a, b) => b.after - a.after).slice(0, MOST);
  const claims = told.map(
    (x): Claim => ({ type: 'count', evidence: e.id, what: 'patterns', match: x.template, atLeast: x.after }),
  );
  const known = p.patterns.some((x) => x.service === l.entity);
  const what = `${plural(own.length, l.topic === 'logs' ? 'log template' : 'template of errors', l.topic === 'logs' ? 'log templates' : 'templates of errors')} of ${l.entity}, none new or risen`;
  return { claims, normal: known && claims.length === 0 ? [{ what, cites: [e.id] }] : [] };
}

function changes(e: Evidence, c: Answers['changes.list'], l: Look): Seen {
  const from = l.dated ? l.range.from : toIso(Math.max(toMs(e.input.from), toMs(l.range.from) - EARLIER));
  const own = c.changes.filter(
    (x) =>
      x.service === l.entity &&
      within(toMs(x.time), { from, to: l.range.to }) &&
      (l.topic === 'changed' || x.kind === 'deploy'),
  );
  const claims = own.slice(-MOST).map(
    (x): Claim => ({
      type: 'deployed',
      evidence: e.id,
      change: x.id,
      ...(x.service ? { service: x.service } : {}),
      time: x.time,
    }),
  );
  const what = `no ${l.topic === 'changed' ? 'change' : 'deploy'} of ${l.entity} from ${clock(from)} to ${clock(l.range.to)} among ${plural(c.changes.length, 'change')}`;
  return { claims, normal: claims.length === 0 ? [{ what, cites: [e.id] }] : [] };
}

function events(e: Evidence, a: Answers['events.list'], l: Look): Seen {
  const own = a.events.filter((x) => x.service === l.entity && within(toMs(x.time), l.range));
  const titles = [...new Set(own.map((x) => x.title))].slice(0, MOST);
  const claims = titles.map(
    (title): Claim => ({
      type: 'count',
      evidence: e.id,
      what: 'events',
      match: title,
      atLeast: own.filter((x) => x.title === title).length,
    }),
  );
  const what = `no event of ${l.entity} among ${plural(a.events.length, 'event')}`;
  return { claims, normal: claims.length === 0 ? [{ what, cites: [e.id] }] : [] };
}
