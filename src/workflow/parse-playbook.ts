/** Reads and validates a playbook's front matter. The YAML package is loaded only where this file is. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { sha256 } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import { nearest } from '../core/text.ts';
import { parseDuration } from '../core/time.ts';
import type { Playbook } from './playbook.ts';

const KEYS = ['title', 'match', 'steps', 'weights', 'budget'];
const MATCH_KEYS = ['words', 'metric', 'labels'];
const BUDGET_KEYS = ['wall', 'step'];
const MAX_BYTES = 64 * 1024;
const DEFAULT_BUDGET = { wallMs: 120_000, stepMs: 45_000 };

/**
 * Reads and validates one playbook. `steps` are the names of the steps that exist.
 * Throws UserError with the line and the nearest known name.
 */
export function parsePlaybook(text: string, file: string, steps: string[]): Playbook {
  const bad = (line: number, what: string, ...hints: string[]): UserError =>
    new UserError(`playbook ${file}, line ${line}: ${what}`, { hints });
  if (text.length > MAX_BYTES) throw bad(1, `is larger than ${MAX_BYTES / 1024} KiB`);
  const front = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/.exec(text);
  if (!front)
    throw bad(1, 'has no front matter', 'Begin the file with a line ---, then title:, match:, steps:, then --- again.');
  const lines = new LineCounter();
  const doc = parseDocument(front[1]!, { lineCounter: lines, schema: 'core', customTags: [] });
  const lineAt = (offset: number | undefined): number => lines.linePos(offset ?? 0).line + 1;
  const [broken] = doc.errors;
  if (broken) throw bad(lineAt(broken.pos[0]), broken.message.split('\n')[0]!);
  const keysOf = (node: unknown, known: string[] | undefined, what: string): void => {
    if (!isMap(node))
      throw bad(lineAt((node as { range?: number[] } | undefined)?.range?.[0]), `${what} must hold keys`);
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      if (!known || known.includes(key)) continue;
      const near = nearest(key, known);
      const line = lineAt(isScalar(pair.key) ? pair.key.range?.[0] : 0);
      throw bad(line, `${what} has no key "${key}"`, near ? `Did you mean "${near}"?` : `Known: ${known.join(', ')}`);
    }
  };
  keysOf(doc.contents, KEYS, 'a playbook');
  const strings = (path: string[]): string[] => {
    const node = doc.getIn(path, true);
    if (node === undefined) return [];
    if (!isSeq(node)) throw bad(lineAt((node as { range?: number[] }).range?.[0]), `${path.join('.')} must be a list`);
    return node.items.map((item) => (isScalar(item) ? String(item.value) : ''));
  };
  const numbers = (key: string): Record<string, number> => {
    const node = doc.get(key, true);
    if (node === undefined) return {};
    keysOf(node, undefined, key);
    const map = doc.toJS()[key] as Record<string, unknown>;
    for (const [k, v] of Object.entries(map)) {
      if (typeof v === 'number' && v >= 0 && v <= 3) continue;
      throw bad(
        lineAt((doc.getIn([key, k], true) as { range?: number[] }).range?.[0]),
        `${key}.${k} must be a number from 0 to 3`,
      );
    }
    return map as Record<string, number>;
  };
  const matchNode = doc.get('match', true);
  if (matchNode !== undefined) keysOf(matchNode, MATCH_KEYS, 'match');
  const budgetNode = doc.get('budget', true);
  if (budgetNode !== undefined) keysOf(budgetNode, BUDGET_KEYS, 'budget');
  const budget = (key: string, otherwise: number): number => {
    const node = doc.getIn(['budget', key], true);
    if (node === undefined) return otherwise;
    const ms = isScalar(node) ? parseDuration(String(node.value)) : undefined;
    if (ms === undefined)
      throw bad(lineAt((node as { range?: number[] }).range?.[0]), `budget.${key} must be a duration such as 45s`);
    return ms;
  };
  const named = strings(['steps']);
  const stepLines = doc.get('steps', true);
  for (const [i, step] of named.entries()) {
    if (steps.includes(step)) continue;
    const near = nearest(step, steps);
    const at = isSeq(stepLines) ? (stepLines.items[i] as { range?: number[] } | undefined)?.range?.[0] : 0;
    throw bad(
      lineAt(at),
      `there is no step "${step}"`,
      near ? `Did you mean "${near}"?` : `Known: ${steps.join(', ')}`,
    );
  }
  const title = doc.get('title');
  if (typeof title !== 'string') throw bad(2, 'title is missing');
  if (named.length === 0) throw bad(2, 'steps is missing or empty', `Known: ${steps.join(', ')}`);
  return {
    name: file.replace(/^.*\//, '').replace(/\.md$/, ''),
    title,
    match: { words: strings(['match', 'words']), metric: strings(['match', 'metric']), labels: labelsOf(doc.toJS()) },
    steps: named,
    weights: numbers('weights'),
    budget: { wallMs: budget('wall', DEFAULT_BUDGET.wallMs), stepMs: budget('step', DEFAULT_BUDGET.stepMs) },
    guidance: text.slice(front[0].length).trim(),
    hash: sha256(text).slice(0, 16),
  };
}

function labelsOf(front: { match?: { labels?: Record<string, unknown> } }): Record<string, string> {
  return Object.fromEntries(Object.entries(front.match?.labels ?? {}).map(([k, v]) => [k, String(v)]));
}
