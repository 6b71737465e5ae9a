/**
 * A draft of a post-mortem: what the run knows is filled in with its evidence, what only people know is a `TODO`.
 * Blameless: changes are named, nobody who made them is. The fields are those that Google's SRE book, PagerDuty,
 * Atlassian and incident.io ask for.
 */
import { notChecked } from '../core/closing.ts';
import { firstOf } from '../core/closing-lines.ts';
import { stringMapper } from '../core/map-strings.ts';
import type { Report } from '../core/ports.ts';
import type { State } from '../core/run-state.ts';
import { count, oneLine } from '../core/text.ts';
import { formatDuration, toMs } from '../core/time.ts';
import { confidenceText, dayAndClock, leadOf, onsetText, runName, timeline } from '../core/wording.ts';
import { safeText } from '../safety/safe-text.ts';
import { checked } from './_markdown-check.ts';
import { code, evidenceId, prose, row } from './_markdown-text.ts';

const safe = stringMapper(safeText);
const TIMES = 60;
const TODO = 'TODO';

export const report: Report = {
  mime: 'text/markdown; charset=utf-8',
  published: true,
  async render(raw) {
    const state = safe(raw);
    const lines = [
      ...head(state),
      ...part('Summary', summary(state)),
      ...part('Impact', impact(state)),
      ...part('Trigger and lead-up', trigger(state)),
      ...part('Root causes and contributing factors', causes(state)),
      ...part('Detection', detection(state)),
      ...part('Response and resolution', [
        `${TODO}: who was paged, what was tried, what helped, and when it was over.`,
        ...(state.alert?.endsAt ? [`The alert ended at ${dayAndClock(state.alert.endsAt, true)}.`] : []),
      ]),
      ...times(state),
      ...lessons(),
      ...actions(state),
      ...part('What this draft does not know', unknowns(state)),
      '',
      `Drafted by inquest from run ${code(runName(state))}; nothing in it was written by a person yet.`,
    ];
    return checked(`${lines.join('\n')}\n`);
  },
};

const part = (heading: string, items: string[]): string[] => [
  '',
  `## ${heading}`,
  '',
  ...items.map((item) => `- ${item}`),
];

function head(state: State): string[] {
  const { alert, verdict } = state;
  const day = alert ? alert.startsAt.slice(0, 10) : TODO;
  const title = verdict?.outcome === 'cause' ? verdict.headline : (alert?.title ?? 'an incident');
  return [
    `# Post-mortem: ${prose(title)}`,
    '',
    row(['field', 'value']),
    '|---|---|',
    row(['Status', 'draft']),
    row(['Date', day]),
    row(['Service', alert?.service ? code(alert.service, 80) : TODO]),
    row(['Severity', alert?.severity ? code(alert.severity, 40) : TODO]),
    row(['Owner', TODO]),
    row(['Authors', TODO]),
    row(['Reviewed by', TODO]),
  ];
}

function summary({ alert, verdict }: State): string[] {
  const began = verdict?.onset ? ` Broken since ${onsetText(verdict.onset)}.` : '';
  return [
    alert
      ? `At ${dayAndClock(alert.startsAt, true)} an alert fired: ${code(alert.title, 300)}.${began}`
      : `No alert was read.${began}`,
    ...(verdict ? [`${likely(verdict.gate.confidence, verdict.outcome)} ${prose(verdict.headline)}.`] : []),
    `${TODO}: one sentence for readers who know nothing of the system.`,
  ];
}

/** What a claim of the run is worth in words; only from 0.9 on without a hedge. */
function likely(confidence: number, outcome: string): string {
  if (outcome === 'healthy') return 'When it was looked at, nothing was wrong:';
  if (outcome === 'inconclusive') return 'The cause is open:';
  return confidence >= 0.9 ? 'The cause:' : confidence >= 0.7 ? 'Likely cause:' : 'Possible cause:';
}

