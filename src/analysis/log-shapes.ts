/** Log records by their shape: counted as they stream by, merged without regard to order, bounded in number. */
import { byText } from '../core/canonical.ts';
import { newScan, type Scan, scanLine } from './log-scan.ts';
import { LINE_MAX, locationOf, maskLine } from './log-template.ts';
import { HOLE, maskValues } from './log-values.ts';
import { parseTrace } from './stack-trace.ts';

/** Distinct masked lines kept for a service before coarser ones take over. */
const SHAPES_MAX = 4000;
/** Fingerprints remembered for a service: about 1.5 MB. */
const SEEN_MAX = 1 << 14;
/** Characters of a record that are kept as its exemplar: a stack trace's head and first frames. */
const EXEMPLAR_MAX = 4000;

/** Marks a key that is a code location: exact already, never grouped with others. */
export const AT = '@ ';

export interface Shape {
  level: string;
  before: number;
  after: number;
  /** Times in ms. */
  first: number;
  last: number;
  /** The earliest record after the onset, else the earliest; of equal times the first by text. */
  exemplar: { at: number; body: string; after: boolean };
}

export interface Service {
  name: string;
  /** Coarseness of the keys, see `coarsen`. */
  coarse: number;
  /** By level and masked text. */
  shapes: Map<string, Shape>;
  /** By level and fingerprint: what need not be masked again. */
  seen: Map<string, Map<number, { check: number; shape: Shape }>>;
  seenSize: number;
}

export const newService = (name: string): Service => ({
  name,
  coarse: 0,
  shapes: new Map(),
  seen: new Map(),
  seenSize: 0,
});

const scan: Scan = newScan();

/** Counts a record of a service; `at` in ms. */
export function countRecord(service: Service, level: string, body: string, at: number, after: boolean): void {
  scanLine(body, scan);
  const many = scan.end >= 0 || (body.length > LINE_MAX && body.includes('\n'));
  const { hash, check } = scan;
  const location = scan.located && !many ? locationOf(body) : undefined;
  const plain = !many && location === undefined;
  const known = plain ? service.seen.get(level)?.get(hash) : undefined;
  if (known !== undefined && known.check === check) {
    add(known.shape, body, at, after);
    return;
  }
  const said = location === undefined ? shapeKey(body) : AT + location;
  const key = body.length <= EXEMPLAR_MAX ? said : copyOf(said);
  let shape = service.shapes.get(keyOf(service, level, key));
  if (shape) add(shape, body, at, after);
  else {
    const first = { level, before: after ? 0 : 1, after: after ? 1 : 0, first: at, last: at };
    service.shapes.set(keyOf(service, level, key), { ...first, exemplar: { at, body: exemplarOf(body), after } });
    widen(service);
    shape = service.shapes.get(keyOf(service, level, key))!;
  }
  if (plain && known === undefined) remember(service, level, hash, check, shape);
}

function keyOf(service: Service, level: string, key: string): string {
  let coarse = key;
  for (let step = 1; step <= service.coarse; step++) coarse = coarsen(coarse, step);
  return `${level}\t${coarse}`;
}

/**
 * One step coarser, for a service whose lines have too many distinct shapes. The first loses nothing, since lines are
 * grouped in that form anyway; locations are few until they are made up.
 */
function coarsen(key: string, step: number): string {
  if (key.startsWith(AT) && step <= 2) return key;
  if (step === 1) return maskValues(key);
  const words = key.split(' ');
  if (step === 2) return words.map((w) => (/^\p{L}+[:.,;]?$/u.test(w) ? w : HOLE)).join(' ');
  return words.slice(0, step === 3 ? 5 : 0).join(' ');
}

/** What makes two records instances of one statement: the code location where shown, else the masked text. */
function shapeKey(body: string): string {
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

function add(s: Shape, body: string, at: number, after: boolean): void {
  if (after) s.after++;
  else s.before++;
  if (at < s.first) s.first = at;
  if (at > s.last) s.last = at;
  const e = s.exemplar;
  if ((after && !e.after) || (after === e.after && at <= e.at)) {
    s.exemplar = earlier(e, { at, body: exemplarOf(body), after });
  }
}

const exemplarOf = (body: string): string => (body.length <= EXEMPLAR_MAX ? body : copyOf(body.slice(0, EXEMPLAR_MAX)));

/** A part of a long text as a text of its own, so that the part does not keep the whole in memory. */
const copyOf = (text: string): string => JSON.parse(JSON.stringify(text)) as string;

function remember(service: Service, level: string, hash: number, check: number, shape: Shape): void {
  if (service.seenSize >= SEEN_MAX) forget(service);
  const ofLevel = service.seen.get(level) ?? new Map<number, { check: number; shape: Shape }>();
  if (ofLevel.size === 0) service.seen.set(level, ofLevel);
  ofLevel.set(hash, { check, shape });
  service.seenSize++;
}

function forget(service: Service): void {
  service.seen.clear();
  service.seenSize = 0;
}

function earlier(a: Shape['exemplar'], b: Shape['exemplar']): Shape['exemplar'] {
  if (a.after !== b.after) return a.after ? a : b;
  return (a.at - b.at || byText(a.body, b.body)) <= 0 ? a : b;
}

/** Adds a shape to those of its key. The given one may be changed or kept as it is. */
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
function widen(service: Service): void {
  // Ends: the last step leaves one shape a level, and levels are few (log-levels.ts).
  while (service.shapes.size > SHAPES_MAX) {
    service.coarse++;
    forget(service);
    const coarse = new Map<string, Shape>();
    for (const [key, s] of service.shapes) {
      const at = key.indexOf('\t');
      merge(coarse, `${key.slice(0, at)}\t${coarsen(key.slice(at + 1), service.coarse)}`, s);
    }
    service.shapes = coarse;
  }
}
