/** What the model is told first: the alert, the findings, the open hypotheses, what was not checked, and the question. */
import { checkClaim } from '../claims/check.ts';
import { sha256 } from '../core/canonical.ts';
import type { Claim } from '../core/claims.ts';
import { oneLine } from '../core/text.ts';
import type { Evidence, Hypothesis } from '../core/types.ts';
import { abstractWords } from '../safety/for-model.ts';
import { safeText } from '../safety/safe-text.ts';
import { factsOf, type OpenCase } from './case.ts';
import { digest } from './digest.ts';

const FACTS = 30;
const EVIDENCE = 40;
const CHANGES = 12;

export interface Brief {
  /** JSON between marks that its own content cannot hold. */
  text: string;
  /** Facts by id: `C1` … */
  facts: Map<string, Claim>;
}

/** The brief of a case. The same case gives the same brief. */
export function briefOf(c: OpenCase, question: string, services: string[]): Brief {
  const byId = new Map(c.evidence.map((e) => [e.id, e]));
  const facts = new Map<string, Claim>();
  const told: { id: string; says: string; cites: string[]; trust: string }[] = [];
  const claims = [...factsOf(c.findings).map((f) => f.claim as Claim), ...c.hypotheses.flatMap((h) => h.claims)];
  const checked = claims.map((claim) => checkClaim(claim, (id) => byId.get(id)));
  // What no outsider can write comes first: it is what a conclusion needs.
  for (const { claim, ok, sentence, cites, trust } of [...checked].sort((a, b) => byTrust(a) - byTrust(b))) {
    if (told.length >= FACTS) break;
    const says = line(sentence, 240);
    if (!ok || told.some((t) => t.says === says)) continue;
    const id = `C${told.length + 1}`;
    facts.set(id, claim);
    told.push({ id, says, cites, trust });
  }
  const { alert, verdict } = c;
  const data = {
    question,
    alert: {
      title: line(alert.title, 300),
      service: alert.service,
      env: alert.env,
      severity: alert.severity,
      startsAt: alert.startsAt,
      says: Object.entries(alert.annotations)
        .slice(0, 6)
        .map(([k, v]) => line(`${k}: ${v}`, 300)),
    },
    now: c.now,
    window: c.window,
    onset: verdict.onset,
    hypotheses: c.hypotheses.map(hypothesis),
    facts: told,
    changesNear: c.findings
      .filter((f) => f.kind === 'change-near-onset')
      .slice(0, CHANGES)
      .map((f) => ({
        id: f.data.id,
        service: f.data.service,
        time: f.data.time,
        says: line(f.title, 240),
        evidence: f.cites[0],
      })),
    otherFindings: c.findings
      .filter((f) => f.claim === undefined && f.severity >= 0.2)
      .slice(0, 15)
      .map((f) => `${line(f.title, 200)} (${f.cites.join(' ')})`),
    evidence: c.evidence.slice(0, EVIDENCE).map(indexed),
    notChecked: verdict.notChecked.slice(0, 15).map((x) => line(`${x.what}: ${x.why}`, 200)),
    services: services.slice(0, 80),
    why: verdict.gate.reason,
  };
  return { text: marked(data), facts };
}

const byTrust = (c: { trust: string }): number => (c.trust === 'clean' ? 0 : 1);
const line = (text: string, max: number): string => safeText(oneLine(text, max));

const hypothesis = (h: Hypothesis): Record<string, unknown> => ({
  id: h.id,
  says: line(h.claim, 300),
  share: h.score,
  state: h.state,
  category: h.category,
  entity: h.entity?.name,
  change: h.change,
  for: h.for.slice(0, 3).map((w) => `${line(w.reason, 160)} (${w.cites.slice(0, 3).join(' ')})`),
  against: h.against.slice(0, 3).map((w) => line(w.reason, 160)),
});

/** The summary; of what outsiders can write only the shape. */
const shapeOf = (e: Evidence): string => (e.trust === 'clean' ? e.summary : abstractWords(e.summary));

/** One line for an answer that is there already and can be read line by line. */
const indexed = (e: Evidence): string =>
  line(
    `${e.id} ${e.tool}${'service' in e.input && e.input.service ? ` ${e.input.service}` : ''} ${e.status}: ${shapeOf(e)}`,
    200,
  );

/** Data as JSON between marks. The mark is the hash of what it encloses, so nothing inside can close it. */
export function marked(data: unknown): string {
  const text = JSON.stringify(data);
  const mark = `data-${sha256(text).slice(0, 16)}`;
  return `<${mark}>\n${text}\n</${mark}>`;
}

/** Who could have written it. */
export const warning = (e: Evidence): Record<string, unknown> =>
  e.trust === 'clean' ? { trust: e.trust } : { trust: e.trust, attacker_writable: true };

/** An answer as the model gets it: JSON, with its status and its trust. `room` in characters. */
export function answerFor(e: Evidence, lines: string[], room: number): Record<string, unknown> {
  const short = digest(lines, Math.max(200, room));
  return {
    evidence: e.id,
    asked: line(e.searched, 300),
    status: e.status,
    ...warning(e),
    summary: line(shapeOf(e), 300),
    ...(e.problem ? { problem: line(e.problem, 300) } : {}),
    ...(e.truncated ? { truncated: `${e.truncated.kept} of ${e.truncated.of} ${e.truncated.what}` } : {}),
    shown: `${short.shown} of ${short.of} lines`,
    lines: short.lines,
  };
}
