/** Foreign text cannot draw on the terminal or in the report. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import xterm from '@xterm/headless';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { safeText } from '../src/safety/safe-text.ts';

/** Everything but a line feed that a terminal acts on, and everything that an eye cannot see. */
const UNSAFE =
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]|\p{Cs}/u;

test('what is harmless stays as it is', () => {
  for (const s of ['', 'GET /checkout 502', 'a\nb', 'Grüße, 東京', '👩‍🚀 ❤️ 🇩🇪', 'e\u0301', '⟨secret:key⟩ ␛'])
    expect(safeText(s)).toBe(s);
});

test('controls are shown as pictures, invisible characters by number', () => {
  expect(safeText('\u001b]52;c;aGk=\u0007')).toBe('␛]52;c;aGk=␇');
  expect(safeText('100%\rok\b\u007f\u0000')).toBe('100%␍ok␈␡␀');
  expect(safeText('\u009b2J')).toBe('<U+009B>2J');
  expect(safeText('user\u202egnp.exe')).toBe('user<U+202E>gnp.exe');
  expect(safeText('pay\u200bpal\ufeff\u2028x')).toBe('pay<U+200B>pal<U+FEFF><U+2028>x');
  expect(safeText('half \ud800 and \udc00')).toBe('half \ufffd and \ufffd');
  expect(safeText('a\r\nb')).toBe('a\nb');
});

test('tabs go to the next stop of eight, marks are at most four on a letter, lines end at 2,000', () => {
  expect(safeText('a\tb\n\tc')).toBe('a       b\n        c');
  expect(safeText(`Z${'\u0301'.repeat(50)}x`)).toBe(`Z${'\u0301'.repeat(4)}…x`);
  const long = safeText(`${'x'.repeat(5000)}\n${'😀'.repeat(5000)}\nend`);
  expect(long.split('\n').map((line) => [...line].length)).toEqual([2000, 2000, 3]);
});

const hostile = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\u001b',
      '\u009b',
      '\t',
      '\r\n',
      '\ud83d',
      '\ude00',
      '\u200d',
      '👩',
      '\ufe0f',
      '\u0301\u0301',
      '\u202e',
    ),
  ),
  { maxLength: 30 },
);

test('it is idempotent and never lets anything through, whatever the text', () => {
  fc.assert(
    fc.property(hostile, (parts) => {
      const once = safeText(parts.join(''));
      expect(once).not.toMatch(UNSAFE);
      expect(safeText(once)).toBe(once);
    }),
    { numRuns: 2000 },
  );
});

test('at any split of the text the two halves are as safe as the whole', () => {
  fc.assert(
    fc.property(hostile, fc.nat(), (parts, at) => {
      const text = parts.join('');
      const i = text.length === 0 ? 0 : at % text.length;
      expect(safeText(text.slice(0, i)) + safeText(text.slice(i))).not.toMatch(UNSAFE);
    }),
    { numRuns: 1000 },
  );
});

const data = process.env.INQUEST_DATA;
const corpus = join(data ?? '', 'corpora', 'terminal', 'terminal.jsonl.gz');
describe.skipIf(!data || !existsSync(corpus))('corpus (INQUEST_DATA)', () => {
  const attacks = () =>
    gunzipSync(readFileSync(corpus))
      .toString()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { text: string }).text);

  test('of all escape sequence attacks none keeps a control byte, at no split', () => {
    let splits = 0;
    for (const text of attacks())
      for (let i = 0; i <= text.length; i++) {
        expect(safeText(text.slice(0, i)) + safeText(text.slice(i))).not.toMatch(UNSAFE);
        splits++;
      }
    console.log(`safe-text: 0 control bytes in ${attacks().length} attacks at ${splits} splits`);
  });

  test('a real terminal answers nothing, changes no title and shows every attack as text', async () => {
    const terminal = new xterm.Terminal({ cols: 200, rows: 500, allowProposedApi: true });
    let replies = 0;
    terminal.onData(() => replies++);
    terminal.onTitleChange(() => replies++);
    terminal.onBell(() => replies++);
    const all = attacks();
    for (const text of all)
      await new Promise<void>((done) => terminal.write(`${safeText(text).replaceAll('\n', '\r\n')}\r\n`, done));
    expect(replies).toBe(0);
    expect(terminal.buffer.active.type).toBe('normal');
    terminal.dispose();
  });
});
if (!data) console.log('SKIP corpus of terminal attacks: INQUEST_DATA is not set');
