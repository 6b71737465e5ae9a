/** Declared and observed state of the orchestrator's objects: what cannot start, run, be reached. */

import { finding } from '../analysis/findings.ts';
import type { StateReading } from '../analysis/kube-objects.ts';
import { KUBE_KINDS, REMARKABLE, readObjects } from '../analysis/kube-rules.ts';
import { byText } from '../core/canonical.ts';
import type { Claim } from '../core/claims.ts';
import { oneLine, plural } from '../core/text.ts';
import { toMs } from '../core/time.ts';
import type { Evidence, Finding, Step, StepContext } from '../core/types.ts';
import { alerting, dataOf, isComplete } from './_ask.ts';
import { heardOfServers, withLastWords } from './_state-logs.ts';

export const step: Step = {
  title: 'State of workloads and nodes',
  needs: ['state.list'],
  run,
};

const SHOWN = 20;

async function run(ctx: StepContext): Promise<Finding[]> {
  const range = { from: ctx.window.from, to: ctx.now };
  const all = await ctx.ask('state.list', range, 'are workloads, nodes and services well?');
  // What did not fit into one answer is asked for by kind.
  const cut = all.some((e) => e.truncated || e.status === 'failed');
  const held = new Set(dataOf(all).flatMap((a) => a.data.objects.map((o) => o.kind)));
  const kinds = held.size > 0 ? KUBE_KINDS.filter((k) => held.has(k)) : KUBE_KINDS;
  const byKind = cut ? await askEach(ctx, kinds) : [];
  const asked = cut ? byKind : [all];
  const answers = asked.flatMap((a) => dataOf(a));
  const objects = answers.flatMap((a) => a.data.objects.map((o) => ({ ...o, evidence: a.evidence })));
  const evidenceOf = new Map<string, string>();
  for (const o of objects) evidenceOf.set(o.kind, o.evidence);
  const heard = await heardOfServers(ctx, objects);
  const readings = [
    ...(await withLastWords(ctx, readObjects(objects, { refused: heard.clients, now: toMs(ctx.now) }))),
    ...heard.readings,
  ];
  const told = strongestPerObject(readings.filter((r) => r.strength >= REMARKABLE))
    .sort((a, b) => b.strength - a.strength || byText(a.service, b.service) || byText(a.object, b.object))
    .slice(0, SHOWN)
    .map((r) => toFinding(r, evidenceOf));
  if (told.length > 0) return told;
  if (objects.length === 0 || !asked.some((a) => isComplete(a))) return [];
  return [
    finding({
      kind: 'normal',
      entity: alerting(ctx),
      severity: 0,
      title: `${plural(
        objects.reduce((n, o) => n + o.items.length, 0),
        'object',
      )}, all as they should be`,
      cites: answers.map((a) => a.evidence).slice(0, 3),
      data: { type: 'normal', what: 'state' },
    }),
  ];
}

/** Each kind by itself. Where even the first one is refused the reason holds for all: nobody is asked the rest. */
async function askEach(ctx: StepContext, [first, ...rest]: string[]): Promise<Evidence<'state.list'>[][]> {
  const range = { from: ctx.window.from, to: ctx.now };
  const ask = (kind: string): Promise<Evidence<'state.list'>[]> =>
    ctx.ask('state.list', { ...range, kind }, `are the ${kind} well?`);
  if (first === undefined) return [];
  const answered = await ask(first);
  if (answered.every((e) => e.data === undefined && e.status !== 'empty')) return [answered];
  return [answered, ...(await Promise.all(rest.map(ask)))];
}

function strongestPerObject(readings: StateReading[]): StateReading[] {
  const best = new Map<string, StateReading>();
  for (const r of readings) {
    const key = `${r.level} ${r.service} ${r.rule}`;
    if ((best.get(key)?.strength ?? 0) < r.strength) best.set(key, r);
  }
  return [...best.values()];
}

function toFinding(r: StateReading, evidenceOf: Map<string, string>): Finding {
  const own = r.evidence ?? evidenceOf.get(r.kind);
  const quoted = r.quoted === undefined ? own : evidenceOf.get(r.quoted);
  return finding({
    kind: 'state',
    entity: { name: r.service, level: r.level },
    severity: r.strength,
    title: oneLine(`${r.object}: ${r.rule} (${r.quote})`, 240),
    cites: [...new Set([own, quoted].filter((e) => e !== undefined))],
    data: {
      type: 'state',
      rule: r.rule,
      object: r.object,
      service: r.service,
      level: r.level,
      category: r.category,
      strength: r.strength,
      quote: oneLine(r.quote, 200),
      ...(r.kind === 'logs' || r.quoted === 'logs' || (r.foreign && !r.field) ? { textual: true } : {}),
    },
    ...claimOf(r, own, quoted),
  });
}

/** A quote proves something from this length on. */
const QUOTE_MIN = 8;

function claimOf(r: StateReading, own: string | undefined, quoted: string | undefined): { claim?: Claim } {
  const { kind, object, namespace, field, quote } = r;
  const evidence = field?.of ? quoted : own;
  if (field && evidence !== undefined) {
    const whose = { ...(field.of ?? { kind, object }), ...(namespace ? { namespace } : {}) };
    return { claim: { type: 'observed', evidence, ...whose, field: field.path, is: field.is } };
  }
  return quoted === undefined || quote.length < QUOTE_MIN
    ? {}
    : { claim: { type: 'mentions', evidence: quoted, quote } };
}
