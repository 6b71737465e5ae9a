/**
 * JSON for a terminal or an eye: it leaves DEL, C1 controls, bidi and invisible characters as they are, and those obey
 * them. Escaped they are the same string to a parser.
 */
export const safeJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(/[\x7f-\x9f]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) =>
    [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
