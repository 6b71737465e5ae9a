/** Bytes that somebody handed us → JSON values, or one message that says what is wrong with them and where. */
import { UserError } from '../core/errors.ts';
import { scanJson } from '../core/scan-json.ts';
import { count, bytes as inBytes } from '../core/text.ts';

/** Largest payload that is read, in bytes. */
export const MAX_PAYLOAD = 10 * 1024 * 1024;
const MAX_DEPTH = 64;
/** Most JSON values, and most alerts, in one payload: more is a log. */
export const MAX_VALUES = 10_000;

/** The way out that always works. */
export const SAY_IT = 'Or say it: inquest investigate --text "checkout is slow" --service checkout';

/** One JSON value of the payload and the line on which it begins. */
export interface PayloadValue {
  value: unknown;
  line: number;
}

/**
 * The JSON values in a payload: one document, or several on lines of their own (JSON lines).
 * `origin` names it in messages (`stdin`, `alert.json`). Throws UserError for everything that is no such text.
 */
export function readValues(bytes: Uint8Array, origin: string): PayloadValue[] {
  const text = decode(bytes, origin);
  const values: PayloadValue[] = [];
  let line = 1;
  let counted = 0;
  for (let i = 0; ; ) {
    const start = i + (text.slice(i).match(/^[ \t\r\n]*/) as RegExpMatchArray)[0].length;
    if (start === text.length) return values;
    if (values.length > 0 && !text.slice(i, start).includes('\n')) {
      throw broken(text, origin, { at: start, problem: 'there is text after the end of the JSON', truncated: false });
    }
    if (values.length === MAX_VALUES) throw tooMany(origin);
    const scan = scanJson(text, start, MAX_DEPTH);
    if ('problem' in scan) throw broken(text, origin, scan);
    for (; counted < start; counted++) if (text.charCodeAt(counted) === 10) line++;
    values.push({ value: JSON.parse(text.slice(start, scan.end)) as unknown, line });
    i = scan.end;
  }
}

/** The UserError for a payload of more than `MAX_VALUES` values. */
export const tooMany = (origin: string): UserError =>
  new UserError(`${origin} holds more than ${count(MAX_VALUES)} JSON values`, {
    hints: ['That is a log, not an alert. As a log file it can be a source: see inquest doctor.', SAY_IT],
  });

function decode(bytes: Uint8Array, origin: string): string {
  if (bytes.length > MAX_PAYLOAD) {
    throw new UserError(`${origin} is larger than ${inBytes(MAX_PAYLOAD)}: that is no alert`, {
      hints: ['An alert is a few kB. Was a log or metrics file given by mistake?', SAY_IT],
    });
  }
  const encoding = foreignEncoding(bytes);
  if (encoding) throw new UserError(`${origin} is ${encoding.what}, not JSON`, { hints: [...encoding.fix, SAY_IT] });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (e) {
    if (!(e instanceof TypeError)) throw e;
    throw new UserError(
      `${origin} is not UTF-8 text: it breaks at byte ${count(firstInvalid(bytes))} of ${count(bytes.length)}`,
      {
        hints: [
          'If it is text in another encoding: iconv -f ISO-8859-1 -t UTF-8 alert.json | inquest investigate -',
          SAY_IT,
        ],
      },
    );
  }
  if (/^\s*$/.test(text)) {
    throw new UserError(`${origin} is empty`, {
      hints: [
        'Give the payload that your alerting sent, as a file or on stdin: inquest investigate alert.json',
        SAY_IT,
      ],
    });
  }
  return text;
}

function foreignEncoding(b: Uint8Array): { what: string; fix: string[] } | undefined {
  const [first, second] = b;
  if (first === 0x1f && second === 0x8b)
    return { what: 'gzip', fix: ['gunzip -c alert.json.gz | inquest investigate -'] };
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { what: 'UTF-16 text', fix: ['iconv -f UTF-16 -t UTF-8 alert.json | inquest investigate -'] };
  }
  // JSON text has no NUL anywhere; every binary format has one soon.
  if (b.includes(0))
    return { what: `binary data (${inBytes(b.length)})`, fix: ['An alert is JSON text, as its sender posted it.'] };
  return undefined;
}

/** Offset of the first byte that is no UTF-8, by bisection over prefixes. */
function firstInvalid(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const mid = (good + bad) >> 1;
    if (isPrefix(bytes.subarray(0, mid))) good = mid;
    else bad = mid;
  }
  return good;
}

function isPrefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch (e) {
    if (e instanceof TypeError) return false;
    throw e;
  }
}

function broken(text: string, origin: string, fault: { at: number; problem: string; truncated: boolean }): UserError {
  const before = text.slice(0, fault.at);
  const line = before.split('\n').length;
  const column = fault.at - before.lastIndexOf('\n');
  const where = `line ${count(line)}, column ${count(column)}`;
  if (fault.truncated) {
    return new UserError(`${origin} is cut off: ${fault.problem} (${where})`, {
      hints: ['The end is missing. Copy or send the whole payload again.', SAY_IT],
    });
  }
  // One character is enough to find the place, and too little to leak a secret.
  const found = printable([...text.slice(fault.at, fault.at + 2)][0] ?? '');
  return new UserError(
    `${origin} is not JSON: ${fault.problem} (${where}${found ? `, at ${JSON.stringify(found)}` : ''})`,
    {
      hints: [mend(text), SAY_IT],
    },
  );
}

function mend(text: string): string {
  const start = text.trimStart();
  if (start.startsWith('<'))
    return 'This is HTML or XML, perhaps a login or error page. Give the JSON that the alert was sent as.';
  if (/^[\w.[\]-]{1,100}=\S/.test(start))
    return 'This is a web form. Set the webhook to content type application/json.';
  if (/^[[{"]/.test(start)) return 'Mend that place, or send the payload again as its sender posted it.';
  return 'Give the JSON that your alerting sent, as a file or on stdin.';
}

/** Foreign text inside a message of ours: without control and direction characters. */
export const printable = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, '�');
