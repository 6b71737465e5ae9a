/** The last words of a run: what is going on, what caused it, what to do next, what was not checked. State → sections. */
import { canonical } from './canonical.ts';
import type { CheckedClaim } from './claims.ts';
import { agentSections, furtherItems } from './closing-agent.ts';
import { rankRows } from './ranking.ts';
import { requestsLine } from './requests.ts';
import { questionsOf, type State } from './run-state.ts';
import { cut, oneLine, plural } from './text.ts';
import { formatDuration } from './time.ts';
import type { Verdict } from './verdict.ts';
import { confidenceText, confidenceWord, leadOf, onsetText, runName, stepsDone } from './wording.ts';

export interface Section {
  heading: string;
  note?: string;
  items: string[];
  /** How the items are set: a line each, numbered, or run together in one paragraph. */
  as: 'lines' | 'steps' | 'paragraph';
}

export interface Closing {
  mark: 'done' | 'ask' | 'limited';
  word: string;
  /** What stands beside the word: the headline or the strongest lead. */
  headline: string;
  right: string;
  sections: Section[];
  footer: string[];
}

/** The closing of a run that is finished, stopped, or broke off. */
export function closingOf(state: State): Closing {
  const { verdict } = state;
  if (!verdict) return stopped(state);
  switch (verdict.outcome) {
    case 'cause':
      return {
        mark: 'done',
        word: 'VERDICT',
        headline: oneLine(verdict.headline, 500),
        right: `${confidenceText(verdict)}   ${runName(state)}`,
        sections: [...causeSections(state, verdict), ...commonSections(state, verdict)],
        footer: footer(state),
      };
    case 'healthy':
      return {
        mark: 'done',
        word: 'HEALTHY',
        headline: oneLine(verdict.headline, 500),
        right: `${confidenceText(verdict)}   ${runName(state)}`,
        sections: [section('What was looked at', looks(verdict)), ...commonSections(state, verdict)].filter(
          (s) => s.items.length > 0,
        ),
        footer: footer(state),
      };
    case 'inconclusive': {
      const lead = leadOf(state);
      const { confidence, thresholds } = verdict.gate;
      const needs = confidence < thresholds.confidence ? ` (needs ${thresholds.confidence.toFixed(2)})` : '';
      const best = lead ? `strongest lead ${lead.id}, confidence ${confidence.toFixed(2)}${needs}` : 'no lead';
      return {
        mark: 'ask',
        word: 'NO VERDICT',
        headline: best,
        right: runName(state),
        sections: [
          section('What we know', [...onsetOf(verdict), sentence(verdict.headline), ...said(verdict.claims)]),
          section('Why we stopped', [oneLine(verdict.gate.reason, 500), ...furtherItems(verdict)]),
          ...agentSections(verdict),
          ...changesNear(state, undefined),
          ...others(state, 0),
          ...commonSections(state, verdict, 'What would decide it (for a human)'),
        ].filter((s) => s.items.length > 0),
        footer: footer(state),
      };
    }
  }
}

/** The sentences of the claims that held, each with its evidence ids; repeats once. */
function said(claims: CheckedClaim[]): string[] {
  const lines = claims.filter((c) => c.ok).map((c) => `${sentence(c.sentence)} ${missingIds(c)}`.trimEnd());
  return [...new Set(lines)];
}

/** The ids that the sentence does not name itself. */
const missingIds = (c: CheckedClaim): string => c.cites.filter((id) => !c.sentence.includes(id)).join(' ');

/** Ends with a full stop, whatever wrote it. */
const sentence = (text: string): string => {
  const line = oneLine(text, 500);
  return line === '' || /[.!?…:)]$/.test(line) ? line : `${line}.`;
};

function causeSections(state: State, verdict: Verdict): Section[] {
  const held = verdict.claims.filter((c) => c.ok);
  const isCause = causeTest(state, held, verdict.hypothesis);
  const trust = verdict.confirmed ? 'rests on measurements' : 'rests on text that outsiders can write';
  return [
    section('What is going on', [...onsetOf(verdict), ...said(held.filter((c) => !isCause(c)))]),
    {
      ...section('What caused it', said(held.filter(isCause))),
      note: `${confidenceWord(verdict.gate.confidence)} confidence, ${trust}`,
    },
    ...agentSections(verdict),
    ...changesNear(state, verdict.change),
    ...others(state, 1),
  ].filter((s) => s.items.length > 0);
}

/**
 * Which claims speak of the cause: those of the accused hypothesis. Where all of them do, those that only measure
 * (`changed`, `count`) say what is going on.
 */
