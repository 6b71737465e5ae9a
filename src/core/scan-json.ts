/**
 * Where a JSON text breaks. `JSON.parse` says it differently on every Node, often without a position, and does not bound
 * the depth; this walk over the grammar of RFC 8259 does both, and uses no recursion.
 */

export type JsonScan =
  | { end: number }
  | {
      /** Index of the first character that cannot be; the length of the text where it ends too early. */
      at: number;
      problem: string;
      /** True where the text is well-formed so far and simply stops. */
      truncated: boolean;
    };

type Expect = 'value' | 'value or "]"' | 'a key' | 'a key or "}"' | '":"' | '"," or "}"' | '"," or "]"';

/** Walks over one JSON value from `from`. Returns the index after it, or the first fault. Depth counts open brackets. */
export function scanJson(text: string, from: number, maxDepth: number): JsonScan {
  const open: ('{' | '[')[] = [];
  let expect: Expect = 'value';
  let i = from;
  const wrong = (at: number, problem: string): JsonScan => ({ at, problem, truncated: false });
  for (;;) {
    while (isSpace(text.charCodeAt(i))) i++;
    if (i >= text.length)
      return { at: text.length, problem: `it ends where ${spoken(expect)} should follow`, truncated: true };
    const c = text[i] as string;
    if (expect.endsWith('"]"') && c === ']') open.pop();
    else if (expect.endsWith('"}"') && c === '}') open.pop();
    else if (expect === '"," or "}"' && c === ',') {
      expect = 'a key';
      i++;
      continue;
    } else if (expect === '"," or "]"' && c === ',') {
      expect = 'value';
      i++;
      continue;
    } else if (expect === '":"' && c === ':') {
      expect = 'value';
      i++;
      continue;
    } else if (expect === 'a key' || expect === 'a key or "}"') {
      if (c !== '"') return wrong(i, `${spoken(expect)} should stand here`);
      const s = scanString(text, i);
      if ('problem' in s) return s;
      i = s.end;
      expect = '":"';
      continue;
    } else if (expect !== 'value' && expect !== 'value or "]"') {
      return wrong(i, `${spoken(expect)} should stand here`);
    } else if (c === '{' || c === '[') {
      if (open.length >= maxDepth) return wrong(i, `it is nested deeper than ${maxDepth}`);
      open.push(c);
      expect = c === '{' ? 'a key or "}"' : 'value or "]"';
      i++;
      continue;
    } else {
      const s = c === '"' ? scanString(text, i) : scanBare(text, i);
      if ('problem' in s) return s;
      i = s.end - 1;
    }
    // A value is complete: its last character is at `i`.
    i++;
    const inside = open.at(-1);
    if (inside === undefined) return { end: i };
    expect = inside === '{' ? '"," or "}"' : '"," or "]"';
  }
}

const isSpace = (c: number): boolean => c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
const spoken = (e: Expect): string => (e.startsWith('value') ? `a ${e}` : e);

function scanString(text: string, from: number): JsonScan {
  for (let i = from + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) return { end: i + 1 };
    if (c < 0x20)
      return { at: i, problem: 'a line break or control character stands inside a string', truncated: false };
    if (c !== 0x5c) continue;
    i++;
    if (i >= text.length) break;
    if (text[i] === 'u') {
      for (let n = 0; n < 4; n++) {
        i++;
        if (i >= text.length) break;
        if (!/[0-9a-fA-F]/.test(text[i] as string))
          return { at: i, problem: '\\u needs four hex digits', truncated: false };
      }
    } else if (!'"\\/bfnrt'.includes(text[i] as string)) {
      return { at: i, problem: 'this cannot follow a backslash', truncated: false };
    }
  }
  return { at: text.length, problem: 'it ends inside a string', truncated: true };
}

/** `true`, `false`, `null` or a number. */
function scanBare(text: string, from: number): JsonScan {
  for (const word of ['true', 'false', 'null']) {
    if (text.startsWith(word, from)) return { end: from + word.length };
    if (word.startsWith(text.slice(from, from + word.length))) return cutOff(text);
  }
  let i = from;
  const digits = (): boolean => {
    const start = i;
    while (isDigit(text.charCodeAt(i))) i++;
    return i > start;
  };
  if (text[i] === '-') i++;
  if (text[i] === '0') i++;
  else if (!digits()) return i >= text.length ? cutOff(text) : notAValue(i);
  if (text[i] === '.') {
    i++;
    if (!digits()) return i >= text.length ? cutOff(text) : notAValue(i);
  }
  if (text[i] === 'e' || text[i] === 'E') {
    i++;
    if (text[i] === '+' || text[i] === '-') i++;
    if (!digits()) return i >= text.length ? cutOff(text) : notAValue(i);
  }
  return { end: i };
}

const cutOff = (text: string): JsonScan => ({ at: text.length, problem: 'it ends inside a value', truncated: true });
const notAValue = (at: number): JsonScan => ({ at, problem: 'a value should stand here', truncated: false });
