/** What a plain log says of people: what they were asked, what they answered, what they told the model. */
import type { EventOf } from '../core/events.ts';
import { oneLine } from '../core/text.ts';
import { dayAndClock } from '../core/wording.ts';
import type { PlainLine } from './plain-lines.ts';

type OfPeople = EventOf<
  'human.asked' | 'human.answered' | 'hint.queued' | 'hint.used' | 'pause.set' | 'question.asked' | 'question.answered'
>;

export function humanLines(e: OfPeople): PlainLine[] {
  switch (e.type) {
    case 'human.asked': {
      const choices = e.choices.map((c) => `${c.word}: ${c.says}`).join('; ');
      const text = `${e.id} until ${dayAndClock(e.deadline, true)}: ${e.text} (${choices})`;
      return [{ word: 'asked', text: oneLine(text, 600), tone: 'ask', whole: true }];
    }
    case 'human.answered':
      return [{ word: 'answer', text: `${e.id} ${e.choice} (${e.from}${e.who ? `, ${oneLine(e.who, 60)}` : ''})` }];
    case 'hint.queued':
      return [{ word: 'hint', text: `queued, used at the next turn: "${oneLine(e.text, 300)}"` }];
    case 'hint.used':
      return [{ word: 'hint', text: `${e.n} given to turn ${e.turn}` }];
    case 'pause.set':
      return [{ word: 'pause', text: e.on ? 'before the next turn' : 'over' }];
    case 'question.asked':
      return [{ word: 'asked', text: oneLine(e.text, 300) }];
    case 'question.answered':
      return [{ word: 'answer', text: `${e.answer.says}: ${oneLine(e.answer.headline, 400)}`, whole: true }];
  }
}
