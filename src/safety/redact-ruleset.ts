/**
 * Rules per type of secret from secretlint's recommended preset, as data: its core is not used (it keeps marks of
 * every call in memory for ever). Loaded when a run begins, never for `--help`.
 */
import { hasKeyShape, mask, type Rule, type Span } from './redact-spans.ts';

/** What we use of a secretlint rule: it looks through one text and reports ranges `[from, to)`. */
interface ForeignRule {
  meta: { id: string };
  create(context: Context, options: object): { file?(source: object): unknown };
}

interface Context {
  report(found: { range: readonly [number, number] }): void;
  ignore(): void;
  createTranslator(): () => { message: string; messageId: string };
  sharedOptions: object;
}

/** What structure gives away is left to our own rules, which mask the value alone and not the name before it. */
const STRUCTURE = /-(?:aws|gcp|privatekey|basicauth|database-connection-string|filter-comments)$/;
/** No key of theirs is shorter: most texts are passed over at once. */
const LONG_WORD = /[A-Za-z0-9_+/=.-]{20}/;
/** Their patterns are not ours to prove linear: none ever sees more characters at once, and the clock is asked between. */
const PIECE = 8 * 1024;
const OVERLAP = 1024;

/** Loads the rules; each is as good as one of ours. */
export async function loadRuleSet(): Promise<Rule[]> {
  const preset = (await import('@secretlint/secretlint-rule-preset-recommend')) as unknown as { rules: ForeignRule[] };
  return preset.rules.filter((rule) => !STRUCTURE.test(rule.meta.id)).map(asRule);
}

function asRule(rule: ForeignRule): Rule {
  const type = rule.meta.id.replace(/^.*-rule-/, '');
  let found: Span[] = [];
  let at = 0;
  const handler = rule.create(
    {
      report: ({ range: [from, to] }) => void found.push({ from: at + from, to: at + to, type }),
      ignore: () => {},
      createTranslator: () => () => ({ message: mask(type), messageId: type }),
      sharedOptions: {},
    },
    {},
  );
  return (text, check) => {
    if (!LONG_WORD.test(text) || !hasKeyShape(text)) return [];
    found = [];
    for (at = 0; at === 0 || at + OVERLAP < text.length; at += PIECE - OVERLAP) {
      check();
      const content = text.slice(at, at + PIECE);
      handler.file?.({ filePath: 'text', ext: '.txt', contentType: 'text', content });
    }
    return found;
  };
}
