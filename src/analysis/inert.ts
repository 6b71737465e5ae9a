/** What of a change cannot have done it: files that do not run in production, and lines that only talk. */
import type { Change } from '../core/telemetry.ts';

const DOCS =
  /\.(?:md|rst|txt|adoc|css|scss|less|svg|png|jpe?g|gif|ico|html?)$|(?:^|\/)(?:docs?|README|CHANGELOG|LICENSE|CODEOWNERS)/i;
const TESTS = /(?:^|\/)(?:tests?|__tests__|spec|testdata|fixtures|e2e)\/|[._-](?:test|spec)\.[a-z]+$|_test\.[a-z]+$/i;
const TOOLING =
  /(?:^|\/)\.(?:github|gitlab|circleci|vscode)|(?:^|\/)\.(?:eslintrc|prettierrc|editorconfig|gitignore)|lock(?:\.json|\.yaml)?$|\.sum$|\.lock$/i;

/** A file that production does not run. */
export const isInertFile = (path: string): boolean => DOCS.test(path) || TESTS.test(path) || TOOLING.test(path);

const SCHEMA = /\.sql$|(?:^|\/)(?:db|database|schema)\/|(?:^|\/)migrat(?:e|ions?)\//i;

/** Whether all that a change does to production it does to the shape of stored data. */
export function isSchemaChange(change: Change): boolean {
  const live = (change.files ?? []).filter((f) => !isInertFile(f.path));
  return live.length > 0 && live.every((f) => SCHEMA.test(f.path));
}

const COMMENT = /^\s*(?:\/\/|#(?!include|define|if|end)|\*|\/\*|<!--|--\s|"""|''')/;
const TALK = /\b(?:log(?:ger)?|console|slog|zap|logging|fmt\.Print\w*|println?)\b\s*[.(]/i;

export interface DiffLines {
  path: string;
  added: string[];
  removed: string[];
  /** Hunk headers and unchanged lines. */
  context: string[];
}

/** The lines of a unified diff that run: comments and blank lines are left out. */
export function diffLines(change: Change): DiffLines[] {
  return (change.files ?? []).map(({ path, patch }) => {
    const out: DiffLines = { path, added: [], removed: [], context: [] };
    for (const line of (patch ?? '').split('\n')) {
      if (/^(?:\+\+\+|---|diff |index )/.test(line)) continue;
      const text = line.slice(1);
      if (line.startsWith('@@')) out.context.push(line.replace(/^@@.*?@@/, ''));
      else if (text.trim() === '' || COMMENT.test(text)) continue;
      else if (line.startsWith('+')) out.added.push(text);
      else if (line.startsWith('-')) out.removed.push(text);
      else out.context.push(text);
    }
    return out;
  });
}

export type Effect = 'removes' | 'alters' | 'adds' | 'talks' | 'inert' | 'unseen';

/** What a change does at most, judged by its lines alone. */
export function effectOf(change: Change): Effect {
  const files = diffLines(change);
  if (files.length === 0) return 'unseen';
  const live = files.filter((f) => !isInertFile(f.path));
  if (live.length === 0) return 'inert';
  if (!live.some((f) => (change.files ?? []).find((c) => c.path === f.path)?.patch !== undefined)) return 'unseen';
  const acts = (line: string): boolean => !TALK.test(line);
  const normal = (line: string): string => line.replace(/\s+/g, ' ').trim();
  const added = live.flatMap((f) => f.added).map(normal);
  const removed = live.flatMap((f) => f.removed).map(normal);
  // A line that stands on both sides was moved.
  const plus = added.filter((l) => !removed.includes(l));
  const minus = removed.filter((l) => !added.includes(l));
  if (plus.length + minus.length === 0) return 'inert';
  if (![...plus, ...minus].some(acts)) return 'talks';
  if (minus.filter(acts).length === 0) return 'adds';
  return plus.filter(acts).length === 0 ? 'removes' : 'alters';
}
