/** What a plain log says of each event: a word to grep for, and a text. */
import type { Event } from '../core/events.ts';
import { rankRows } from '../core/ranking.ts';
import type { State } from '../core/run-state.ts';
import { oneLine, plural } from '../core/text.ts';
import { formatDuration, toMs } from '../core/time.ts';
import { alertFacts, dayAndClock, evidenceText, isComplete, span, stepsDone, topicOf } from '../core/wording.ts';
import { budgetLines, turnFinishedLines, turnStartedLines } from './agent-lines.ts';
import { humanLines } from './human-lines.ts';
import type { Tone } from './paint.ts';

export interface PlainLine {
  word: string;
  text: string;
  tone?: Tone;
  /** Not to be cut. */
  whole?: boolean;
}

/** The lines of an event, most often one; none for what only matters to the machine. */
export function eventLines(e: Event, state: State): PlainLine[] {
  switch (e.type) {
    case 'run.started':
      return startOf(state);
    case 'run.resumed':
      return [
        ...startOf(state),
        { word: 'resumed', text: `${plural(state.evidence.filter((x) => x.state === 'done').length, 'answer')} kept` },
      ];
    case 'step.started':
      return [{ word: 'step', text: `${e.step}: ${titleOf(state, e.step)}` }];
    case 'step.skipped':
      return [{ word: 'skip', text: `${e.step}: ${oneLine(e.why)}` }];
    case 'step.finished': {
      if (e.error) return [{ word: 'fail', text: `${e.step}: ${oneLine(e.error)}`, tone: 'bad' }];
      const ids = e.evidence.length > 0 ? ` from ${e.evidence.join(' ')}` : '';
      return [{ word: 'done', text: `${e.step}: ${plural(e.findings, 'finding')}${ids}, ${formatDuration(e.ms)}` }];
    }
    case 'call.finished': {
      const answer = state.evidence.find((x) => x.id === e.key);
      if (!answer) return [];
      const good = isComplete(answer);
      const text = `${e.key} ${topicOf(e.capability)} ${evidenceText(answer)}`;
      return [good ? { word: e.status, text, tone: 'good' } : { word: 'warn', text, tone: 'warn' }];
    }
    case 'finding':
      if (e.finding.kind === 'normal') return [];
      return [{ word: 'found', text: `${oneLine(e.finding.title)} (${e.finding.cites.join(' ')})` }];
    case 'hypotheses.ranked': {
      const rows = rankRows(e.hypotheses, 4);
      const name = { hypothesis: '', rest: 'others', unknown: 'unknown' };
      return [{ word: 'rank', text: rows.map((r) => `${r.id || name[r.kind]} ${r.score}`).join(' ') }];
    }
    case 'gate.decided':
      return [{ word: 'gate', text: oneLine(e.gate.reason) }];
    case 'claim.checked':
      return [
        {
          word: 'claim',
          text: `${e.claim.ok ? 'holds' : 'dropped'}: ${oneLine(e.claim.sentence, 300)} ${e.claim.cites.join(' ')}`,
        },
      ];
    case 'run.finished': {
      const { outcome, confidence, hypothesis, headline } = e.verdict;
      const which = [outcome, hypothesis, confidence.toFixed(2)].filter(Boolean).join(' ');
      return [{ word: 'verdict', text: `${which} ${oneLine(headline, 500)}`, tone: 'bold', whole: true }];
    }
    case 'run.interrupted':
      return [{ word: 'stopped', text: oneLine(e.why), tone: 'warn' }];
    case 'run.reopened':
      return [{ word: 'again', text: oneLine(e.why) }];
    case 'run.forked':
      return [{ word: 'fork', text: `${plural(e.shared, 'answer')} of ${e.parent.slice(-6)} shared` }];
    case 'note.added':
      return [{ word: 'note', text: `E0.${e.n} ${oneLine(e.text)}` }];
    case 'evidence.stale':
      return e.items.map((i) => ({
        word: 'stale',
        text: `${i.key} is ${formatDuration(i.ageMs)} old (keeps ${formatDuration(i.limitMs)})`,
        tone: 'warn',
      }));
    case 'turn.started':
      return turnStartedLines(e, state);
    case 'turn.finished':
      return turnFinishedLines(e);
    case 'budget.changed':
      return budgetLines(e);
    case 'alert.joined':
      return [{ word: 'alert', text: `${e.as}: ${oneLine(e.title)}; ${oneLine(e.why)}` }];
    case 'human.asked':
    case 'human.answered':
    case 'hint.queued':
    case 'hint.used':
    case 'pause.set':
    case 'question.asked':
    case 'question.answered':
      return humanLines(e);
    case 'journal.opened':
    case 'call.started':
    case 'answer.shared':
    case 'feedback.given':
      return [];
    default:
      return [];
  }
}

function startOf({ alert, window, playbook, now, tools, unavailable }: State): PlainLine[] {
  if (!alert || !window) return [];
  const sources = [...new Set(tools.map((t) => t.source))].map((s) => `${s}=ok`);
  const closed = unavailable.map((x) => `${oneLine(x.source, 40)}=no (${oneLine(x.why)})`);
  const asked = now ? `, asked at ${dayAndClock(now)}` : '';
  return [
    {
      word: 'start',
      text: `${oneLine(alert.title)}  ${alertFacts(alert)}  fired ${dayAndClock(alert.startsAt)}${asked}`,
    },
    {
      word: 'window',
      text: `${span(window.from, window.to)}, against ${span(window.baseline.from, window.baseline.to)}`,
    },
    {
      word: 'plan',
      text: `playbook ${playbook ? `${oneLine(playbook.name, 40)} (${oneLine(playbook.why)})` : 'none'}`,
    },
    {
      word: 'source',
      text: [...sources, ...closed].join(' ') || 'none',
      ...(closed.length > 0 ? { tone: 'warn' as const } : {}),
    },
  ];
}

const titleOf = (state: State, step: string): string => oneLine(state.steps.find((s) => s.name === step)?.title ?? '');

/** That it is still at work, and on what. */
export function aliveLine(state: State, now: number): PlainLine {
  const { done, of } = stepsDone(state);
  const open = state.evidence.filter((e) => e.state === 'running');
  const oldest = open[0];
  const asking = oldest
    ? `, ${oldest.tool} asked ${formatDuration(Math.max(0, now - toMs(oldest.startedAt)))} ago`
    : '';
  return { word: 'alive', text: `${done} of ${of} steps done${asking}`, tone: 'dim' };
}
