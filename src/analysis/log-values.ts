/**
 * What a masked log line says besides its statement: paths, addresses, durations, sizes, dates, values of keys. Shapes of
 * text that every program writes the same way; no rule knows a system. The rules follow how the public templates were
 * corrected (Khan et al., "Guidelines for Assessing the Accuracy of Log Message Template Identification Techniques",
 * ICSE 2022): booleans, paths, words joined with a variable, variables side by side.
 */

export const HOLE = '<*>';

/** A character of a word: neither space nor one of the marks between words. */
export const WORD_CHAR = String.raw`[^\s=:,;()[\]{}"'|<>]`;

const W = WORD_CHAR;
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6},?';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?';

const FILLING = /\.{2,}/g;
const QUOTED_VALUE = /(=\s?)"[^"]*"/g;
/** `/var/log/x`, `./x`, `~/x`, `C:\x`, `https://host/x`, up to its last character that is no punctuation. */
const PATH =
  /(?<=^|[\s=:(["'<,{@])(?:[A-Za-z][\w+.-]*:\/\/|\.{0,2}\/|~\/|[A-Za-z]:\\)(?:<\*>|[^\s"'<>|,;(){}])*(?:<\*>|[^\s"'<>|,;()[\]{}.:!?])/g;
/** MAC and IPv6 addresses, of which only some groups hold a digit. */
const COLON_HEX = /(?<![\w>])(?:[0-9a-fA-F]{2,4}|<\*>)?(?::{1,2}(?:[0-9a-fA-F]{1,4}(?!\w)|<\*>))+/g;
/** `some.pkg.Class:12`, `host.example.org:443`; at the start of a line hosts only, since a label may stand there. */
const LOCATED = /(?:(?<=[\s([/])[\w$-]+(?:\.[\w$-]+)+|^[a-z-]+(?:\.[a-z-]+)*\.[a-z]{2,6}):<\*>/g;
const JOINED = new RegExp(String.raw`(?:(?<=\s)[<>~]=?)?(?<!${W})${W}*(?:<\*>${W}*)+`, 'g');
const DATE = new RegExp(
  String.raw`(?<!\w)(?:${DAY} )?(?:${MONTH} <\*>|<\*> ${MONTH.slice(0, -2)})(?: (?:[A-Z]{3,4} )?<\*>)?`,
  'g',
);
/** Sizes and durations: a program that prints them picks the unit by the value. */
const UNIT = /<\*> ?(?:(?:[KMGTPE]i?)?B|[mµun]?s|secs?|seconds?|mins?|minutes?|hrs?|hours?)(?!\w)/g;
/** `key=value`, `key = value`, `key=Type{…}`; not `key= other=…`. */
const KEYED = new RegExp(String.raw`(\S=|\s=\s)(?:<\*>|${W})+(?:[({[]\S*[)}\]](?=[\s,;]|$))?(?!\s?=)`, 'g');
const KEYED_EMPTY = /(\w=)(?=[\s,;)\]}]|$)/g;
const LITERAL = /(?<![\w.-])(?:true|false|null|nil|undefined|nan|root|admin)(?![\w.-])/gi;
const USER = new RegExp(String.raw`(?<!\w)(users?(?:name)?:? )(?!(?:from|by|at|on|in|is|was|for)\b)${W}+`, 'gi');
const SIDE_BY_SIDE = /<\*>(?:(?:,? ?|:)<\*>)+/g;

/** A line masked by `maskLine` with all other values masked too; the same again when applied twice. */
export function maskValues(masked: string): string {
  return masked
    .replace(FILLING, ' … ')
    .replace(QUOTED_VALUE, `$1${HOLE}`)
    .replace(PATH, HOLE)
    .replace(COLON_HEX, address)
    .replace(LOCATED, HOLE)
    .replace(JOINED, HOLE)
    .replace(DATE, HOLE)
    .replace(UNIT, HOLE)
    .replace(KEYED, `$1${HOLE}`)
    .replace(KEYED_EMPTY, `$1${HOLE}`)
    .replace(LITERAL, HOLE)
    .replace(USER, `$1${HOLE}`)
    .replace(SIDE_BY_SIDE, HOLE)
    .replace(/\s+/g, ' ')
    .trim();
}

/** Hex groups without any digit are words; colons before the first group are kept. */
const address = (found: string): string => (found.includes(HOLE) ? `${/^:*/.exec(found)![0]}${HOLE}` : found);
