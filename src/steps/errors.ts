/** Groups of errors that are new, or came back, since it began, and the change that brought the version they are first seen in. */

import { finding, findingsOf } from '../analysis/findings.ts';
import { squash } from '../analysis/stats.ts';
import { byText } from '../core/canonical.ts';
import type { Change, ErrorGroup } from '../core/telemetry.ts';
import { changeName, oneLine, plural } from '../core/text.ts';
import { clock, toMs } from '../core/time.ts';
import type { Finding, Step, StepContext } from '../core/types.ts';
import { alerting, alertMs, changesRange, dataOf, isComplete } from './_ask.ts';
import { LEAD_MS } from './_sides.ts';

export const step: Step = {
  title: 'Groups of errors',
  needs: ['errors.list'],
  joins: true,
  after: ['dependencies'],
  run,
};

const SHOWN = 5;
/** So many errors of a group are half of what can happen to it. */
const HALF = 100;

async function run(ctx: StepContext): Promise<Finding[]> {
  const range = { from: ctx.window.baseline.from, to: ctx.now };
  const asked = await ctx.ask('errors.list', range, 'which groups of errors are new, or came back?');
  const fleet = findingsOf(ctx.findings, 'fleet').at(-1)?.data;
  const since = Math.min(alertMs(ctx), fleet ? toMs(fleet.onset.from) : alertMs(ctx)) - LEAD_MS;
  const all = dataOf(asked).flatMap(({ evidence, data }) => data.errors.map((e) => ({ evidence, e })));
  const told = all
    .filter(({ e }) => beganAt(e) >= Math.max(since, toMs(range.from)))
    .sort((a, b) => (b.e.count ?? 0) - (a.e.count ?? 0) || byText(a.e.id, b.e.id))
    .slice(0, SHOWN);
  if (told.length === 0) {
    if (!isComplete(asked)) return [];
    const title =
      all.length === 0 ? 'no error was tracked' : `${plural(all.length, 'group')} of errors, none of them new`;
    const data = { type: 'normal', what: 'errors' } as const;
    return [
      finding({ kind: 'normal', entity: alerting(ctx), severity: 0, title, cites: asked.map((a) => a.id), data }),
    ];
  }
  // The same question as that of the changes: its answer is there already.
  const listed = ctx.can('changes.list')
    ? dataOf(await ctx.ask('changes.list', changesRange(ctx), 'which change brought the version of the errors?'))
    : [];
  const changes = listed.flatMap(({ evidence, data }) => data.changes.map((change) => ({ evidence, change })));
  return told.map(({ evidence, e }) => toFinding(ctx, e, evidence, bringer(e, changes)));
}

/** When it was seen first, or came back. */
const beganAt = (e: ErrorGroup): number => toMs(e.regressed?.at ?? e.firstSeen ?? '');

interface Listed {
  evidence: string;
  change: Change;
}

/** The newest change that put the version of a group into production before it was seen. */
function bringer(e: ErrorGroup, changes: Listed[]): Listed | undefined {
  const version = e.regressed?.version ?? e.firstSeenVersion;
  if (!version) return undefined;
  return changes
    .filter(({ change: c }) => c.version === version && c.service === e.service && toMs(c.time) <= beganAt(e))
    .sort((a, b) => toMs(b.change.time) - toMs(a.change.time))[0];
}

function toFinding(ctx: StepContext, e: ErrorGroup, evidence: string, by: Listed | undefined): Finding {
  const version = e.regressed?.version ?? e.firstSeenVersion;
  const at = e.regressed?.at ?? (e.firstSeen as string);
  const how = e.regressed ? 'came back' : 'first seen';
  const brought = by ? `, brought by ${changeName(by.change)}` : '';
  const where = `${how} ${clock(at, true)}${version ? ` in ${version}${brought}` : ''}`;
  const said = [e.type, e.message].filter(Boolean).join(': ');
  return finding({
    kind: 'new-error-group',
    entity: e.service === undefined ? alerting(ctx) : { name: e.service, level: 'service' },
    at,
    severity: 0.5 * squash(e.count ?? 1, HALF),
    title: oneLine(`${e.service ? `${e.service}: ` : ''}${plural(e.count ?? 1, 'error')}, ${where}: ${said}`, 240),
    cites: [evidence, ...(by ? [by.evidence] : [])],
    data: {
      type: 'error',
      ...(e.service === undefined ? {} : { service: e.service }),
      group: e.id,
      count: e.count ?? 1,
      regressed: e.regressed !== undefined,
      ...(version ? { version } : {}),
      ...(by ? { change: by.change.id } : {}),
    },
    ...(by && {
      claim: {
        type: 'deployed' as const,
        evidence: by.evidence,
        change: by.change.id,
        ...(by.change.service === undefined ? {} : { service: by.change.service }),
        time: by.change.time,
      },
    }),
  });
}
