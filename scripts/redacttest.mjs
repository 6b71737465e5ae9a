/**
 * `npm run redacttest`: how much the redaction finds, hides too much of, and costs. Corpora lie in $INQUEST_DATA; parts
 * whose files are missing are skipped with one line. Exit 1 where a figure misses its floor.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { foreignNodes } from '../src/reports/_markdown-check.ts';
import { report as markdown } from '../src/reports/markdown.ts';
import { pseudonyms } from '../src/safety/pseudonyms.ts';
import { createRedactor } from '../src/safety/redact.ts';
import { loadRuleSet } from '../src/safety/redact-ruleset.ts';
import { htmlText, slackText } from '../src/safety/safe-markup.ts';
import { safeText } from '../src/safety/safe-text.ts';
import { runEvents, stateAt } from '../test/_events.ts';
import { htmlNodes, slackNodes } from '../test/_markup.ts';
import { HOSTILE_PIECES } from '../test/_redaction.ts';

const data = process.env.INQUEST_DATA ?? '';
const lines = (...path) =>
  gunzipSync(readFileSync(join(data, ...path)))
    .toString()
    .split('\n')
    .filter((line) => line !== '');
const rows = (...path) => lines(...path).map((line) => JSON.parse(line));
let missed = 0;
function say(what, figure, good) {
  if (!good) missed++;
  process.stdout.write(`${good ? 'ok  ' : 'MISS'} ${what}: ${figure}\n`);
}
const have = (what, ...path) => {
  const found = data !== '' && existsSync(join(data, ...path));
  if (!found) process.stdout.write(`SKIP ${what}: no ${path.join('/')} below INQUEST_DATA\n`);
  return found;
};
const percent = (n, of) => `${n} of ${of} = ${((100 * n) / of).toFixed(2)} %`;

const begun = performance.now();
const rules = await loadRuleSet();
process.stdout.write(`rule set: ${rules.length} rules in ${(performance.now() - begun).toFixed(0)} ms\n`);
const redactor = createRedactor([], { rules });

for (const [name, floor] of Object.entries({ gitleaks: 0.998, secretlint: 0.9, 'detect-secrets': 0.9 })) {
  if (!have(`recall on ${name}`, 'corpora', 'secrets', `${name}.jsonl.gz`)) continue;
  const all = rows('corpora', 'secrets', `${name}.jsonl.gz`);
  const secret = all.filter((row) => row.label === 'secret');
  const gone = secret.filter((row) => {
    const { text, hits } = redactor.text(row.text);
    const wanted = row.secrets_curated ?? row.secrets;
    return wanted.length > 0 ? wanted.every((s) => !text.includes(s)) : hits > 0;
  });
  const benign = all.filter((row) => row.label !== 'secret');
  const touched = benign.filter((row) => redactor.text(row.text).hits > 0).length;
  const more = `; of what only looks like one ${percent(touched, benign.length)}`;
  say(`secrets masked, ${name}`, percent(gone.length, secret.length) + more, gone.length / secret.length >= floor);
}

if (have('real log lines', 'benchmarks', 'loghub-2k')) {
  const logs = readdirSync(join(data, 'benchmarks', 'loghub-2k'))
    .filter((file) => file.endsWith('.log.gz'))
    .flatMap((file) => lines('benchmarks', 'loghub-2k', file));
  const characters = logs.reduce((n, line) => n + line.length, 0);
  const start = performance.now();
  let hidden = 0;
  for (const line of logs) hidden += line.length - redactor.text(line).text.replace(/⟨secret:[^⟩]*⟩/g, '').length;
  const rate = Math.round(logs.length / ((performance.now() - start) / 1000));
  say(
    'characters of real log lines masked',
    `${percent(hidden, characters)}; ${rate} lines/s`,
    hidden / characters <= 0.03,
  );
  const names = pseudonyms();
  const renamed = logs.filter((line) => names.text(line) !== line).length;
  process.stdout.write(`     lines with a pseudonym: ${percent(renamed, logs.length)}\n`);
}

if (have('personal data', 'corpora', 'pii', 'presidio.jsonl.gz')) {
  const kinds = {};
  for (const row of rows('corpora', 'pii', 'presidio.jsonl.gz')) {
    if (row.label !== 'pii' || !/^(?:email|ip|mac|credit_card|iban|us_ssn|phone)$/.test(row.type)) continue;
    const text = pseudonyms().text(row.text);
    kinds[row.type] ??= { named: 0, of: 0 };
    const kind = kinds[row.type];
    kind.of++;
    if (row.spans.every(([from, to]) => !text.includes(row.text.slice(from, to)))) kind.named++;
  }
  for (const [kind, { named, of }] of Object.entries(kinds))
    process.stdout.write(`     pseudonyms, ${kind}: ${named} of ${of}\n`);
}

let slowest = { ms: 0, piece: '' };
let withheld = 0;
for (const piece of HOSTILE_PIECES) {
  const text = piece.repeat(Math.ceil((256 * 1024) / piece.length)).slice(0, 256 * 1024);
  const start = performance.now();
  if (redactor.text(text).text.startsWith('⟨withheld')) withheld++;
  const ms = performance.now() - start;
  if (ms > slowest.ms) slowest = { ms, piece };
}
say(
  `256 KiB of each of ${HOSTILE_PIECES.length} hostile pieces`,
  `slowest ${slowest.ms.toFixed(0)} ms (${JSON.stringify(slowest.piece)}), ${withheld} withheld`,
  slowest.ms < 2000,
);

const foreign = [];
if (have('injection strings', 'corpora', 'injection', 'injection.jsonl.gz'))
  foreign.push(...rows('corpora', 'injection', 'injection.jsonl.gz').map((row) => row.text));
if (have('naughty strings', 'corpora', 'naughty', 'blns.json'))
  foreign.push(...JSON.parse(readFileSync(join(data, 'corpora', 'naughty', 'blns.json'), 'utf8')));
if (have('terminal attacks', 'corpora', 'terminal', 'terminal.jsonl.gz')) {
  const attacks = rows('corpora', 'terminal', 'terminal.jsonl.gz').map((row) => row.text);
  foreign.push(...attacks);
  let splits = 0;
  let passed = 0;
  for (const text of attacks)
    for (let i = 0; i <= text.length; i++) {
      splits++;
      if (/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(safeText(text.slice(0, i)) + safeText(text.slice(i)))) passed++;
    }
  say(`control bytes of ${attacks.length} terminal attacks`, `${passed} at ${splits} split points`, passed === 0);
}
const nodes = { html: 0, slack: 0, markdown: 0, plain: 0 };
for (const [i, text] of foreign.entries()) {
  nodes.html += htmlNodes(htmlText(text)).length;
  nodes.slack += slackNodes(slackText(text)).length;
  // A whole report with the string in every place where an outsider writes; each tenth, it is a whole report.
  if (i % 10 !== 0) continue;
  const report = await markdown.render(stateAt(runEvents({ words: (x) => `${text} ${x}` })), async () => null);
  nodes.markdown += foreignNodes(report).length;
  if (report.startsWith('Shown as plain text')) nodes.plain++;
}
if (foreign.length > 0)
  for (const kind of ['html', 'slack', 'markdown'])
    say(`active nodes of ${foreign.length} hostile strings in ${kind}`, nodes[kind], nodes[kind] === 0);
if (nodes.plain > 0) process.stdout.write(`     Markdown reports shown as plain text: ${nodes.plain}\n`);
process.exitCode = missed > 0 ? 1 : 0;
