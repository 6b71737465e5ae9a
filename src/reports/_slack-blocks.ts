/** Block Kit within the limits of Slack: the verdict whole, everything else as far as there is room. */
import { type Closing, closingOf, notChecked, type Section } from '../core/closing.ts';
import { firstOf } from '../core/closing-lines.ts';
import { questionsOf, type State } from '../core/run-state.ts';
import { cut, oneLine, plural } from '../core/text.ts';
import { formatDuration } from '../core/time.ts';
import { alertFacts, dayAndClock, runName } from '../core/wording.ts';
import { slackText } from '../safety/safe-markup.ts';
import { bodySections, confidenceOf, joinedLines } from './_verdict.ts';

/** What `chat.postMessage` and an incoming webhook both take. */
export interface SlackMessage {
  /** For notifications, and for readers that know no blocks. */
  text: string;
  blocks: Block[];
}

type Mrkdwn = { type: 'mrkdwn'; text: string; verbatim: true };
type Block =
  | { type: 'header'; text: { type: 'plain_text'; text: string; emoji: false } }
  | { type: 'section'; text: Mrkdwn }
  | { type: 'section'; fields: Mrkdwn[] }
  | { type: 'context'; elements: Mrkdwn[] }
  | { type: 'divider' };

/** Slack refuses a message of about 13,200 characters in all its blocks, whatever each of them may hold. */
const TOTAL = 12_000;
/** Its own most of a header and of a section. */
const HEADER = 150;
const SECTION = 3000;
/** Items of a section and characters of an item, in the order in which room is made. */
const ROOM: [items: number, length: number][] = [
  [12, 500],
  [8, 400],
  [5, 300],
  [3, 200],
  [1, 120],
];

/** Text in which outsiders are named, as long as `max` characters before Slack's own escapes. */
const safe = (text: string, max = 500): string => slackText(oneLine(text, max));
/** `verbatim`: Slack looks for no links, names and channels of its own. */
const mrkdwn = (text: string): Mrkdwn => ({ type: 'mrkdwn', text, verbatim: true });

/** The message about a run. At most 20 blocks and 12,000 characters. */
export function slackMessage(state: State): SlackMessage {
  const closing = closingOf(state);
  const text = `${closing.word}: ${safe(closing.headline)}`;
  const head = headBlocks(state, closing);
  const foot: Block = { type: 'context', elements: [mrkdwn(footText(state))] };
  const sections = [
    ...bodySections(closing).slice(0, 12),
    { heading: 'Not checked', items: notChecked(state), as: 'lines' as const },
  ].filter((s) => s.items.length > 0);
  for (const [items, length] of ROOM) {
    const blocks = [...head, ...sections.map((s) => sectionBlock(s, items, length)), foot];
    if (lengthOf(blocks) + text.length <= TOTAL) return { text, blocks };
  }
  return { text, blocks: [...head, foot] };
}

const lengthOf = (blocks: Block[]): number => JSON.stringify(blocks).length;

function headBlocks(state: State, closing: Closing): Block[] {
  const { alert, verdict } = state;
  const sure = confidenceOf(state);
  const facts: [string, string | undefined][] = [
    ['Confidence', sure?.replace(/^Confidence /, '')],
    ['Service', alert && alertFacts(alert)],
    ['Broken since', verdict?.onset && dayAndClock(verdict.onset.at, true)],
    ['Alert', alert?.title],
    ['Since then', joinedLines(state).join('; ') || undefined],
  ];
  const fields = facts.flatMap(([name, value]) => (value ? [mrkdwn(`*${name}*\n${safe(value, 200)}`)] : []));
  return [
    { type: 'header', text: { type: 'plain_text', text: cut(`inquest: ${closing.word}`, HEADER), emoji: false } },
    { type: 'section', text: mrkdwn(`*${safe(closing.headline)}*`) },
    ...(fields.length > 0 ? [{ type: 'section' as const, fields }] : []),
  ];
}

function sectionBlock({ heading, note, items, as }: Section, most: number, length: number): Block {
  const title = `*${safe(heading, 100)}*${note ? ` (${safe(note, 200)})` : ''}`;
  const lines = firstOf(items, most).map((x, i) => `${as === 'steps' ? `${i + 1}.` : '•'} ${safe(x, length)}`);
  const kept: string[] = [title];
  for (const line of lines) if (kept.join('\n').length + line.length + 1 <= SECTION) kept.push(line);
  return { type: 'section', text: mrkdwn(kept.join('\n')) };
}

function footText(state: State): string {
  const took = state.ms === undefined ? '' : `${formatDuration(state.ms)}, `;
  return `${took}${plural(questionsOf(state), 'question')} asked, nothing was changed. Run ${safe(runName(state), 20)}`;
}
