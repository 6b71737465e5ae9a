/** Kubernetes Secrets printed as YAML or JSON: what stands below `data` and `stringData`, whatever its keys are called. */
import type { Span } from './redact-spans.ts';

const KIND = /^[ \t]*kind[ \t]*:[ \t]*["']?secret["']?[ \t]*$/im;
const DATA = /^[ \t]*(?:data|stringData)[ \t]*:[ \t]*$/i;
const ENTRY = /^[ \t]*["']?[\w./-]{1,253}["']?[ \t]*:[ \t]*["']?/;
const JSON_KIND = /"kind"\s{0,8}:\s{0,8}"Secret"/i;
const JSON_DATA = /"(?:data|stringData)"\s{0,8}:\s{0,8}\{([^{}]{1,65536})\}/dgi;
const JSON_VALUE = /:\s{0,8}"([^"\\]{1,65536})"/dg;

/** The values of every Secret in the text. */
export const manifests = (text: string): Span[] => [
  ...(KIND.test(text) ? yaml(text) : []),
  ...(JSON_KIND.test(text) ? json(text) : []),
];

function yaml(text: string): Span[] {
  const out: Span[] = [];
  let at = 0;
  /** The indent of the `data:` that we are below, -1 outside. */
  let below = -1;
  for (const line of text.split('\n')) {
    const indent = /^[ \t]*/.exec(line)![0].length;
    const blank = line.trim() === '' || line.trimStart().startsWith('#');
    if (!blank && below >= 0 && indent > below) {
      const from = at + (ENTRY.exec(line)?.[0].length ?? indent);
      const to = at + line.trimEnd().replace(/["']$/, '').length;
      if (to - from > 1) out.push({ from, to, type: 'kubernetes' });
    } else if (!blank) below = DATA.test(line) ? indent : -1;
    at += line.length + 1;
  }
  return out;
}

function json(text: string): Span[] {
  const out: Span[] = [];
  for (const m of text.matchAll(JSON_DATA)) {
    const [start] = m.indices![1]!;
    for (const v of m[1]!.matchAll(JSON_VALUE)) {
      const [from, to] = v.indices![1]!;
      out.push({ from: start + from, to: start + to, type: 'kubernetes' });
    }
  }
  return out;
}
