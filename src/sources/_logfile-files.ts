/** Which files a path of the config means, which of them are one rotated log, and whose log that is. */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { byText } from '../core/canonical.ts';
import { errorCode } from '../core/errors.ts';

/** Files of one source; more are left out and said. */
export const FILES_MAX = 2000;

export interface LogFile {
  path: string;
  size: number;
  /** The log that this file is a part of: its path without the marks of rotation. */
  log: string;
  /** What the name says of the service; undefined where it says nothing. */
  service?: string;
  instance?: string;
}

export interface Found {
  files: LogFile[];
  /** What could not be looked at: path and error code. */
  unreadable: { path: string; code: string }[];
  /** Files past the limit. */
  omitted: number;
}

const GZIP = /\.gz$/i;
/** `.1`, `.2026-03-02`, `-20260302`, `.2026-03-02-10`, `-2026-03-02T10-00-00.000`, `.old`: what rotation adds. */
const ROTATED =
  /(?:[.-](?:\d{1,4}|\d{8}(?:[-_T]?\d{2,6})?|\d{4}-\d\d-\d\d(?:[-_T.]\d[\d.:-]*)?|old|bak))+(?=\.log$|$)/i;
const LOG_NAME =
  /\.(?:log|jsonl|ndjson|json|txt|out|err|journal-json)$|^(?:syslog|messages|daemon\.log|kern\.log|auth\.log|catalina)$|(?:^|[._-])log$/i;
/** Names that say what kind of log it is, not whose. */
const KIND_ONLY =
  /^(?:app|application|server|service|access|error|errors|main|output|out|err|stdout|stderr|log|logs|current|console|combined|debug|info|warn|json|messages|syslog|journal|\d+)$/i;

/** The files of these paths (files, folders, or with `*` and `?` in their parts), each once, sorted by path. */
export async function findFiles(paths: readonly string[], cwd: string): Promise<Found> {
  const unreadable: Found['unreadable'] = [];
  const seen = new Map<string, LogFile>();
  for (const path of paths) {
    for (const candidate of await expand(isAbsolute(path) ? path : resolve(cwd, path), unreadable)) {
      await add(candidate, true);
    }
  }
  const all = [...seen.keys()].sort(byText).map((path) => seen.get(path)!);
  return { files: all.slice(0, FILES_MAX), unreadable, omitted: Math.max(0, all.length - FILES_MAX) };

  async function add(path: string, named: boolean): Promise<void> {
    try {
      const there = await stat(path);
      if (there.isFile() && (named || LOG_NAME.test(logOf(basename(path))))) seen.set(path, logFile(path, there.size));
      else if (there.isDirectory() && named) for (const name of await names(path)) await add(join(path, name), false);
    } catch (e) {
      const code = errorCode(e);
      if (code === undefined) throw e;
      // A file that rotated away between two looks is no fault.
      if (code !== 'ENOENT' || named) unreadable.push({ path, code });
    }
  }
}

const names = async (folder: string): Promise<string[]> => (await readdir(folder)).sort(byText);

async function expand(path: string, unreadable: Found['unreadable']): Promise<string[]> {
  if (!isPattern(path)) return [path];
  let found = ['/'];
  for (const part of path.split('/').filter((p) => p !== '')) {
    if (!isPattern(part)) {
      found = found.map((folder) => join(folder, part));
      continue;
    }
    const wanted = new RegExp(
      `^${part
        .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
        .replace(/\*+/g, '[^/]*')
        .replace(/\?/g, '[^/]')}$`,
    );
    const next: string[] = [];
    for (const folder of found) {
      let entries: Dirent[] = [];
      try {
        entries = await readdir(folder, { withFileTypes: true });
      } catch (e) {
        const code = errorCode(e);
        if (code === undefined) throw e;
        if (code !== 'ENOENT' && code !== 'ENOTDIR') unreadable.push({ path: folder, code });
      }
      next.push(...entries.filter((e) => wanted.test(e.name)).map((e) => join(folder, e.name)));
    }
    found = next.sort(byText).slice(0, FILES_MAX * 2);
  }
  const there = await Promise.all(
    found.map((f) =>
      stat(f).then(
        () => true,
        (e: unknown) => errorCode(e) !== 'ENOENT',
      ),
    ),
  );
  return found.filter((_, i) => there[i]);
}

export const isPattern = (path: string): boolean => /[*?]/.test(path);

const logOf = (name: string): string => name.replace(GZIP, '').replace(ROTATED, '');

function logFile(path: string, size: number): LogFile {
  const log = join(dirname(path), logOf(basename(path)));
  return { path, size, log, ...ownerOf(log) };
}

/** Whose log: Kubernetes' `<pod>_<namespace>_<container>-<id>.log`, else the file's name, else the nearest folder that says more. */
function ownerOf(log: string): { service?: string; instance?: string } {
  const container = /^(?<pod>[a-z0-9.-]+)_[a-z0-9-]+_(?<name>[a-z0-9-]+)-[0-9a-f]{64}(?:\.log)?$/.exec(basename(log));
  if (container) return { service: container.groups!.name!, instance: container.groups!.pod! };
  const pod = /\/[a-z0-9-]+_(?<pod>[a-z0-9.-]+)_[0-9a-f-]{36}\/(?<name>[a-z0-9-]+)\/[^/]+$/.exec(log);
  if (pod) return { service: pod.groups!.name!, instance: pod.groups!.pod! };
  const parts = log.split('/').filter((p) => p !== '');
  const stem = (parts.pop() ?? '')
    .replace(/\.[A-Za-z-]{1,12}$/, '')
    .replace(/[._-](?:access|error|out|err|stdout|stderr|app|json|combined)$/i, '');
  const name = [stem, ...parts.toReversed().slice(0, 2)].find(
    (p) => p !== '' && !KIND_ONLY.test(p) && !/^(?:var|tmp|opt|srv|home)$/.test(p),
  );
  return name === undefined ? {} : { service: name };
}
