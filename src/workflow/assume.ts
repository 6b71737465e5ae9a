/**
 * What a human said, as far as code can weigh it: `assume the deploy is innocent` takes a change out of the ranking.
 * Anything else is shown as evidence and moves nothing: nobody but a reader can tell what it means.
 */
import type { Change } from '../core/telemetry.ts';
import type { Finding } from '../core/types.ts';
import type { Verdict } from '../core/verdict.ts';

/** A human's evidence: `E0.1` and its text. */
export interface Note {
  id: string;
  text: string;
}

const ACQUITS = /\b(innocent|not (to blame|guilty|the cause)|ruled? out|unrelated|exclude[ds]?|ignore)\b/i;
const ANY_CHANGE = /\b(changes?|deploy(ment)?s?|releases?|rollouts?|commits?|configs?|flags?)\b/i;
const KIND: [kind: Change['kind'], words: RegExp][] = [
  ['deploy', /\b(deploy(ment)?s?|releases?|rollouts?)\b/i],
  ['config', /\bconfig(uration)?s?\b/i],
  ['flag', /\bflags?\b/i],
  ['commit', /\bcommits?\b/i],
];

interface ChangeFacts {
  id: string;
  kind: Change['kind'];
  service?: string;
}

/** Findings without the changes that a note acquits, and what has to be said about each note. */
export function withNotes(
  findings: Finding[],
  notes: Note[],
): { findings: Finding[]; notChecked: Verdict['notChecked'] } {
  if (notes.length === 0) return { findings, notChecked: [] };
  const changes = findings.flatMap((f) => (f.kind === 'change-near-onset' ? [f.data as unknown as ChangeFacts] : []));
  const services = [...new Set(changes.flatMap((c) => c.service ?? []))];
  const acquitted = new Set<string>();
  const notChecked = notes.map((note) => {
    const meant = changes.filter((c) => speaksOf(note.text, c, services));
    for (const c of meant) acquitted.add(c.id);
    const said = `said by a human (${note.id}): ${note.text}`;
    return meant.length > 0
      ? { what: `whether ${meant.map((c) => c.id).join(', ')} did it`, why: `assumed not to, ${said}` }
      : { what: `what ${note.id} means for the cause`, why: `shown, not weighed; ${said}` };
  });
  const kept = findings.filter((f) => !(f.kind === 'change-near-onset' && acquitted.has(String(f.data.id))));
  return { findings: kept, notChecked };
}

/** Whether a note acquits this change: by its id, or by its kind, of the service that is named if one is. */
function speaksOf(text: string, change: ChangeFacts, services: string[]): boolean {
  if (!ACQUITS.test(text)) return false;
  if (text.includes(change.id)) return true;
  const named = services.filter((s) => hasWord(text, s));
  if (named.length > 0 && !named.includes(change.service ?? '')) return false;
  const kinds = KIND.filter(([, words]) => words.test(text)).map(([kind]) => kind);
  return kinds.length > 0 ? kinds.includes(change.kind) : ANY_CHANGE.test(text);
}

const hasWord = (text: string, word: string): boolean =>
  ` ${text.toLowerCase().replace(/[^a-z0-9_.-]+/g, ' ')} `.includes(` ${word.toLowerCase()} `);
