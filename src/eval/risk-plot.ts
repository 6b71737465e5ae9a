/** The risk-coverage curve as SVG: how many cases can be answered, and how many of the answers are wrong. */
import type { RiskPoint } from './calibration.ts';

const WIDTH = 640;
const HEIGHT = 400;
const LEFT = 56;
const TOP = 32;
const RIGHT = WIDTH - 24;
const BOTTOM = HEIGHT - 48;

const x = (coverage: number): string => (LEFT + coverage * (RIGHT - LEFT)).toFixed(1);
const y = (risk: number): string => (BOTTOM - risk * (BOTTOM - TOP)).toFixed(1);

/** A document of its own; each point's confidence is its tooltip. `cases` = how many forecasts the points come from. */
export function riskPlot(points: readonly RiskPoint[], cases: number): string {
  const percent = (p: number): string => `${Math.round(p * 100)}%`;
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const line = points.map((p) => `${x(p.coverage)},${y(p.risk)}`).join(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="20" font-size="14">Risk by coverage, ${cases} cases</text>`,
    ...ticks.flatMap((t) => [
      `<line x1="${LEFT}" x2="${RIGHT}" y1="${y(t)}" y2="${y(t)}" stroke="#ddd"/>`,
      `<text x="${LEFT - 6}" y="${y(t)}" text-anchor="end" dominant-baseline="middle">${percent(t)}</text>`,
      `<text x="${x(t)}" y="${BOTTOM + 18}" text-anchor="middle">${percent(t)}</text>`,
    ]),
    `<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle">answered (surest first)</text>`,
    `<text transform="translate(14 ${(TOP + BOTTOM) / 2}) rotate(-90)" text-anchor="middle">wrong among them</text>`,
    `<polyline points="${line}" fill="none" stroke="#0b62a4" stroke-width="2"/>`,
    ...points.map(
      (p) =>
        `<circle cx="${x(p.coverage)}" cy="${y(p.risk)}" r="3" fill="#0b62a4"><title>confidence &gt;= ${p.confidence.toFixed(2)}: ${percent(p.coverage)} answered, ${percent(p.risk)} wrong</title></circle>`,
    ),
    '</svg>',
    '',
  ].join('\n');
}
