/** What was changed near the onset, what it did to its own instances, and whether its diff meets the failure. */

import { addWords, type DiffMatch, matchChanges } from '../analysis/diff.ts';
import type { ChangeData } from '../analysis/finding-data.ts';
import { finding, findingsOf } from '../analysis/findings.ts';
import { isSchemaChange } from '../analysis/inert.ts';
import { squash } from '../analysis/stats.ts';
import { byText } from '../core/canonical.ts';
import type { Change } from '../core/telemetry.ts';
import { oneLine } from '../core/text.ts';
import { clock, formatDuration, MINUTE, toMs } from '../core/time.ts';
import type { Finding, Step, StepContext } from '../core/types.ts';
import { alerting, alertMs, changesRange, dataOf, isComplete } from './_ask.ts';

export const step: Step = {
  title: 'Changes near the onset',
  needs: ['changes.list'],
  after: ['topology', 'dependencies', 'log-patterns', 'traces'],
  run,
};

const SHOWN = 40;
/** A change so shortly before the onset is near it, whatever it touches. */
const NEAR_MS = 30 * MINUTE;

async function run(ctx: StepContext): Promise<Finding[]> {
  const asked = await ctx.ask('changes.list', changesRange(ctx), 'what was changed before it began?');
  const answers = dataOf(asked);
  const fleet = findingsOf(ctx.findings, 'fleet').at(-1)?.data;
  const at = fleet ? toMs(fleet.onset.at) : alertMs(ctx);
  // The onset is an estimate: only what came after the alert too came surely too late.
  const onset = { at, to: Math.max(alertMs(ctx), fleet ? toMs(fleet.onset.to) : 0) };
  const changes = new Map<string, { change: Change; evidence: string }>();
  for (const { evidence, data } of answers) {
    for (const change of data.changes) if (!changes.has(change.id)) changes.set(change.id, { change, evidence });
  }
  const list = [...changes.values()].map((c) => c.change).sort((a, b) => byText(a.id, b.id));
  if (list.length === 0) {
    if (!isComplete(asked)) return [];
    return [
      finding({
        kind: 'normal',
        entity: alerting(ctx),
        severity: 0,
        title: 'nothing was changed before it began',
        cites: asked.map((e) => e.id),
        data: { type: 'normal', what: 'changes' },
      }),
    ];
  }
  const matches = matchChanges(list, signatureOf(ctx));
  const known = findingsOf(ctx.findings, 'topology').flatMap((f) => f.data.services.map((x) => x.name));
  const data = list.map((c): ChangeData => {
    const effective = effectiveAt(c, list, onset.to);
    const canary = fleet?.canaries[c.id];
    const services = servicesOf(c, list, onset.to, known);
    return {
      type: 'change',
      id: c.id,
      time: c.time,
      kind: c.kind,
      ...(c.service === undefined ? {} : { service: c.service }),
      services,
      ...(effective === undefined ? {} : { effective }),
      late: toMs(effective ?? c.time) > onset.to,
      did: canary?.did ?? null,
      dead: canary?.dead ?? false,
      match: Number(matches.get(c.id)!.match.toFixed(4)),
      words: matches.get(c.id)!.words,
      effect: matches.get(c.id)!.effect,
      ...(isSchemaChange(c) ? { schema: true } : {}),
      carries: c.kind === 'commit' ? 0 : list.filter((x) => x.kind === 'commit' && carries(c, x)).length,
      evidence: changes.get(c.id)!.evidence,
    };
  });
  const order = (d: ChangeData): number => severityOf(d, onset.at, matches.get(d.id)!);
  return data
    .sort((a, b) => order(b) - order(a) || toMs(b.time) - toMs(a.time) || byText(a.id, b.id))
    .slice(0, SHOWN)
    .map((d) => toFinding(d, changes.get(d.id)!.change, order(d), onset.at));
}

/** A roll-out that ended only after the onset acted in part from when it began. */
const actsAt = (c: Change, onset: number): string =>
  c.startedAt !== undefined && toMs(c.time) > onset ? c.startedAt : c.time;

