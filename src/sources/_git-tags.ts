/** Deploys as tags tell them: which tags mean a deploy, of what, and when. */
import { byText } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import type { Deployed } from './_git-draft.ts';
import { git, type Repository } from './_git-run.ts';

export const DEFAULT_PATTERN = 'deploy/{service}/{version}';

/** A tag that says that a version of a service was deployed. Its subject is the first line of an annotated one's message. */
export interface DeployTag extends Deployed {
  /** False: a lightweight tag, which has no time of its own; `at` is that of its commit. */
  annotated: boolean;
}

export type TagParts = { service?: string; version: string; env?: string };

/**
 * Reads the parts out of a tag's name. Throws UserError for a pattern without `{version}`, with an unknown part, or
 * with parts that nothing separates.
 */
export function tagParser(pattern: string): (name: string) => TagParts | undefined {
  const hints = [`For example "${DEFAULT_PATTERN}" or "v{version}"; the parts are {service}, {version} and {env}.`];
  const bad = (why: string) => new UserError(`tagPattern "${pattern}" ${why}`, { hints });
  if (!pattern.includes('{version}')) throw bad('has no {version}');
  const unknown = /\{(?!(?:service|version|env)\})[^}]*\}?/.exec(pattern);
  if (unknown) throw bad(`has an unknown part ${unknown[0]}`);
  if (pattern.includes('}{')) throw bad('has two parts with nothing between them');
  const repeated = /(\{\w+\}).*\1/.exec(pattern);
  if (repeated) throw bad(`has ${repeated[1]} twice`);
  const source = pattern
    .replace(/[\\^$.*+?()[\]|/-]/g, '\\$&')
    .replace('{service}', '(?<service>[^/]+?)')
    .replace('{env}', '(?<env>[^/]+?)')
    .replace('{version}', '(?<version>.+)');
  const expression = new RegExp(`^${source}$`);
  return (name) => {
    const parts = name.length <= 250 ? expression.exec(name)?.groups : undefined;
    if (parts?.version === undefined) return undefined;
    const { service, version, env } = parts;
    return { version, ...(service !== undefined && { service }), ...(env !== undefined && { env }) };
  };
}

const FIELDS = [
  'refname:strip=2',
  'objecttype',
  'objectname',
  '*objecttype',
  '*objectname',
  'taggerdate:unix',
  'taggername',
  'contents:subject',
  'committerdate:unix',
  '*committerdate:unix',
  'authorname',
];

/** All deploy tags, oldest first; of equal times by service and version. Also how many tags there are at all. */
export async function deployTags(
  repository: Repository,
  parse: (name: string) => TagParts | undefined,
  signal: AbortSignal,
): Promise<{ tags: DeployTag[]; all: number; others: string[] }> {
  const format = `--format=${FIELDS.map((f) => `%(${f})`).join('%00')}`;
  const { text } = await git(repository, ['for-each-ref', format, 'refs/tags'], signal);
  const lines = text.split('\n').filter((line) => line !== '');
  const tags: DeployTag[] = [];
  const others: string[] = [];
  for (const line of lines) {
    const [name = '', type, id = '', inner, innerId = '', date, tagger, subject, own, peeled, author] =
      line.split('\0');
    const parts = parse(name);
    const annotated = type === 'tag';
    // A tag of a file or of a tree deploys nothing.
    if (parts === undefined || (annotated ? inner : type) !== 'commit') {
      others.push(name);
      continue;
    }
    const seconds = Number((annotated ? date || peeled : own) || Number.NaN);
    tags.push({
      name,
      ...parts,
      commit: annotated ? innerId : id,
      at: seconds * 1000,
      annotated: annotated && date !== '',
      author: (annotated ? tagger : author) ?? '',
      subject: annotated ? (subject ?? '') : '',
    });
  }
  return { tags: tags.filter((t) => Number.isFinite(t.at)).sort(inOrder), all: lines.length, others };
}

const inOrder = (a: DeployTag, b: DeployTag): number =>
  a.at - b.at || byText(a.service ?? '', b.service ?? '') || byVersion(a.version, b.version) || byText(a.name, b.name);

/** `v9` before `v10`: digits compare as numbers, everything else as text. */
function byVersion(a: string, b: string): number {
  const parts = (s: string) => s.match(/\d+|\D+/g) ?? [];
  const left = parts(a);
  const right = parts(b);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const numeric = /^\d/.test(left[i]!) && /^\d/.test(right[i]!);
    const order = numeric ? Number(left[i]) - Number(right[i]) : byText(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
