/** CODEOWNERS: who owns which files, as GitHub reads it: patterns like those of gitignore, the last that fits wins. */

/** Owners of these paths by a CODEOWNERS text, in the order in which they are met; at most five. */
export function ownersOf(text: string, paths: string[]): string[] {
  const rules = text.split(/\r?\n/).flatMap(ruleOf);
  const found = paths.flatMap((path) => rules.findLast((r) => r.fits.test(path))?.owners ?? []);
  return [...new Set(found)].slice(0, 5);
}

/** Longer lines are none that a person wrote; a pattern with many stars would cost much. */
const LINE_MAX = 400;
const STARS_MAX = 8;

function ruleOf(line: string): { fits: RegExp; owners: string[] }[] {
  const [pattern = '', ...rest] = line
    .slice(0, LINE_MAX)
    .replace(/(?:^|\s)#.*$/, '')
    .trim()
    .split(/(?<!\\)\s+/);
  if (pattern === '' || (pattern.match(/\*/g)?.length ?? 0) > STARS_MAX) return [];
  // A section header, an empty pattern and a negation mean nothing to GitHub either.
  if (pattern.startsWith('!') || pattern.startsWith('[')) return [];
  return [{ fits: expressionOf(pattern.replaceAll('\\ ', ' ')), owners: rest.filter((o) => o.includes('@')) }];
}

/** A pattern with a slash before its end counts from the top; `*` stays within a folder, `**` does not. */
function expressionOf(pattern: string): RegExp {
  const anchored = pattern.slice(0, -1).includes('/');
  const body = pattern
    .replace(/^\//, '')
    .replace(/\/$/, '')
    .split('/')
    .map((part) => (part === '**' ? '**' : part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replace(/\*+/g, '[^/]*')))
    .join('/')
    .replace(/^\*\*\//, '(?:.*/)?')
    .replace(/\/\*\*$/, '/.+')
    .replaceAll('/**/', '/(?:.*/)?');
  // `docs/*` means the files of that folder alone, a name means all that lies below it too.
  const below = pattern.endsWith('/') ? '/.+' : pattern.endsWith('/*') ? '' : '(?:/.+)?';
  return new RegExp(`^${anchored ? '' : '(?:.*/)?'}${body}${below}$`);
}
