/** What a repository tells of deploys and commits, as changes: the same words whether git or a forge is asked. */
import type { Change } from '../core/telemetry.ts';
import { count, cut, oneLine, plural } from '../core/text.ts';
import { toIso } from '../core/time.ts';
import type { Commit, TouchedFile } from './_git-commits.ts';
import { kindOfFiles, type ServiceMap } from './_git-services.ts';

const DEPLOY_BODY_MAX = 1200;
const COMMIT_BODY_MAX = 400;

/** One deploy. `name` identifies it, `commit` is the SHA that went live, `at` when, in ms. */
export interface Deployed {
  name: string;
  service?: string;
  version: string;
  env?: string;
  commit: string;
  at: number;
  author: string;
  /** What its author wrote about it; may be empty. */
  subject: string;
}

/** How the commit of a deploy differs from that of the deploy before. */
export interface Compared {
  commits: Commit[];
  /** There are more commits than these. */
  more: boolean;
  files: TouchedFile[];
  /** Commits of the deploy before that are not in this one. */
  back: number;
}

/** A change, and what is needed to fetch its patches later, when it is known how many may be shown. */
export interface Draft {
  change: Change;
  files: TouchedFile[];
  /** The two ends of the difference; no `from` = since nothing. Undefined = nothing to compare. */
  diff?: { from?: string; to: string };
  /** Commits that a deploy put into production. */
  commits: Commit[];
}

/**
 * A deploy as a change. Its kind is always `deploy`, because its time is when something went live; where only
 * configuration changed since the previous one, `status` says so. Files and commits that belong to other services of the
 * same repository are left out and counted. `compared` is absent where there was nothing to compare with, or no room to.
 */
export function deployDraft(
  deploy: Deployed,
  previous: Deployed | undefined,
  compared: Compared | undefined,
  o: { service: string | undefined; map: ServiceMap; notes?: string[] },
): Draft {
  const { service, map } = o;
  const ours = (paths: string[]): boolean => {
    const touched = map.touched(paths);
    return service === undefined || touched.length === 0 || touched.includes(service);
  };
  const commits = (compared?.commits ?? []).filter((c) => ours(c.files.map((f) => f.path)));
  const files = (compared?.files ?? []).filter((f) => ours([f.path]));
  const notes: string[] = [];
  if (previous === undefined) notes.push('no deploy before it is known to compare with');
  else if (previous.commit === deploy.commit)
    notes.push(`same commit as ${previous.name}: deployed again, or only restarted`);
  else if (compared) {
    notes.push(distance(previous, compared, commits.length), sizeOf(files));
    const others = compared.files.length - files.length;
    if (others > 0) notes.push(`${plural(others, 'file')} of other services left out`);
  }
  notes.push(...(o.notes ?? []));
  const onlyConfig = kindOfFiles(files.map((f) => f.path)) !== 'code';
  const log = commits.slice(0, 20).map((c) => `${c.id.slice(0, 10)} ${oneLine(c.title, 120)}`);
  const change: Change = {
    id: deploy.name,
    time: toIso(deploy.at),
    kind: 'deploy',
    ...(service !== undefined && { service }),
    ...(deploy.env !== undefined && { env: deploy.env }),
    version: deploy.version,
    ...(previous !== undefined && { previousVersion: previous.version }),
    ref: deploy.commit,
    author: nameOf(deploy.author),
    title: titleOf(deploy, service, commits),
    body: cut([notes.join('; '), ...log].join('\n'), DEPLOY_BODY_MAX),
    ...(onlyConfig && { status: 'configuration only' }),
    deployed: previous === undefined ? [deploy.commit] : commits.map((c) => c.id),
  };
  const diff = compared && previous ? { from: previous.commit, to: deploy.commit } : undefined;
  return { change, files, commits, ...(diff && { diff }) };
}

