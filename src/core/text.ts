/** Text for people: cutting, numbers with units, plurals. Cutting happens here only. */

/** At most `max` code points, `…` where something was cut; never inside a surrogate pair. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const points = [...text];
  return points.length <= max ? text : `${points.slice(0, Math.max(0, max - 1)).join('')}…`;
}

/** One line: white space folded to single blanks, cut to `max`. */
export const oneLine = (text: string, max = 200): string => cut(text.replace(/\s+/g, ' ').trim(), max);

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** 41202 → `41,202`. */
export const count = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** Three significant digits, no exponent between 0.001 and 1e6. */
export function digits(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  if (x === 0) return '0';
  const abs = Math.abs(x);
  if (abs >= 1e6 || abs < 1e-3) return x.toExponential(2).replace('e+', 'e');
  return String(Number(x.toPrecision(3)));
}

/** A value with its unit as people say it: 0.486 `s` → `486 ms`, 1.5e9 `By` → `1.4 GiB`, 12 `%` → `12%`. */
export function quantity(x: number, unit?: string): string {
  if (unit === 's' && Math.abs(x) < 1 && x !== 0) return `${digits(x * 1000)} ms`;
  if (unit === 'By' || unit === 'bytes') return bytes(x);
  if (unit === '%') return `${digits(x)}%`;
  if (unit === '1/s') return `${digits(x)}/s`;
  return unit && unit !== '1' ? `${digits(x)} ${unit}` : digits(x);
}

/** Bytes in binary units. */
export function bytes(n: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let i = 0;
  let x = n;
  while (Math.abs(x) >= 1024 && i < units.length - 1) {
    x /= 1024;
    i++;
  }
  return `${digits(x)} ${units[i]}`;
}

/** The known name nearest to a mistyped one (edit distance at most 3, or a prefix), for "did you mean". */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.min(4, Math.max(2, Math.ceil(word.length / 2)));
  for (const k of known) {
    const d = k.startsWith(word) || word.startsWith(k) ? 1 : distance(word.toLowerCase(), k.toLowerCase());
    if (d < bestDistance) {
      best = k;
      bestDistance = d;
    }
  }
  return best;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** `deploy/orders/2.8.1`, `commit 4f2c1a98`: a change by its id, its kind in front where the id does not say it. */
export function changeName(change: { id: string; kind: string }): string {
  const id = /^[0-9a-f]{40}$/.test(change.id) ? change.id.slice(0, 10) : oneLine(change.id, 60);
  return id.toLowerCase().startsWith(change.kind) ? id : `${change.kind} ${id}`;
}

const TWINS: Record<string, string> = { '…': '...', '→': '->', '–': '-', '×': 'x', '≥': '>=', '≤': '<=' };

/** The signs that our own sentences use, in ASCII; what others wrote stays as it is. */
export const inAscii = (text: string): string => text.replace(/[…→–×≥≤]/g, (sign) => TWINS[sign]!);
