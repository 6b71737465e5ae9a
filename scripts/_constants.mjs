/** The numeric constants of the analysis, read from its source text: where each stands, its value, its reason. */
import { readdirSync, readFileSync } from 'node:fs';

const FOLDERS = ['src/analysis', 'src/workflow'];
/** These measure the analysis and are no part of it. */
const NOT_FITTED = ['src/analysis/ablation.ts'];
const NUMBER = /(?<![\w.$])\d[\d_]*(?:\.\d+)?(?:e-?\d+)?(?![\w.])/g;

/** Text of the same length in which comments, strings and patterns are blank. */
function codeOnly(text) {
  const blank = (found) => found.replace(/[^\n]/g, ' ');
  const token =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[(,=:[!&|?;{}]\s*|return\s)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;
  return text.replace(token, blank);
}

/** The comment right above a position, or beside it, as one line; '' where there is none. */
function reasonAt(text, start) {
  const lineStart = text.lastIndexOf('\n', start) + 1;
  const above = text.slice(0, lineStart);
  const block = /\/\*\*?((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(above) ?? /((?:^[ \t]*\/\/[^\n]*\n)+)$/m.exec(above);
  const beside = /\/\/([^\n]*)$/.exec(text.slice(lineStart, text.indexOf('\n', start)));
  const words = (beside?.[1] ?? block?.[1] ?? '').replace(/^[ \t]*(?:\*|\/\/)/gm, ' ');
  return words.replace(/\s+/g, ' ').trim();
}

/** Numbers in named constants, and every decimal fraction elsewhere. `start` and `end` are offsets in the file. */
export function constantsIn(root) {
  const files = FOLDERS.flatMap((folder) => readdirSync(`${root}${folder}`).map((f) => `${folder}/${f}`))
    .filter((f) => f.endsWith('.ts') && !NOT_FITTED.includes(f))
    .sort();
  return files.flatMap((file) => constantsOf(file, readFileSync(`${root}${file}`, 'utf8')));
}

function constantsOf(file, text) {
  const code = codeOnly(text);
  const found = [];
  const named = [];
  let reason = '';
  let end = 0;
  for (const m of code.matchAll(/^(?:export )?const ([A-Z][A-Z0-9_]*)\b[^=\n]*= *((?:(?!;\n)[\s\S])*);\n/gm)) {
    const start = m.index + m[0].indexOf(m[2], m[0].indexOf('='));
    const span = { start, end: start + m[2].length };
    named.push(span);
    // Constants that stand together share the comment above the first.
    const together = code.slice(end, m.index).trim() === '' && text.slice(end, m.index).trim() === '';
    reason = reasonAt(text, m.index) || (together ? reason : '');
    end = m.index + m[0].length;
    const whole = code.slice(span.start, span.end).trim();
    if (/^[-\d.e_]+(?:\s*[*/]\s*(?:[\d.]+|MINUTE|HOUR))*$|^(?:MINUTE|HOUR)$/.test(whole)) {
      found.push({ file, name: m[1], ...span, value: whole, reason });
    } else if (!/=>|new /.test(whole)) {
      for (const n of whole.matchAll(NUMBER)) {
        const at = span.start + n.index;
        const key = /(\w+)'?\]?\s*:\s*-?$/.exec(text.slice(span.start, at))?.[1];
        const own = reasonAt(text, at);
        found.push({
          file,
          name: `${m[1]}${key ? `.${key}` : `[${found.filter((f) => f.name.startsWith(`${m[1]}[`)).length}]`}`,
          ...{ start: at, end: at + n[0].length, value: n[0], reason: own || reason },
        });
      }
    }
  }
  const inNamed = (at) => named.some((s) => at >= s.start && at < s.end);
  for (const n of code.matchAll(NUMBER)) {
    if (!n[0].includes('.') || inNamed(n.index)) continue;
    const line = text.slice(0, n.index).split('\n').length;
    const stands = text.split('\n')[line - 1].trim();
    const span = { start: n.index, end: n.index + n[0].length };
    found.push({
      file,
      name: `line ${line}`,
      ...span,
      value: n[0],
      reason: reasonAt(text, n.index) || `\`${stands}\``,
    });
  }
  return found.sort((a, b) => a.start - b.start);
}

/** The source text of a constant scaled; a whole number stays whole and moves by one at least. */
export function scaled({ value }, factor) {
  if (!/^\d+$/.test(value)) return `((${value}) * ${factor})`;
  const n = Number(value);
  const moved = Math.round(n * factor);
  return String(factor < 1 ? Math.max(0, Math.min(n - 1, moved)) : Math.max(n + 1, moved));
}
