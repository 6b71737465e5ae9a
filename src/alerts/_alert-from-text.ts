/** An alert from a sentence: `--text "checkout is slow" --service checkout`. */
import { bounded, given } from '../core/alerts.ts';
import { hashOf } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import { oneLine } from '../core/text.ts';
import { toIso } from '../core/time.ts';
import type { Alert } from '../core/types.ts';

/** Words by which people name a symptom. The word that stands first in the sentence decides. */
const SYMPTOMS: [symptom: string, words: RegExp][] = [
  ['latency', /\b(slow\w*|latency|latencies|lag\w*|timeouts?|timing out|timed? out|hang\w*|p9[059])\b/i],
  ['errors', /\b(errors?|5\d\d|5xx|fail\w*|exceptions?|broken|unavailable|refus\w*|reject\w*)\b/i],
  ['saturation', /\b(full|saturat\w*|exhaust\w*|out of (memory|space|disk)|cpu|memory|disk|quota|backlog)\b/i],
  ['crash', /\b(crash\w*|restart\w*|oom\w*|killed|down|dead|panic\w*)\b/i],
  ['traffic', /\b(traffic|requests? (drop|rate|surge)\w*|surge\w*|spik\w*|load)\b/i],
  ['dependency', /\b(upstream|downstream|dependency|dependencies|database|third.party)\b/i],
  ['certificate', /\b(certificates?|tls|ssl|x509)\b/i],
  ['dns', /\b(dns|resolv\w*|nxdomain)\b/i],
];

/**
 * The alert that a sentence describes, firing, at `startsAt` (ms) or else `now`. The guessed symptom is only a label:
 * nothing else is read out of the words. Throws UserError for an empty text.
 */
export function fromText(said: {
  text: string;
  service?: string;
  env?: string;
  now: number;
  startsAt?: number;
}): Alert {
  const title = oneLine(said.text, 300);
  if (title === '') {
    throw new UserError('--text is empty', {
      hints: ['Say what is wrong: inquest investigate --text "checkout is slow" --service checkout'],
    });
  }
  const { service, env } = said;
  const symptom = symptomOf(title);
  return bounded({
    title,
    ...given({ service, env }),
    status: 'firing',
    startsAt: toIso(said.startsAt ?? said.now),
    labels: given({ symptom }) as Record<string, string>,
    annotations: {},
    links: [],
    source: 'text',
    fingerprint: hashOf({ source: 'text', title: title.toLowerCase(), service, env }),
  });
}

function symptomOf(text: string): string | undefined {
  let first: { at: number; symptom: string } | undefined;
  for (const [symptom, words] of SYMPTOMS) {
    const at = words.exec(text)?.index;
    if (at !== undefined && at < (first?.at ?? Number.POSITIVE_INFINITY)) first = { at, symptom };
  }
  return first?.symptom;
}
