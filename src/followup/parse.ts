/** A question in words → whom, what and when it is about. What is not understood is said, never guessed. */
import type { TimeRange } from '../core/capabilities.ts';
import { nearest } from '../core/text.ts';
import { HOUR, MINUTE, range, toIso, toMs } from '../core/time.ts';
import { FILLER, TOPICS, type Topic } from './topics.ts';

export interface Frame {
  /** Services and machines that the run has seen. */
  names: readonly string[];
  /** Whom the alert is about. */
  alerting: string | undefined;
  /** When it began, ISO; the beginning of the normal time; the moment of the run. */
  onset: string;
  normal: string;
  now: string;
}

export interface Parsed {
  entities: string[];
  topics: Topic[];
  range: TimeRange;
  /** The time was given in the question. */
  dated: boolean;
  /** What was taken for granted. */
  assumed: string[];
  /** What was not understood, in words for whoever asked. */
  unclear: string[];
}

const CLOCK = String.raw`(?:(\d{4}-\d\d-\d\d)[t ])?(\d{1,2}:\d\d(?::\d\d)?)z?`;
/** Around a moment: so long before and after it, ms. */
const AROUND = 5 * MINUTE;

/** Reads a question. The same question and frame give the same answer. */
export function parse(question: string, f: Frame): Parsed {
  const text = question.toLowerCase().slice(0, 1000);
  const time = timeOf(text, f);
  const words = time.rest.match(/[\p{L}\p{N}][\p{L}\p{N}._/:-]*/gu)?.map((w) => w.replace(/[.:/-]+$/, '')) ?? [];
  const byName = new Map(f.names.map((n) => [n.toLowerCase(), n]));
  const entities = new Set<string>();
  const topics = new Set<Topic>();
  const unclear = [...time.unclear];
  for (const word of words) {
    const name = byName.get(word);
    const topic = (Object.keys(TOPICS) as Topic[]).find((t) => TOPICS[t].words.test(word));
    if (name !== undefined) entities.add(name);
    else if (topic) topics.add(topic);
    else if (word === 'why' || word === 'cause' || word === 'caused')
      unclear.push(`"${word}": causes are judged by the verdict; code answers what was measured`);
    else if (!FILLER.has(word)) {
      const near = word.length > 3 ? nearest(word, byName.keys()) : undefined;
      unclear.push(`"${word}" is not understood${near ? `; did you mean "${byName.get(near)}"?` : ''}`);
    }
  }
  const assumed: string[] = [];
  if (entities.size === 0 && f.alerting !== undefined && !unclear.some((u) => u.includes('did you mean'))) {
    entities.add(f.alerting);
    assumed.push(`it is about ${f.alerting}, which alerts`);
  }
  if (topics.size === 0) {
    unclear.push(`nothing to look for; it may ask about ${(Object.keys(TOPICS) as Topic[]).join(', ')}`);
  }
  return { entities: [...entities], topics: [...topics], range: time.range, dated: time.dated, assumed, unclear };
}

interface Time {
  range: TimeRange;
  dated: boolean;
  /** The question without its words of time. */
  rest: string;
  unclear: string[];
}

/** The time that a question names; else since the onset. */
function timeOf(text: string, f: Frame): Time {
  const now = toMs(f.now);
  const at = (day: string | undefined, clock: string): number => {
    const of = (d: string): number =>
      toMs(`${d}T${clock.padStart(clock.length === 4 || clock.length === 7 ? clock.length + 1 : clock.length, '0')}Z`);
    const today = of(day ?? f.now.slice(0, 10));
    // A time of day that lies ahead was yesterday.
    return day === undefined && today > now ? today - 24 * HOUR : today;
  };
  const found = (from: number, to: number, m: string): Time => {
    // A range over midnight.
    if (to < from) to += 24 * HOUR;
    const bad = Number.isNaN(from) || Number.isNaN(to) || from >= Math.min(to, now);
    const rest = text.replace(m, ' ');
    if (bad)
      return {
        range: { from: f.onset, to: f.now },
        dated: false,
        rest,
        unclear: [`the time "${m.trim()}" is none before ${f.now}`],
      };
    return { range: range(from, Math.min(to, now)), dated: true, rest, unclear: [] };
  };
  let m = new RegExp(`(?:between|from) ${CLOCK} (?:and|to|until) ${CLOCK}`).exec(text);
  if (m) return found(at(m[1], m[2]!), at(m[3] ?? m[1], m[4]!), m[0]);
  m = new RegExp(`(?:since|after) ${CLOCK}`).exec(text);
  if (m) return found(at(m[1], m[2]!), now, m[0]);
  m = new RegExp(`(?:before|until) ${CLOCK}`).exec(text);
  if (m) return found(toMs(f.normal), at(m[1], m[2]!), m[0]);
  m = new RegExp(`(?:at |around )?${CLOCK}`).exec(text);
  if (m) return found(at(m[1], m[2]!) - AROUND, at(m[1], m[2]!) + AROUND, m[0]);
  m = /(?:in the |the )?last (\d{1,4}) ?(minutes?|min|m|hours?|h)\b/.exec(text);
  if (m) return found(now - Number(m[1]) * (m[2]!.startsWith('h') ? HOUR : MINUTE), now, m[0]);
  m = /before the (?:alert|incident|onset)|before it (?:began|started)/.exec(text);
  if (m) return found(toMs(f.normal), toMs(f.onset), m[0]);
  const vague = /\b(yesterday|tomorrow|last (?:week|night|month)|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b/.exec(
    text,
  );
  const unclear = vague ? [`the time "${vague[0]}" is not understood: write 08:30, or 2026-01-31 08:30 (UTC)`] : [];
  const rest = vague ? text.replace(vague[0], ' ') : text;
  return { range: { from: f.onset, to: toIso(now) }, dated: false, rest, unclear };
}
