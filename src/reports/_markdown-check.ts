/**
 * The finished report is read again as GitHub reads it: whatever is active in it and not on our list is a hole. It is
 * parsed by micromark, which follows CommonMark and GFM to the letter, because a parser that differs from the one of
 * the reader would look elsewhere than the attacker.
 */
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { block } from './_markdown-text.ts';

/** The HTML that is ours: the mark of the run, and what folds the long part. */
const OURS = [
  /^<!-- inquest:[0-9a-z]{1,40} -->$/i,
  /^<details><summary>(?:Timeline|Reasons|Evidence) \([0-9,]+\)<\/summary>$/,
  /^<\/details>$/,
];
/** What a forge makes of plain text: mentions, references to issues, tickets and commits, emoji, formulas. */
const NOTIFIES: [what: string, pattern: RegExp][] = [
  ['mention', /(?<![\w/.])@[a-z0-9][\w-]*/i],
  ['reference', /(?<![\w&])#\d+|\bGH-\d+|\b[\w.-]+\/[\w.-]+#\d+/i],
  ['commit', /(?<![\w/-])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}(?![\w-])/],
  ['emoji', /(?<![\w:]):[a-z0-9_+-]*[a-z_+][a-z0-9_+-]*:/i],
  ['formula', /\$\$|\$`/],
];
/** Nodes that only format. A heading or a list of an outsider would be text that we did not write: `structure` counts. */
const HARMLESS = new Set([
  'root',
  'paragraph',
  'text',
  'heading',
  'list',
  'listItem',
  'table',
  'tableRow',
  'tableCell',
  'strong',
  'inlineCode',
  'code',
  'break',
]);

interface Node {
  type: string;
  value?: string;
  /** A box to tick. */
  checked?: boolean | null;
  children?: Node[];
  position?: { start: { line: number } };
}

/** Everything active in this Markdown that is not ours, as `link in line 12`; nothing where it is safe to paste. */
export function foreignNodes(markdown: string): string[] {
  const tree = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }) as Node;
  const found: string[] = [];
  const walk = (node: Node): void => {
    const at = `in line ${node.position?.start.line ?? 1}`;
    if (node.type === 'html') {
      const foreign = (node.value ?? '').split('\n').filter((line) => !OURS.some((ours) => ours.test(line.trim())));
      if (foreign.length > 0) found.push(`html ${at}`);
    } else if (!HARMLESS.has(node.type) || typeof node.checked === 'boolean') found.push(`${node.type} ${at}`);
    if (node.type === 'text')
      for (const [what, pattern] of NOTIFIES) if (pattern.test(node.value ?? '')) found.push(`${what} ${at}`);
    for (const child of node.children ?? []) walk(child);
  };
  walk(tree);
  return found;
}

/** The report as it is, or, where something in it would act, all of it as one block of plain text that says why. */
export function checked(text: string): string {
  const foreign = foreignNodes(text);
  if (foreign.length === 0) return text;
  const why = `Shown as plain text, because reading it again found what is not ours: ${foreign.slice(0, 5).join(', ')}.`;
  return `${[why, '', ...block(text.trimEnd().split('\n'), 2000)].join('\n')}\n`;
}
