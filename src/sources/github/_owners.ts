/** CODEOWNERS: who owns which files, as GitHub reads it: patterns like those of gitignore, the last that fits wins. */

/** Owners of these paths by a CODEOWNERS text, in the order in which they are met; at most five. */
export function ownersOf(text: string, paths: string[]): string[] {
  const rules = text.split(/\r?\n/).slice(0, RULES_MAX).flatMap(ruleOf);
  const found = paths.flatMap((path) => rules.findLast((r) => fits(r.pattern, path))?.owners ?? []);
  return [...new Set(found)].slice(0, 5);
}

const RULES_MAX = 3000;
/** Longer lines are none that a person wrote. */
const LINE_MAX = 400;

interface Rule {
  /** Names of folders and files with `*` and `?` in them; `**` stands for any number of folders. */
  pattern: string[];
  owners: string[];
}

function ruleOf(line: string): Rule[] {
  const [pattern = '', ...rest] = line
    .slice(0, LINE_MAX)
    .replace(/(?:^|\s)#.*$/, '')
    .trim()
    .split(/(?<!\\)\s+/);
  // A section header and a negation mean nothing to GitHub either.
  if (pattern === '' || pattern.startsWith('!') || pattern.startsWith('[')) return [];
  return [{ pattern: partsOf(pattern.replaceAll('\\ ', ' ')), owners: rest.filter((o) => o.includes('@')) }];
}

/** A pattern with a slash before its end counts from the top; a name means all that lies below it too. */
function partsOf(pattern: string): string[] {
  const anchored = pattern.slice(0, -1).includes('/');
  const parts = pattern.split('/').filter((part) => part !== '');
  if (!anchored) parts.unshift('**');
  // `docs/*` means the files of that folder alone, `docs/` only what lies in it.
  if (pattern.endsWith('/')) parts.push('*', '**');
  else if (!pattern.endsWith('/*')) parts.push('**');
  return parts;
}

const fits = (pattern: string[], path: string): boolean =>
  wild(pattern, path.split('/'), '**', (part, name) =>
    wild([...part], [...name], '*', (p, character) => p === '?' || p === character),
  );

/**
 * Whether a list is what a pattern means in which `star` stands for any number of items. Only the last star is tried
 * again, so it costs the product of both lengths at most, whatever somebody writes into the file.
 */
function wild(pattern: string[], list: string[], star: string, same: (part: string, item: string) => boolean): boolean {
  let p = 0;
  let last = -1;
  let from = 0;
  for (let i = 0; i < list.length; ) {
    const part = pattern[p];
    if (part === star) {
      last = p++;
      from = i;
    } else if (part !== undefined && same(part, list[i]!)) {
      p++;
      i++;
    } else if (last >= 0) {
      p = last + 1;
      i = ++from;
    } else return false;
  }
  while (pattern[p] === star) p++;
  return p === pattern.length;
}
