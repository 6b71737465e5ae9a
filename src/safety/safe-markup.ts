/** Text of outsiders in HTML, XML and Slack: it may not become a tag, a link, a mention or a format. */
import { safeText } from './safe-text.ts';

const HTML: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text for an HTML element or a quoted attribute: whatever it holds, a browser shows it as it is. */
export const htmlText = (text: string): string => safeText(text).replace(/[&<>"'`]/g, (c) => HTML[c]!);

/** Text for XML 1.0, which knows fewer characters than HTML. */
export const xmlText = (text: string): string => htmlText(text).replace(/[\uFFFE\uFFFF]/g, '\uFFFD');

const SLACK: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** Signs that Slack reads as a format, an emoji or a mention, and what looks like them and means nothing. */
const LOOKALIKE: Record<string, string> = {
  '*': '∗',
  _: '＿',
  '~': '∼',
  '`': 'ˋ',
  '@': '＠',
  '#': '＃',
  ':': '∶',
  '|': '∣',
};
/** What Slack would make a link of by itself: a scheme, or a name with a known ending. */
const LINKED = /(?<=[\p{L}\p{N}])\.(?=[\p{L}]{2,})/gu;

/**
 * Text for a `mrkdwn` field of Slack. `&<>` are escaped as Slack asks for; what else it would read as a format, a
 * mention, an emoji or a link is shown by a sign that looks the same. Names stay readable, and nobody is notified.
 */
export const slackText = (text: string): string =>
  safeText(text)
    .replace(/[*_~`@#|]|:(?=\/\/|[a-z0-9_+-]{1,40}:)|(?<=:[a-z0-9_+-]{1,40}):/gi, (c) => LOOKALIKE[c]!)
    .replace(LINKED, '․')
    .replace(/[&<>]/g, (c) => SLACK[c]!);