/** A commit acts once a deploy carries it; of several the last that was in time. */
function effectiveAt(c: Change, all: Change[], onset: number): string | undefined {
  if (c.kind !== 'commit') return actsAt(c, onset);
  const carriers = all.filter((d) => d.kind !== 'commit' && carries(d, c)).map((d) => actsAt(d, onset));
  const inTime = carriers.filter((t) => toMs(t) <= onset).sort((a, b) => toMs(a) - toMs(b));
  return inTime.at(-1) ?? carriers.sort((a, b) => toMs(a) - toMs(b))[0];
}

/** Services that ran the change before the onset: its own, those of its deploys, else those that its paths name. */
function servicesOf(c: Change, all: Change[], onset: number, known: string[]): string[] {
  const carriers = c.kind === 'commit' ? all.filter((d) => d.kind !== 'commit' && carries(d, c)) : [];
  const inTime = carriers.filter((d) => toMs(actsAt(d, onset)) <= onset).map((d) => d.service);
  const said = [c.service, ...inTime].filter((s) => s !== undefined);
  const segments = new Set((c.files ?? []).flatMap((f) => f.path.split(/[/.]/)).map(bare));
  const named = said.length > 0 ? [] : known.filter((name) => segments.has(bare(name)));
  return [...new Set([...said, ...named])].sort(byText);
}

/** `checkout-service`, `checkoutservice` and `Checkout` are one name. */
const bare = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/(?:service|svc)$/, '');

const carries = (deploy: Change, commit: Change): boolean =>
  deploy.ref === (commit.ref ?? commit.id) ||
  (deploy.deployed ?? []).some((id) => id === commit.id || id === commit.ref);

/** What the failure looks like, in words; what is seen less by outsiders weighs no less, it only has to be rare. */
function signatureOf(ctx: StepContext): Map<string, number> {
  const words = new Map<string, number>();
  addWords(
    words,
    `${ctx.alert.title} ${Object.values(ctx.alert.annotations).join(' ')} ${ctx.alert.metric ?? ''}`,
    0.5,
  );
  for (const { data } of findingsOf(ctx.findings, 'metrics')) {
    for (const m of [...data.symptoms, ...data.self]) addWords(words, m.name, 0.5);
  }
  for (const { data } of findingsOf(ctx.findings, 'trace'))
    addWords(words, `${data.operation ?? ''} ${data.detail ?? ''}`, 0.7);
  for (const { data } of findingsOf(ctx.findings, 'log')) {
    const weight = data.isNew ? 1 : 0.5;
    addWords(words, `${data.exemplar} ${data.exception?.type ?? ''} ${data.exception?.frame ?? ''}`, weight);
  }
  return words;
}

/** For reading order only: the ranking weighs its parts itself. */
function severityOf(d: ChangeData, onset: number, m: DiffMatch): number {
  if (d.late) return 0;
  const near = toMs(d.effective ?? d.time) >= onset - NEAR_MS ? 0.3 : 0.1;
  return Math.max(near, squash(d.did ?? 0, 10), d.dead ? 0.5 : 0, 0.8 * m.match);
}

function toFinding(d: ChangeData, c: Change, severity: number, onset: number): Finding {
  const gap = onset - toMs(d.effective ?? d.time);
  const when = gap >= 0 ? `${formatDuration(gap)} before the onset` : `${formatDuration(-gap)} after the onset`;
  const canary =
    d.did !== null && d.did >= 3
      ? ', its instances fare worse than the old ones'
      : d.dead
        ? ', its instances never served'
        : '';
  const words = d.match >= 0.3 ? `, its diff speaks of ${d.words.slice(0, 3).join(', ')}` : '';
  return finding({
    kind: 'change-near-onset',
    entity: { name: d.service ?? d.id, level: d.service === undefined ? 'change' : 'service' },
    at: d.effective ?? d.time,
    severity,
    title: oneLine(
      `${d.kind}${d.service ? ` of ${d.service}` : ''} at ${clock(d.effective ?? d.time, true)}, ${when}: ${c.title}${canary}${words}`,
      240,
    ),
    cites: [d.evidence],
    data: d,
    claim: {
      type: 'deployed',
      evidence: d.evidence,
      change: d.id,
      ...(d.service === undefined ? {} : { service: d.service }),
      time: d.time,
    },
  });
}