function causeTest(state: State, held: CheckedClaim[], accused: string | undefined): (c: CheckedClaim) => boolean {
  const own = new Set(state.hypotheses.find((h) => h.id === accused)?.claims.map(canonical));
  const isOwn = (c: CheckedClaim): boolean => own.has(canonical(c.claim));
  const measures = (c: CheckedClaim): boolean => c.claim.type === 'changed' || c.claim.type === 'count';
  if (held.some(isOwn) && !held.every(isOwn)) return isOwn;
  return held.every(measures) ? () => true : (c) => !measures(c);
}

const onsetOf = (verdict: Verdict): string[] => (verdict.onset ? [`Broken since ${onsetText(verdict.onset)}.`] : []);

/** What a healthy verdict rests on, each look with its evidence. */
const looks = (verdict: Verdict): string[] => [
  ...(verdict.reasons ?? []).map((r) => `${sentence(r.reason)} ${r.cites.join(' ')}`.trimEnd()),
  ...said(verdict.claims),
];

/** Everything that was changed shortly before, guilty or not: what a person on call asks first. */
function changesNear(state: State, accused: string | undefined): Section[] {
  const near = state.findings
    .map((f) => f.finding)
    .filter((f) => f.kind === 'change-near-onset' && f.data.id !== accused && f.data.late !== true)
    .map((f) => `${sentence(f.title)} ${f.cites.join(' ')}`.trimEnd());
  return near.length === 0
    ? []
    : [section(accused ? 'What else changed' : 'What changed near then', [...new Set(near)])];
}

/** The hypothesis without its reasons: who, and what is the matter. */
const subject = (claim: string): string => cut(claim.split(': ')[0] ?? claim, 120);

/** The hypotheses below the first `skip`, and the share of the unknown. */
function others(state: State, skip: number): Section[] {
  const rows = rankRows(state.hypotheses, 4).slice(skip);
  const items = rows
    .filter((r) => r.score !== '0.00' || r.kind === 'unknown')
    .map((r) => `${[r.id, r.score, subject(r.claim)].filter(Boolean).join(' ')}${r.word ? ` (${r.word})` : ''}`);
  return rows.length === 0 ? [] : [section(skip > 0 ? 'What else it could be' : 'Hypotheses', items)];
}

function commonSections(state: State, verdict: Verdict, next = 'What to do next'): Section[] {
  const dropped = verdict.claims.filter((c) => !c.ok).map((c) => `dropped, did not hold: ${sentence(c.sentence)}`);
  const steps = verdict.next.map((x) => oneLine(x, 500));
  return [section(next, steps, 'steps'), section('Not checked', [...notChecked(state), ...dropped])].filter(
    (s) => s.items.length > 0,
  );
}

/** What could not be looked at, and why; sources that did not open among it. */
export function notChecked(state: State): string[] {
  const told = (state.verdict?.notChecked ?? []).map((x) => `${oneLine(x.what)}: ${oneLine(x.why, 300)}`);
  const closed = state.unavailable.map((x) => `${oneLine(x.source)}: ${oneLine(x.why, 300)}`);
  return [...new Set([...told, ...closed])];
}

function section(heading: string, items: string[], as: Section['as'] = 'lines'): Section {
  return { heading, as, items: items.filter((x) => x !== '') };
}

function footer(state: State): string[] {
  const run = runName(state);
  const took = state.ms === undefined ? '' : `${formatDuration(state.ms)}, `;
  const first = state.verdict?.claims.flatMap((c) => c.cites)[0] ?? state.evidence[0]?.id;
  const requests = requestsLine(state);
  return [
    `${took}${plural(questionsOf(state), 'question')} asked, nothing was changed`,
    ...(requests === undefined ? [] : [requests]),
    `More:  inquest show ${run}${first ? ` ${first}` : ''}   inquest report ${run} --format markdown`,
  ];
}

function stopped(state: State): Closing {
  const run = runName(state);
  const lead = leadOf(state);
  const { done, of } = stepsDone(state);
  const answered = state.evidence.filter((e) => e.state === 'done').length;
  // Nobody of this machine works on it: as long as it is not said to have stopped, it goes on there.
  const elsewhere = state.settings.engine !== undefined && state.stopped === undefined;
  return {
    mark: elsewhere ? 'ask' : 'limited',
    word: elsewhere ? 'RUNNING' : 'STOPPED',
    headline: elsewhere ? 'on an engine' : oneLine(cut(state.stopped ?? 'before the end', 200)),
    right: run,
    sections: [
      section('So far', [
        `${done} of ${of} steps, ${plural(answered, 'answer')}; all of it is saved.`,
        lead ? `Strongest lead: ${lead.id} at ${lead.score.toFixed(2)}, ${sentence(lead.claim)}` : 'No lead yet.',
      ]),
    ],
    footer: [elsewhere ? `Watch it:  inquest resume ${run}` : `Go on:  inquest resume ${run}`],
  };
}
