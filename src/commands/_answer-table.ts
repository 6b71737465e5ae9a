/** The data of any answer as tables: one for each list in it, scalar fields as columns, series as a line and its end. */

import { isObject } from '../core/fields.ts';
import type { Series } from '../core/telemetry.ts';
import { digits, oneLine } from '../core/text.ts';
import { sparkline } from '../ui/sparkline.ts';
import type { Symbols } from '../ui/symbols.ts';

export interface Table {
  title: string;
  header: string[];
  rows: string[][];
  /** Rows that are not shown. */
  more: number;
}

type Json = Record<string, unknown>;

const COLUMNS = 7;
const CELL = 60;
/** What people read first, where there is one of these. */
const TEXTS = ['title', 'body', 'template', 'message'];
/** What the last column gets at least. */
const TEXT = 24;
const LINE = 24;

/** At most `most` rows of each list; columns are left out where they would not fit. */
export function tablesOf(data: unknown, most: number, symbols: Symbols, columns = Number.POSITIVE_INFINITY): Table[] {
  if (!isObject(data)) return [];
  return Object.entries(data).flatMap(([title, list]) => {
    if (!Array.isArray(list) || list.length === 0) return [];
    const items = list.slice(0, most).map((item) => (isObject(item) ? item : { [title]: item }));
    const table = isSeries(items[0]!) ? seriesTable(items as unknown as Series[], symbols) : flatTable(items, columns);
    return [{ title: `${title} (${list.length})`, ...table, more: list.length - items.length }];
  });
}

const isSeries = (item: object): boolean => 'times' in item && 'values' in item;

function seriesTable(series: Series[], symbols: Symbols): Pick<Table, 'header' | 'rows'> {
  const rows = series.map(({ labels, kind, unit, values }) => {
    const { __name__: name = '', ...rest } = labels;
    const last = values.findLast((v) => v !== null);
    const told = Object.entries(rest).map(([k, v]) => `${k}=${v}`);
    return [
      kind ?? '',
      last === undefined || last === null ? '' : digits(last),
      unit ?? '',
      sparkline(values, LINE, symbols),
      oneLine(`${name} ${told.join(' ')}`, 200),
    ];
  });
  return { header: ['KIND', 'LAST', 'UNIT', 'VALUES', 'SERIES'], rows };
}

/** Scalars as they are, lists as their length, objects one level deep; the text that people read stands last. */
function flatTable(items: Json[], columns: number): Pick<Table, 'header' | 'rows'> {
  const flat = items.map((item) => Object.fromEntries(Object.entries(item).flatMap(([k, v]) => cells(k, v))));
  const names = [...new Set(flat.flatMap((f) => Object.keys(f)))].filter((n) => flat.some((f) => f[n] !== ''));
  const width = (n: string): number => Math.max(...flat.map((f) => (f[n] ?? '').length));
  const longest =
    TEXTS.find((n) => names.includes(n)) ?? names.reduce((a, b) => (width(b) > width(a) ? b : a), names[0] ?? '');
  let left = columns - TEXT;
  const fits = (n: string): boolean => {
    left -= Math.min(CELL, Math.max(width(n), n.length)) + 2;
    return left >= 0;
  };
  const others = names.filter((n) => n !== longest).slice(0, COLUMNS - 1);
  const order = [...others.filter(fits), longest];
  const rows = flat.map((f) =>
    order.map((n) => (n === longest ? oneLine(f[n] ?? '', 400) : oneLine(f[n] ?? '', CELL))),
  );
  return { header: order.map((n) => n.toUpperCase()), rows };
}

function cells(key: string, value: unknown): [string, string][] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value))
    return [[key, value.every((v) => typeof v === 'string') ? value.join(' ') : String(value.length)]];
  if (isObject(value)) {
    return Object.entries(value).flatMap(([k, v]): [string, string][] =>
      typeof v === 'object' ? [] : [[`${key}.${k}`, scalar(v)]],
    );
  }
  return [[key, scalar(value)]];
}

const scalar = (v: unknown): string => (typeof v === 'number' && !Number.isInteger(v) ? digits(v) : String(v));