function distance(previous: Deployed, { more, back }: Compared, commits: number): string {
  const ahead = `${more ? 'more than ' : ''}${plural(commits, 'commit')} since ${previous.name}`;
  if (back === 0) return ahead;
  const without = `${plural(back, 'commit')} of ${previous.name} ${back === 1 ? 'is' : 'are'} not in it`;
  return commits === 0 ? `goes back: ${without}` : `${ahead}; ${without}`;
}

/** `2 files changed, +12 −4`. */
function sizeOf(files: TouchedFile[]): string {
  const sum = (of: 'added' | 'deleted') => count(files.reduce((n, f) => n + f[of], 0));
  return files.length === 0
    ? 'no file changed'
    : `${plural(files.length, 'file')} changed, +${sum('added')} −${sum('deleted')}`;
}

function titleOf(deploy: Deployed, service: string | undefined, commits: Commit[]): string {
  const what = service === undefined ? deploy.version : `${service} ${deploy.version}`;
  const own = deploy.subject !== '' && deploy.subject !== deploy.name ? deploy.subject : (commits[0]?.title ?? '');
  return oneLine(own === '' ? what : `${what}: ${own}`, 200);
}

/**
 * A commit as a change. Where something deploys its service, a commit alone changes nothing in production: `commit`. Where
 * nothing ever did, merging is deploying, and a commit of configuration or flags only is a `config` or `flag` change.
 * @param names the service that is asked for and its aliases; undefined = all
 * @param deployed services that deploys are known of; undefined among them = a deploy of no service in particular
 */
export function commitDraft(
  c: Commit,
  o: { map: ServiceMap; names: ReadonlySet<string> | undefined; deployed: (string | undefined)[]; notes?: string[] },
): Draft {
  const paths = c.files.map((f) => f.path);
  const touched = o.map.touched(paths);
  const service = touched.find((s) => o.names?.has(s)) ?? (touched.length === 1 ? touched[0] : undefined);
  const kind = kindOfFiles(paths);
  const carried = o.deployed.some((d) => touched.length === 0 || (d !== undefined && touched.includes(d)));
  const several = touched.length > 1 ? [`touches ${touched.slice(0, 10).join(', ')}`] : [];
  const message = cut(withoutAddresses(c.body), COMMIT_BODY_MAX);
  const facts = [sizeOf(c.files), ...several, ...(o.notes ?? [])].join('; ');
  const change: Change = {
    id: c.id,
    time: toIso(c.at),
    kind: kind === 'code' || carried ? 'commit' : kind,
    ...(service !== undefined && { service }),
    ref: c.id,
    author: nameOf(c.author),
    title: oneLine(withoutAddresses(c.title), 200),
    body: [facts, message].filter((part) => part !== '').join('\n'),
  };
  const [from] = c.parents;
  return { change, files: c.files, commits: [], diff: { to: c.id, ...(from !== undefined && { from }) } };
}

/** A deploy of one commit and that commit are the same change: told once, in the commit's own words. */
export function tellOnce(deploys: Draft[], commits: Map<string, Commit>): void {
  for (const d of deploys) {
    const [only, ...more] = d.commits;
    if (!only || more.length > 0) continue;
    d.change = { ...d.change, title: oneLine(withoutAddresses(only.title), 200) };
    commits.delete(only.id);
  }
}

/** The deploy before this one of the same service in the same environment; `all` oldest first. */
export const previousOf = <T extends Deployed>(all: T[], deploy: T): T | undefined =>
  all.slice(0, all.indexOf(deploy)).findLast((t) => t.service === deploy.service && t.env === deploy.env);

const withoutAddresses = (text: string): string => text.replace(/ ?<[^<>\s]{1,100}@[^<>\s]{1,200}>/g, '').trim();

/** The name alone: an address that somebody gave as the name ends before its `@`. */
const nameOf = (author: string): string => oneLine(author.replace(/<[^>]*>/g, '').replace(/@\S*/g, ''), 80);
