/** Whether a concrete path is one that a template of the allow table means, and nothing cleverer. */

/**
 * What a placeholder of a template may stand for, decoded. Where it is not in this list it is any text without a slash.
 * `ref`, `basehead` and `path` may hold slashes, encoded: names of branches and tags do.
 */
const SEGMENTS: Record<string, RegExp> = {
  number: /^\d{1,20}$/,
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  hex: /^[0-9a-f]{8,64}$/i,
  owner: /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})$/,
  repo: /^[\w.-]{1,100}$/,
  codeowners: /^(?:(?:\.github|docs)\/)?CODEOWNERS$/,
};
const WITH_SLASHES: ReadonlySet<string> = new Set(['ref', 'basehead', 'codeowners']);

/** Characters that may stand in a path as they are, and escapes. */
const PLAIN = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;
const QUERY = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?[\]]|%[0-9A-Fa-f]{2})*$/;

/** What is wrong with the form of a path and its query, whatever the table says; undefined where nothing is. */
export function pathFault(pathAndQuery: string): string | undefined {
  const at = pathAndQuery.indexOf('?');
  const path = at < 0 ? pathAndQuery : pathAndQuery.slice(0, at);
  const query = at < 0 ? '' : pathAndQuery.slice(at + 1);
  if (!path.startsWith('/')) return 'the path does not begin with a slash';
  if (!PLAIN.test(path) || !QUERY.test(query)) return 'it holds characters that are not encoded';
  if (path.slice(1).split('/').some(strays)) return 'a segment is empty or leaves its place';
  return undefined;
}

/** A segment that a server or a proxy on the way could read as another path. */
function strays(segment: string): boolean {
  const text = decoded(segment);
  if (text === undefined || text === '') return true;
  if (/[\\\u0000-\u001f\u007f]/.test(text) || /%(?:2e|2f|5c|00)/i.test(text)) return true;
  return text.split('/').some((part) => part === '' || part === '.' || part === '..');
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Whether a path without query (whose form was checked) is what a template means. */
export function fitsTemplate(template: string, path: string): boolean {
  const [want, have] = [template.split('/'), path.split('/')];
  return (
    want.length === have.length &&
    want.every((part, i) => (part.startsWith(':') ? fitsSegment(part.slice(1), have[i]!) : part === have[i]))
  );
}

function fitsSegment(kind: string, segment: string): boolean {
  const text = decoded(segment);
  if (text === undefined || (text.includes('/') && !WITH_SLASHES.has(kind))) return false;
  return SEGMENTS[kind]?.test(text) ?? true;
}
