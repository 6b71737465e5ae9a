/** What a browser and what Slack would act on in a text: parsed as they do, small enough to be read. */

/** Elements, comments, declarations and character references that a browser would build from this text inside `<p>`. */
export function htmlNodes(html: string): string[] {
  const known = html.replace(/&(?:amp|lt|gt|quot|#39|#96);/g, '');
  return known.match(/<[a-z!/?][^>]*>?|&(?:[a-z][a-z0-9]*|#x?[0-9a-f]+);?|["'`]/gi) ?? [];
}

/** What Slack's mrkdwn makes of a text: links and mentions in angle brackets, formats, emoji, and what it links itself. */
export function slackNodes(mrkdwn: string): string[] {
  return [
    ...(mrkdwn.match(/<[^>]*>?/g) ?? []),
    ...(mrkdwn.match(/[*_~`]/g) ?? []),
    ...(mrkdwn.match(/:[a-z0-9_+-]{1,40}:/gi) ?? []),
    ...(mrkdwn.match(/@(?:here|channel|everyone|[a-z0-9._-]+)|#[\w-]+/gi) ?? []),
    ...(mrkdwn.match(
      /\b[a-z][a-z0-9+.-]*:\/\/|\bmailto:|\b[\p{L}\p{N}-]+\.(?:com|net|org|io|dev|app|example|local|eu|de|co)\b/giu,
    ) ?? []),
  ];
}
