/** Copies of secrets that were found: the same value elsewhere, where no name stands before it. However many were found. */
import { literals } from './redact-known.ts';
import { isOpaque } from './redact-names.ts';
import { matches, type Rule, type Span } from './redact-spans.ts';

/** Secrets of a run that are remembered for its later gates. Beyond that, what looks like one is taken for one. */
export const FOUND_LIMIT = 100_000;
/** Shorter values stand in too many texts that are none of theirs. */
const SHORTEST = 8;
/** So many fit into one pattern; more are found by their beginnings. */
const IN_PATTERN = 500;

/** A rule for the copies of these secrets; undefined where there is none to look for. */
export function copiesOf(found: ReadonlySet<string>, known: readonly string[]): Rule | undefined {
  if (found.size >= FOUND_LIMIT) return opaque;
  const copies = [...found].filter((s) => s.length >= SHORTEST && isOpaque(s) && !known.includes(s));
  return copies.length > IN_PATTERN ? indexed(copies) : literals(copies, 'copy');
}

/** Looks at each place of a text once, whatever the number of secrets: what begins there like one is compared with it. */
function indexed(secrets: readonly string[]): Rule {
  const byStart = new Map<string, string[]>();
  for (const s of secrets) {
    const start = s.slice(0, SHORTEST);
    const same = byStart.get(start);
    if (same) same.push(s);
    else byStart.set(start, [s]);
  }
  return (text, check) => {
    const out: Span[] = [];
    for (let at = 0; at + SHORTEST <= text.length; at++) {
      if (at % 4096 === 0) check();
      for (const s of byStart.get(text.slice(at, at + SHORTEST)) ?? [])
        if (text.startsWith(s, at)) out.push({ from: at, to: at + s.length, type: 'copy' });
    }
    return out;
  };
}

/** Nobody can be sure any more what was a secret: each word that no sentence holds may be one. */
const opaque: Rule = (text) => matches(text, /[^\s"'`,;<>()[\]{}⟨⟩]{8,}/g, 'copy', isOpaque);
