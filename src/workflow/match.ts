/** Which playbook fits an alert: code decides, by words, metric and labels. */
import { byText } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import { nearest } from '../core/text.ts';
import type { Alert } from '../core/types.ts';
import type { Playbook } from './playbook.ts';

/** The playbook that is used where none fits. */
const GENERAL = 'general';

export interface Match {
  playbook: Playbook;
  /** `"latency" in the title`: why this one. */
  why: string;
  score: number;
}

/** All playbooks that fit, best first; the general one last. Ties go by name. */
export function matchPlaybooks(alert: Alert, playbooks: Playbook[]): Match[] {
  const scored = playbooks.map((playbook) => ({ playbook, ...likeness(alert, playbook) }));
  return scored
    .filter((m) => m.score > 0 || m.playbook.name === GENERAL)
    .sort((a, b) => b.score - a.score || byText(a.playbook.name, b.playbook.name));
}

/** The named playbook, else the best match. Throws UserError for an unknown name. */
export function choosePlaybook(alert: Alert, playbooks: Playbook[], name?: string): Match {
  if (name !== undefined) {
    const playbook = playbooks.find((p) => p.name === name);
    if (playbook) return { playbook, why: 'named on the command line', score: 0 };
    const names = playbooks.map((p) => p.name).sort(byText);
    const near = nearest(name, names);
    throw new UserError(`there is no playbook "${name}"`, {
      hints: [...(near ? [`Did you mean "${near}"?`] : []), `Known: ${names.join(', ')}`],
    });
  }
  const [best] = matchPlaybooks(alert, playbooks);
  if (!best) throw new Error('there is no general playbook');
  return best;
}

function likeness(alert: Alert, p: Playbook): { score: number; why: string } {
  const title = alert.title.toLowerCase();
  const body = `${alert.annotations.summary ?? ''} ${alert.annotations.description ?? ''}`.toLowerCase();
  const metric = `${alert.metric ?? ''} ${alert.query ?? ''}`.toLowerCase();
  const reasons: { score: number; why: string }[] = [];
  const labels = Object.entries(p.match.labels);
  if (labels.length > 0 && labels.every(([k, v]) => alert.labels[k] === v)) {
    reasons.push({ score: 4, why: `labels ${labels.map(([k, v]) => `${k}=${v}`).join(', ')}` });
  }
  const inMetric = p.match.metric.find((part) => metric.includes(part.toLowerCase()));
  if (inMetric) reasons.push({ score: 3, why: `"${inMetric}" in the metric or query` });
  const inTitle = p.match.words.find((w) => hasWord(title, w));
  if (inTitle) reasons.push({ score: 2, why: `"${inTitle}" in the title` });
  else {
    const inBody = p.match.words.find((w) => hasWord(body, w));
    if (inBody) reasons.push({ score: 1, why: `"${inBody}" in the summary` });
  }
  if (reasons.length === 0) return { score: 0, why: 'no other playbook fits' };
  return { score: reasons.reduce((sum, r) => sum + r.score, 0), why: reasons.map((r) => r.why).join(', ') };
}

/** The word at the beginning of a word: `error` in "errors", not in "terrors". */
function hasWord(text: string, word: string): boolean {
  const w = word.toLowerCase();
  for (let at = text.indexOf(w); at >= 0; at = text.indexOf(w, at + 1)) {
    if (at === 0 || !/[a-z0-9]/.test(text[at - 1]!)) return true;
  }
  return false;
}