function impact(state: State): string[] {
  const { verdict } = state;
  const measured = verdict?.claims.filter((c) => c.ok && c.claim.type === 'changed') ?? [];
  return [
    ...firstOf([...new Set(measured.map((c) => `${c.sentence} (${c.cites.join(' ')})`))], 10).map((x) => prose(x)),
    `${TODO}: how many customers or requests, which promises were broken, what it cost.`,
    `${TODO}: when it was over; duration.`,
  ];
}

function trigger(state: State): string[] {
  const near = state.findings
    .map((f) => f.finding)
    .filter((f) => f.kind === 'change-near-onset' && f.data.late !== true)
    .map((f) => prose(`${oneLine(f.title, 300)} (${f.cites.join(' ')})`));
  return near.length > 0
    ? ['Changes shortly before, guilty or not:', ...firstOf(near, 10)]
    : [`No change was found near the onset. ${TODO}: was there one that no source shows?`];
}

function causes(state: State): string[] {
  const { verdict, feedback } = state;
  const said = feedback
    ? [
        `People said of this verdict: ${feedback.right ? 'right' : 'wrong'}${feedback.cause ? `; ${prose(feedback.cause)}` : ''}.`,
      ]
    : [];
  const lead = leadOf(state);
  const why = verdict?.claims.filter((c) => c.ok && c.claim.type !== 'changed') ?? [];
  const first = verdict
    ? `${likely(verdict.gate.confidence, verdict.outcome)} ${prose(verdict.headline)} (${confidenceText(verdict)}${verdict.outcome === 'cause' && !verdict.confirmed ? ', rests on text that outsiders can write' : ''}).`
    : `The run has no verdict. ${lead ? `Strongest lead: ${prose(lead.claim)}.` : ''}`;
  return [
    first,
    ...firstOf([...new Set(why.map((c) => `${c.sentence} (${c.cites.join(' ')})`))], 10).map((x) => prose(x)),
    ...said,
    `${TODO}: why was it possible? Ask for conditions, not for persons.`,
  ];
}

function detection({ alert, verdict }: State): string[] {
  const ms = alert && verdict?.onset ? toMs(alert.startsAt) - toMs(verdict.onset.at) : undefined;
  const late =
    ms === undefined
      ? []
      : [
          ms >= 0
            ? `The alert fired ${formatDuration(ms)} after the onset.`
            : `The alert fired ${formatDuration(-ms)} before the onset that was found.`,
        ];
  return [
    ...(alert ? [`By an alert of ${code(alert.source, 60)}.`] : []),
    ...late,
    `${TODO}: could it have been noticed sooner, and by whom was it noticed first?`,
  ];
}

function times(state: State): string[] {
  const all = timeline(state);
  const rows = all
    .slice(0, TIMES)
    .map((t) => row([dayAndClock(t.at, true), prose(t.what), t.cites.slice(0, 6).map(evidenceId).join(' ')]));
  return [
    '',
    '## Timeline (UTC)',
    '',
    row(['time', 'what', 'evidence']),
    '|---|---|---|',
    ...rows,
    ...(all.length > TIMES ? [row(['', `and ${count(all.length - TIMES)} more`, ''])] : []),
    row([TODO, 'paged, acknowledged, mitigated, over', '']),
  ];
}

const lessons = (): string[] => [
  '',
  '## Lessons',
  '',
  `- What went well: ${TODO}`,
  `- What went wrong: ${TODO}`,
  `- Where we were lucky: ${TODO}`,
];

function actions(state: State): string[] {
  const next = (state.verdict?.next ?? []).slice(0, 10).map((x) => row([prose(x, 300), 'mitigate', TODO, TODO]));
  return [
    '',
    '## Action items',
    '',
    row(['what', 'type', 'owner', 'ticket']),
    '|---|---|---|---|',
    ...next,
    row([`${TODO}: so that it cannot happen again`, 'prevent', TODO, TODO]),
    row([`${TODO}: so that it is noticed sooner`, 'detect', TODO, TODO]),
  ];
}

function unknowns(state: State): string[] {
  const open = firstOf(notChecked(state), 20).map((x) => prose(x));
  return open.length > 0 ? open : ['Every question of the run got a complete answer.'];
}
