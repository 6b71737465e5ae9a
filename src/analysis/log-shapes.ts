/** Log records by their shape: counted as they stream by, merged without regard to order, bounded in number. */
import { byText } from '../core/canonical.ts';
import { coarser, locationOf, maskLine } from './log-template.ts';
import { parseTrace } from './stack-trace.ts';

/** Distinct masked lines kept for a service before coarser ones take over: about 2 MB at most. */
const SHAPES_MAX = 4000;

/** Marks a key that is a code location: exact already, never grouped with others. */
export const AT = '@ ';

export interface Shape {
  level: string;
  before: number;
  after: number;
  first: number;
  last: number;
  /** The earliest record after the onset, else the earliest; of equal times the first by text. */
  exemplar: { at: number; body: string; after: boolean };
}

export interface Service {
  name: string;
  /** Coarseness of the keys, see `coarser`. */
  coarse: number;
  shapes: Map<string, Shape>;
}

/** What makes two records instances of one statement: the code location where shown, else the masked text. */
export function shapeKey(body: string): string {
  const end = body.indexOf('\n');
  const head = end < 0 ? body : body.slice(0, end);
  const location = locationOf(head);
  let key = location === undefined ? maskLine(head) : AT + location;
  if (end >= 0) {
    const thrown = parseTrace(body);
    if (thrown) key += ` ⏎ ${thrown.type} ${maskLine(thrown.frame ?? '')}`;
  }
  return key;
}

export function earlier(a: Shape['exemplar'], b: Shape['exemplar']): Shape['exemplar'] {
  if (a.after !== b.after) return a.after ? a : b;
  return (a.at - b.at || byText(a.body, b.body)) <= 0 ? a : b;
}

export function merge(into: Map<string, Shape>, key: string, s: Shape): void {
  const have = into.get(key);
  if (!have) {
    into.set(key, s);
    return;
  }
  have.before += s.before;
  have.after += s.after;
  have.first = Math.min(have.first, s.first);
  have.last = Math.max(have.last, s.last);
  have.exemplar = earlier(have.exemplar, s.exemplar);
}

/** Keeps the number of shapes bounded. The level reached depends on the set of lines only, so order changes nothing. */
export function widen(service: Service): void {
  while (service.shapes.size > SHAPES_MAX) {
    service.coarse++;
    const coarse = new Map<string, Shape>();
    for (const [key, s] of service.shapes) {
      const at = key.indexOf('\t');
      merge(coarse, `${key.slice(0, at)}\t${coarser(key.slice(at + 1), service.coarse)}`, s);
    }
    service.shapes = coarse;
  }
}
