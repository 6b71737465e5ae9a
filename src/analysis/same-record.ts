/** One poisonous record: error lines that name the same id again and again, since it is delivered again and again. */

/** `record_id=abc-123`, `offset: 4711`; ids of requests and traces differ from try to try. */
const NAMED = /\b(?!trace|span|request|req)(\w*(?:id|offset|key|record|seq))\s*[=:]\s*"?([\w-]*\d[\w-]{3,})/gi;
/** Fewer lines may agree by chance. */
const LINES_MIN = 5;
const SHARE = 0.7;

/** The record that most lines name, as it stands in them; undefined where they name many or none. */
export function recordNamed(lines: string[]): { record: string; lines: number } | undefined {
  if (lines.length < LINES_MIN) return undefined;
  const seen = new Map<string, number>();
  for (const line of lines) {
    for (const text of new Set([...line.matchAll(NAMED)].map((m) => m[0]))) seen.set(text, (seen.get(text) ?? 0) + 1);
  }
  const best = [...seen].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0];
  return best && best[1] >= SHARE * lines.length ? { record: best[0], lines: best[1] } : undefined;
}
