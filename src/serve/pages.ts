/** The web page: the list of investigations, and the report of each. Everything from outside is text. */
import { cut } from '../core/text.ts';
import { formatDuration } from '../core/time.ts';
import { htmlText } from '../safety/safe-markup.ts';
import type { Case, Ledger } from './ledger.ts';

export interface Page {
  mime: string;
  text: string;
}

export interface Pages {
  list(): Promise<string>;
  /** The report of a run, by its whole id; undefined where there is none. */
  run(id: string): Promise<Page | undefined>;
}

/** A run as the list shows it. */
export interface ListedRun {
  id: string;
  startedAt: string;
  title: string;
  service?: string;
  state: string;
  outcome?: string;
  headline?: string;
  confidence?: number;
  problem?: string;
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color-scheme:light dark}' +
  'table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;' +
  'border-bottom:1px solid #8885}pre{white-space:pre-wrap;overflow-wrap:anywhere}small{opacity:.75}' +
  // On a phone a row is a paragraph of its own.
  '@media(max-width:48rem){thead{display:none}table,tbody,tr,td{display:block}tr{border-bottom:1px solid #8885;padding:.5rem 0}' +
  'td{display:inline-block;border:0;padding:0 .8rem 0 0}td:last-child{display:block;overflow-wrap:anywhere}}';

const html = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  // An icon of no bytes: else each browser asks for one that is not there.
  `<link rel="icon" href="data:,"><title>${htmlText(title)}</title><style>${STYLE}</style></head>` +
  `<body><main>${body}</main></body></html>\n`;

export const notFound = html('not found', '<h1>There is no such run</h1><p><a href="/">All runs</a></p>');

/** The list: what waits and runs first, then what is stored, newest first. */
export function listPage(ledger: Ledger, stored: readonly ListedRun[], now: number): string {
  const open = [...ledger.cases.values()].filter((c) => c.phase === 'waiting' || c.phase === 'running');
  const rows = stored.map((r) => {
    const what = r.problem ?? (r.headline ? `${r.headline} (${r.title})` : r.title);
    const others = joined(ledger.cases.get(r.id));
    return (
      `<tr><td><a href="/runs/${htmlText(r.id)}">${htmlText(r.id.slice(-6))}</a></td>` +
      cells([`${r.startedAt.slice(0, 16)}Z`, r.outcome ?? r.state, r.confidence?.toFixed(2) ?? '', r.service ?? '']) +
      `<td>${htmlText(cut(what, 300))}${others}</td></tr>`
    );
  });
  const table = `<table><thead><tr><th>run<th>started<th>outcome<th>confidence<th>service<th>what</tr></thead><tbody>${rows.join('')}</tbody></table>`;
  const body =
    `<h1>inquest</h1><h2>Open (${open.length})</h2>${open.length > 0 ? `<ul>${open.map((c) => openLine(c, now)).join('')}</ul>` : '<p>Nothing.</p>'}` +
    `<h2>Investigations</h2>${rows.length > 0 ? table : '<p>None is stored yet.</p>'}`;
  return html('inquest', body);
}

const cells = (texts: string[]): string => texts.map((t) => `<td>${htmlText(t)}</td>`).join('');

function openLine(c: Case, now: number): string {
  const due = c.dueAt > now ? `held for ${formatDuration(c.dueAt - now)}` : 'waits for a free place';
  const state = c.phase === 'running' ? `runs for ${formatDuration(now - (c.openedAt ?? now))}` : due;
  const title = [c.alert?.service, c.alert?.title].filter(Boolean).join(': ');
  return `<li>${htmlText(cut(title, 200))} <small>${htmlText(state)}, run ${c.run.slice(-6)}</small>${joined(c)}</li>`;
}

/** The alerts that one investigation answers for, beside the first. */
function joined(c: Case | undefined): string {
  const others = [...(c?.members.values() ?? [])].filter((m) => m.as !== 'leads' || m.status === 'resolved');
  if (others.length === 0) return '';
  const items = others
    .slice(0, 20)
    .map((m) => `<li><small>${htmlText(cut(`${m.title}: ${m.why}`, 200))} (${m.status})</small></li>`);
  return `<ul>${items.join('')}${others.length > 20 ? `<li><small>and ${others.length - 20} more</small></li>` : ''}</ul>`;
}

/** A report that is no HTML, shown as the text that it is. */
export const textPage = (title: string, text: string): string =>
  html(title, `<p><a href="/">All runs</a></p><pre>${htmlText(text)}</pre>`);
