/** What the body of a read by POST may hold: names of a form, fields of an object, one of the known GraphQL queries. */

export type BodyRule =
  | { form: readonly string[] }
  /** Fields of the JSON object; `a.b` of an object below, whose other fields are refused too. */
  | { json: readonly string[] }
  | { graphql: true };

/** A question is small; what is larger carries something else. */
const BODY_MAX = 64 * 1024;

/** What is wrong with a body under a rule; undefined where nothing is. `queries`: the GraphQL texts that may be sent. */
export function bodyFault(
  rule: BodyRule | undefined,
  body: string | undefined,
  contentType: string | undefined,
  queries: readonly string[],
): string | undefined {
  if (rule === undefined) return body === undefined || body === '' ? undefined : 'it takes no body';
  if (body === undefined) return 'it needs a body';
  if (body.length > BODY_MAX) return `its body is longer than ${BODY_MAX} characters`;
  const isForm = contentType?.split(';')[0]?.trim() === 'application/x-www-form-urlencoded';
  if ('form' in rule) {
    if (!isForm) return 'its body is no form';
    const stranger = [...new URLSearchParams(body).keys()].find((name) => !rule.form.includes(name));
    return stranger === undefined ? undefined : `its form holds "${stranger.slice(0, 40)}"`;
  }
  const value = isForm ? undefined : parsed(body);
  if (value === undefined) return 'its body is no JSON object';
  if ('json' in rule) return stranger(value, rule.json, '');
  const odd = stranger(value, ['query', 'variables', 'operationName'], '');
  if (odd !== undefined) return odd;
  if (typeof value.query !== 'string' || !queries.includes(value.query)) return 'its query is none of the known ones';
  return onlyQueries(value.query) ? undefined : 'its text is no query';
}

type Json = Record<string, unknown>;

const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);

function parsed(body: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The first field that the rule does not name. */
function stranger(value: Json, allowed: readonly string[], under: string): string | undefined {
  for (const [key, inner] of Object.entries(value)) {
    const name = under + key;
    if (allowed.includes(name)) continue;
    const deeper = allowed.some((a) => a.startsWith(`${name}.`));
    if (!deeper || !isObject(inner)) return `its body holds "${name.slice(0, 40)}"`;
    const found = stranger(inner, allowed, `${name}.`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a GraphQL document holds queries and fragments alone: no mutation, no subscription. */
export function onlyQueries(text: string): boolean {
  const bare = text.replace(/"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*/g, ' ');
  let depth = 0;
  let outside = '';
  for (const c of bare) {
    if (c === '{' || c === '(') depth++;
    if (depth === 0) outside += c;
    if (c === '}' || c === ')') {
      depth--;
      outside += ' ; ';
    }
  }
  const words = outside.split(/[^\w]+/);
  return depth === 0 && bare.includes('{') && !words.some((w) => w === 'mutation' || w === 'subscription');
}
