/**
 * One fixed policy for all modes: what to ask and whom to accuse by plain rules over what it was told and answered. It
 * knows no incident and no truth; by seed it errs as models do. It measures our machinery, not a model.
 */
import { seeded } from '../fixtures/lab/world/random.ts';
import { sha256 } from '../src/core/canonical.ts';
import type { ModelRequest } from '../src/core/model.ts';
import type { Play, Policy } from '../src/models/scripted.ts';
import { type Clue, cluesIn } from './_mode-clues.ts';
import { answersIn, briefIn, isRefutation, NOT_REFUTED, type Told } from './_policies.ts';

/** How often it errs: a reply that cannot be read, a question left out, the second suspect, a claim that is not so, a groundless objection. */
const BROKEN = 0.03;
const LEFT_OUT = 0.1;
const ASIDE = 0.1;
const FALSE_CLAIM = 0.15;
const OBJECTS = 0.05;
/** Spread of what it thinks of a suspect: standard deviation of the logarithm. */
const DOUBT = 0.35;
/** A clue weighs this much beside the share that the workflow gives a hypothesis. */
const CLUE = 0.25;
/** A change so long before the onset is one to accuse. */
const NEAR_MS = 120_000;
const SUSPECTS = 3;

export interface Brief extends Told {
  hypotheses: { id: string; entity?: string; change?: string; category?: string; share: number }[];
  alert: { service?: string; startsAt: string };
}

/** The policy of a seed. The same request gets the same reply, whoever asks first. */
export function modePolicy(seed: number): Policy {
  return (request): Play => {
    const random = seeded(Number.parseInt(sha256(`${seed} ${JSON.stringify(request.messages)}`).slice(0, 8), 16));
    if (isRefutation(request)) return { answer: random() < OBJECTS ? { ...NOT_REFUTED, refuted: true } : NOT_REFUTED };
    if (random() < BROKEN) return { stop: 'malformed' };
    const told = briefIn(request) as Brief;
    const said = request.messages.filter((m) => m.role === 'assistant').length;
    const clues = request.messages
      .flatMap((m) => answersIn({ ...request, messages: [m] }))
      .flatMap((a) => cluesIn(a, onsetOf(told)));
    const suspects = ranked(told, clues, random);
    // With nothing told before it needs a second look, at whom the first one has shown.
    const looks = told.evidence.length > 0 ? 1 : 2;
    if (request.mayCall && said < looks) {
      const calls = questions(request, suspects, said).filter(() => random() >= LEFT_OUT);
      if (calls.length > 0) return { calls };
    }
    return { answer: conclusion(told, clues, suspects, random) };
  };
}

const onsetOf = (told: Brief): number => Date.parse(told.onset?.at ?? told.alert.startsAt);

/** Names, the most suspect first. */
function ranked(told: Brief, clues: Clue[], random: () => number): string[] {
  const score = new Map<string, number>();
  const add = (name: string | undefined, by: number): void => {
    if (name !== undefined) score.set(name, (score.get(name) ?? 0) + by);
  };
  for (const h of told.hypotheses) add(h.entity, h.share);
  if (told.hypotheses.every((h) => h.entity === undefined)) add(told.alert.service, CLUE / 2);
  for (const c of clues) add(c.of, CLUE * c.weight);
  const sure = [...score].map(([name, x]) => ({ name, x: x * Math.exp(DOUBT * normal(random)) }));
  const names = sure.sort((a, b) => b.x - a.x || (a.name < b.name ? -1 : 1)).map((s) => s.name);
  return random() < ASIDE && names.length > 1 ? [names[1]!, names[0]!, ...names.slice(2)] : names;
}

/** Box and Muller. */
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** One question of each tool at first, then about the suspects. */
function questions(request: ModelRequest, suspects: string[], said: number): { name: string; input: object }[] {
  const has = (name: string): boolean => request.tools.some((t) => t.name === name);
  const [first, ...others] = suspects;
  const about = first === undefined ? {} : { service: first };
  const tests = 'H0';
  const wide = [
    { name: 'traces_summary', input: { tests } },
    { name: 'changes_list', input: { tests } },
    { name: 'metrics_range', input: { tests, ...about } },
    { name: 'logs_search', input: { tests, ...about, level: 'warn' } },
    { name: 'traces_search', input: { tests, ...about, errorsOnly: true } },
  ];
  const narrow = [first, ...others].slice(0, SUSPECTS).flatMap((service) => [
    { name: 'metrics_range', input: { tests, service } },
    { name: 'logs_search', input: { tests, service, level: 'warn' } },
  ]);
  return (said === 0 ? wide : narrow).filter((q) => has(q.name));
}

function conclusion(told: Brief, clues: Clue[], suspects: string[], random: () => number): Record<string, unknown> {
  const none = { outcome: 'inconclusive', entity: null, category: null, change: null, claims: [], note: '' };
  const [entity] = suspects;
  const own = clues.filter((c) => c.of === entity && c.claim !== undefined).sort((a, b) => b.weight - a.weight);
  if (entity === undefined || own.length === 0) return none;
  const hypothesis = told.hypotheses.find((h) => h.entity === entity);
  const near = clues.filter((c) => c.change !== undefined && c.of === entity && c.gapMs! >= 0 && c.gapMs! <= NEAR_MS);
  const change = hypothesis?.change ?? near.sort((a, b) => a.gapMs! - b.gapMs!)[0]?.change ?? null;
  const facts = told.facts.filter(
    (f) => f.trust === 'clean' && f.says.split(/[ ,:]/).some((w) => w.replace(/-\d+$/, '') === entity),
  );
  const claims = [
    ...facts.slice(0, 2).map((f) => ({ type: 'known', id: f.id })),
    ...own.slice(0, 3).map((c) => (random() < FALSE_CLAIM ? untrue(c.claim!) : c.claim!)),
  ];
  const category = categoryOf(change, hypothesis?.category, own);
  return { outcome: 'cause', entity, category, change, claims, note: 'by plain rules' };
}

/** The claim with something in it that is not so. */
function untrue(claim: Record<string, unknown>): Record<string, unknown> {
  if (claim.type === 'changed') return { ...claim, direction: claim.direction === 'up' ? 'down' : 'up' };
  if (claim.type === 'mentions') return { ...claim, quote: `${String(claim.quote)} and more` };
  return { ...claim, evidence: 'E77.1' };
}

const KIND: Record<string, string> = {
  deploy: 'code-change',
  config: 'config-change',
  flag: 'config-change',
  migration: 'data',
};

function categoryOf(change: string | null, told: string | undefined, own: Clue[]): string {
  if (change !== null) return KIND[change.split('/')[0]!] ?? 'code-change';
  if (told !== undefined && told !== 'unknown' && told !== 'none') return told;
  if (own.some((c) => /cpu|memory|heap|pool|disk/.test(c.about ?? ''))) return 'resource-exhaustion';
  return own.some((c) => /requests_per|calls/.test(c.about ?? '')) ? 'traffic' : 'dependency';
}
