/** HTML as a template in which every value is text, unless it was made by the same template. */
import { htmlText } from '../safety/safe-markup.ts';

/** HTML that is ours: nobody else can make one. */
class Markup {
  readonly #html: string;
  constructor(html: string) {
    this.#html = html;
  }
  toString(): string {
    return this.#html;
  }
}

export type { Markup };

type Value = Markup | string | number | false | undefined | Value[];

/** Text is escaped, markup and lists of it stand as they are, `false` and `undefined` are nothing. */
export const html = (parts: TemplateStringsArray, ...values: Value[]): Markup =>
  new Markup(parts.map((part, i) => part + (i < values.length ? shown(values[i]) : '')).join(''));

function shown(value: Value): string {
  if (value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.map(shown).join('');
  return value instanceof Markup ? value.toString() : htmlText(String(value));
}

/** Text of ours about evidence: ids that the page holds become links to their place in it. */
export function withLinks(text: string, onPage: ReadonlySet<string>): Markup {
  const parts = text.split(/\b(E\d+\.\d+(?:v\d+)?)\b/);
  return html`${parts.map((part, i) => (i % 2 === 1 && onPage.has(part) ? html`<a href="#${part}">${part}</a>` : part))}`;
}
