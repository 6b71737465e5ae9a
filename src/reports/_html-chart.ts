/** A series as inline SVG without script: its line, its marks, and what it says in words and as a table. */
import { plural, quantity } from '../core/text.ts';
import { clock, toIso } from '../core/time.ts';
import { dayAndClock } from '../core/wording.ts';
import { html, type Markup } from './_html-markup.ts';

/** Values over time; `t` in ms, a null is a gap. */
export interface Plot {
  id: string;
  name: string;
  unit?: string;
  points: { t: number; v: number | null }[];
  /** From here on it is broken. */
  onset?: number;
  /** What else happened, oldest first. */
  marks: { t: number; what: string }[];
  /** One of many: half the width, and its marks are not explained again. */
  small?: boolean;
}

const WIDTH = 720;
const HEIGHT = 220;
const TOP = 44;
const BOTTOM = 190;
/** More points than this would draw over one another: of each bin the least and the greatest stay. */
const POINTS = 360;
/** Rows of the table; a wider bin a row where there are more points. */
const ROWS = 24;
/** Letters nearer than this are set on two levels. */
const NEAR = 26;

/** Undefined where there is nothing to draw: fewer than two numbers. */
export function chart(plot: Plot): Markup | undefined {
  const { id, name, unit, onset, small } = plot;
  const points = thinned(plot.points, POINTS);
  const known = points.flatMap((p) => (p.v === null ? [] : [p.v]));
  if (known.length < 2) return undefined;
  const [from, to] = [points[0]!.t, points.at(-1)!.t];
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const floor = least >= 0 && least < most - least ? 0 : least;
  const x = (t: number): number => round(((t - from) / Math.max(1, to - from)) * WIDTH);
  const y = (v: number): number => round(BOTTOM - ((v - floor) / (most - floor || 1)) * (BOTTOM - TOP));
  const within = plot.marks.filter((m) => m.t >= from && m.t <= to).slice(0, 8);
  const began = onset !== undefined && onset > from && onset < to ? onset : undefined;
  const words = `${name} from ${quantity(least, unit)} to ${quantity(most, unit)} between ${dayAndClock(toIso(from), true)} and ${dayAndClock(toIso(to), true)}`;
  return html`<figure${small && html` class="small"`}>
<figcaption>${name}: ${quantity(floor, unit)} to ${quantity(most, unit)}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${name}</title><desc id="${id}-d">${words}${began === undefined ? '' : `, broken since ${clock(toIso(began), true)}`}.</desc>
${began === undefined ? '' : html`<rect class="broken" x="${x(began)}" y="${TOP}" width="${round(WIDTH - x(began))}" height="${BOTTOM - TOP}"/>`}
${[most, (most + floor) / 2, floor].map((v) => html`<path class="grid" d="M0 ${y(v)}H${WIDTH}"/><text x="4" y="${y(v) - 4}">${quantity(v, unit)}</text>`)}
<path class="line" d="${pathOf(points, x, y)}"/>
${within.map((m, i) => markOf(i, x(m.t), i > 0 && x(m.t) - x(within[i - 1]!.t) < NEAR && i % 2 === 1))}
<text x="0" y="${HEIGHT - 6}">${clock(toIso(from))}</text><text class="mid" x="${WIDTH / 2}" y="${HEIGHT - 6}">${clock(toIso((from + to) / 2))}</text><text class="end" x="${WIDTH}" y="${HEIGHT - 6}">${clock(toIso(to))}</text>
</svg>
${within.length === 0 && began === undefined ? '' : html`<ul class="legend">${began !== undefined && html`<li><span class="swatch"></span> broken since ${clock(toIso(began), true)}</li>`}${within.map((m, i) => html`<li><b>${letter(i)}</b> ${clock(toIso(m.t), true)} ${m.what}</li>`)}</ul>`}
${table(plot)}
</figure>`;
}

const round = (n: number): number => Math.round(n * 10) / 10;
const letter = (i: number): string => String.fromCharCode(65 + i);

const markOf = (i: number, at: number, low: boolean): Markup =>
  html`<path class="mark" d="M${at} ${low ? 44 : 26}V${BOTTOM}"/><text class="mid strong" x="${Math.min(WIDTH - 8, Math.max(8, at))}" y="${low ? 42 : 22}">${letter(i)}</text>`;

/** Lines between neighbours; a gap begins a new one, and a value alone is a dot. */
function pathOf(points: Plot['points'], x: (t: number) => number, y: (v: number) => number): string {
  let pen = false;
  return points
    .map(({ t, v }) => {
      if (v === null) {
        pen = false;
        return '';
      }
      const at = `${x(t)} ${y(v)}`;
      const part = pen ? `L${at}` : `M${at}h0`;
      pen = true;
      return part;
    })
    .join('');
}

/** Of each bin the least and the greatest value in the order of their times, so that no spike is lost. */
function thinned(points: Plot['points'], most: number): Plot['points'] {
  const finite = points.map(({ t, v }) => ({ t, v: v !== null && Number.isFinite(v) ? v : null }));
  if (finite.length <= most) return finite;
  const bins = most / 2;
  return Array.from({ length: bins }, (_, i) => {
    const bin = finite.slice(Math.floor((i * finite.length) / bins), Math.floor(((i + 1) * finite.length) / bins));
    const numbers = bin.filter((p): p is { t: number; v: number } => p.v !== null);
    if (numbers.length === 0) return [bin[0]!];
    const low = numbers.reduce((a, b) => (b.v < a.v ? b : a));
    const high = numbers.reduce((a, b) => (b.v > a.v ? b : a));
    return low === high ? [low] : [low, high].sort((a, b) => a.t - b.t);
  }).flat();
}

/** The same as numbers, for whoever does not see the drawing. */
function table({ name, unit, points }: Plot): Markup {
  const rows = points.length <= ROWS ? points : points.filter((_, i) => i % Math.ceil(points.length / ROWS) === 0);
  const every = rows.length === points.length ? '' : `, ${plural(rows.length, 'sample')} of ${points.length}`;
  return html`<details><summary>Numbers of ${name}${every}</summary><table><thead><tr><th scope="col">time</th><th scope="col">value</th></tr></thead><tbody>${rows.map((p) => html`<tr><td>${clock(toIso(p.t), true)}</td><td>${p.v === null ? 'no sample' : quantity(p.v, unit)}</td></tr>`)}</tbody></table></details>`;
}
