/** What the logs say now that they did not say before. */

import { finding } from '../analysis/findings.ts';
import { isBad } from '../analysis/logs.ts';
import { recordNamed } from '../analysis/same-record.ts';
import { squash, sum } from '../analysis/stats.ts';
import { byText } from '../core/canonical.ts';
import type { TimeRange } from '../core/capabilities.ts';
import type { LogPattern } from '../core/telemetry.ts';
import { oneLine, plural } from '../core/text.ts';
import { lengthMs } from '../core/time.ts';
import type { Finding, Step, StepContext } from '../core/types.ts';
import { alerting, dataOf, isComplete } from './_ask.ts';
import { LEAD_MS, sides } from './_sides.ts';

export const step: Step = {
  title: 'Log patterns',
  needs: ['logs.patterns'],
  after: ['dependencies'],
  run,
};

const SHOWN = 12;
/** Deviations of a Poisson count that chance hardly makes, given how many templates are looked at. */
const Z_MIN = 4;
/** A template that appeared so often is no accident. */
const NEW_MIN = 3;
const HALF_Z = 10;
/** Of the templates that vanished, which many do by chance or by the hour, only the most regular are worth a line. */
const VANISHED_MIN = 40;
const VANISHED_SHOWN = 3;

interface Telling {
  p: LogPattern;
  z: number;
  isNew: boolean;
  evidence: string;
}

async function run(ctx: StepContext): Promise<Finding[]> {
  const question = sides(ctx, 'logs', LEAD_MS);
  const asked = await ctx.ask('logs.patterns', question, 'which messages are new or more frequent?');
  const answers = dataOf(asked);
  const minutes = {
    before: sum(question.baseline.map(lengthMs)) / 60_000,
    after: lengthMs(question) / 60_000,
  };
  const telling = answers
    .flatMap(({ evidence, data }) => data.patterns.map((p) => tell(p, evidence, minutes)))
    .filter((t) => t !== undefined)
    .sort((a, b) => b.z - a.z || byText(a.p.service, b.p.service) || byText(a.p.template, b.p.template))
    .slice(0, SHOWN);
  const gone = isComplete(asked) ? vanished(answers, minutes) : [];
  if (telling.length === 0 && isComplete(asked) && answers.some((a) => a.data.records.after > 0)) {
    return [
      finding({
        kind: 'normal',
        entity: alerting(ctx),
        severity: 0,
        title: 'no error message is new or more frequent',
        cites: answers.map((a) => a.evidence),
        data: { type: 'normal', what: 'logs' },
      }),
      ...gone,
    ];
  }
  return [...telling.map(toFinding), ...(await sameRecord(ctx, question, telling[0])), ...gone];
}

/** Templates that came all the time and stopped, of services that still log. */
function vanished(
  answers: { evidence: string; data: { patterns: LogPattern[] } }[],
  minutes: { before: number; after: number },
): Finding[] {
  if (minutes.before <= 0) return [];
  return answers
    .flatMap(({ evidence, data }) => {
      const alive = new Set(data.patterns.filter((p) => p.after > 0).map((p) => p.service));
      return data.patterns
        .filter((p) => p.after === 0 && alive.has(p.service))
        .map((p) => ({ p, evidence, expected: Math.floor((p.before / minutes.before) * minutes.after) }));
    })
    .filter(({ expected }) => expected >= VANISHED_MIN)
    .sort((a, b) => b.expected - a.expected || byText(a.p.service, b.p.service) || byText(a.p.template, b.p.template))
    .slice(0, VANISHED_SHOWN)
    .map(({ p, evidence, expected }) =>
      finding({
        kind: 'vanished-log-pattern',
        entity: { name: p.service, level: 'service' },
        at: p.last,
        severity: 0.3 * squash(Math.sqrt(expected), HALF_Z),
        title: oneLine(`${p.service} stopped to log, ${p.perMinuteBefore} a minute before: ${p.exemplar}`, 240),
        cites: [evidence],
        data: {
          type: 'vanished',
          service: p.service,
          template: p.template,
          level: p.level,
          before: p.before,
          expected,
        },
      }),
    );
}

const SEARCHED = 60;

/** Whether the strongest new error is about one record that comes back again and again. */
async function sameRecord(ctx: StepContext, range: TimeRange, top: Telling | undefined): Promise<Finding[]> {
  if (!top?.isNew || !isBad(top.p.level) || !ctx.can('logs.search')) return [];
  const { service } = top.p;
  const question = { from: range.from, to: range.to, service, level: 'ERROR', limit: SEARCHED };
  const answers = dataOf(await ctx.ask('logs.search', question, `do the errors of ${service} name one record?`));
  const lines = answers.flatMap((a) => a.data.records.map((r) => r.body));
  const found = recordNamed(lines);
  if (!found) return [];
  return [
    finding({
      kind: 'new-log-pattern',
      entity: { name: service, level: 'service' },
      severity: 0.6,
      title: `${service}: ${found.lines} of ${lines.length} error lines name the same record, ${found.record}`,
      cites: answers.map((a) => a.evidence),
      data: { type: 'record', service, record: found.record, share: found.lines / lines.length },
      claim: { type: 'mentions', evidence: answers[0]!.evidence, quote: found.record },
    }),
  ];
}

/** Only warnings and errors: other lines rise and fall with the traffic. */
function tell(p: LogPattern, evidence: string, minutes: { before: number; after: number }): Telling | undefined {
  if (p.after === 0 || !(isBad(p.level) || p.level === 'WARN' || p.exception)) return undefined;
  const expected = minutes.before > 0 ? (p.before / minutes.before) * minutes.after : 0;
  const z = (p.after - expected) / Math.sqrt(expected + 1);
  const isNew = p.before === 0 && p.after >= NEW_MIN;
  return isNew || z >= Z_MIN ? { p, z, isNew, evidence } : undefined;
}

function toFinding({ p, z, isNew, evidence }: Telling): Finding {
  const times = isNew
    ? `${plural(p.after, 'time')}, never before`
    : `${p.perMinuteBefore} to ${p.perMinuteAfter} a minute`;
  return finding({
    kind: isNew ? 'new-log-pattern' : 'risen-log-pattern',
    entity: { name: p.service, level: 'service' },
    at: p.first,
    severity: squash(z, HALF_Z) * (isBad(p.level) || p.exception ? 1 : 0.5),
    title: oneLine(
      `${p.service} ${p.level || 'log'} ${times}: ${p.exception ? `${p.exception.type}: ${p.exception.message}` : p.exemplar}`,
      240,
    ),
    cites: [evidence],
    data: {
      type: 'log',
      service: p.service,
      template: p.template,
      level: p.level,
      before: p.before,
      after: p.after,
      z: Number(z.toPrecision(4)),
      isNew,
      exemplar: oneLine(p.exemplar, 300),
      ...(p.exception ? { exception: p.exception } : {}),
    },
    claim: { type: 'count', evidence, what: 'patterns', match: p.template, atLeast: Math.max(1, p.after) },
  });
}
