/** Why: which evidence moved a hypothesis, which step asked a question and for what, what the gate decided on. */
import { UserError } from '../core/errors.ts';
import { baseKey } from '../core/rounds.ts';
import { type EvidenceState, evidenceInOrder, type State } from '../core/run-state.ts';
import { digits } from '../core/text.ts';
import type { Hypothesis, Weight } from '../core/types.ts';

/** The lines that explain `H1`, `E3.2`, or the gate. Throws UserError for anything else. */
export function whyLines(state: State, id: string): string[] {
  const wanted = id.replace(/^[eh]/, (c) => c.toUpperCase());
  if (/^gate$/i.test(id)) return gateLines(state);
  const hypothesis = state.hypotheses.find((h) => h.id === wanted);
  if (hypothesis) return hypothesisWhy(state, hypothesis);
  const evidence = state.evidence.filter((e) => e.id === wanted || baseKey(e.id) === wanted);
  // E7 = all that step 7 asked.
  const ofStep = evidenceInOrder(state).filter((e) => e.id.startsWith(`${wanted}.`));
  const found = evidence.length > 0 ? evidence : ofStep;
  if (found.length > 0) return found.flatMap((e, i) => [...(i > 0 ? [''] : []), ...evidenceWhy(state, e)]);
  const known = [...state.hypotheses.map((h) => h.id), ...evidenceInOrder(state).map((e) => e.id), 'gate'];
  throw new UserError(`--why: this run has no ${id}`, { hints: [`It has: ${known.join(' ')}`] });
}

function hypothesisWhy(state: State, h: Hypothesis): string[] {
  const moved = state.history.flatMap(({ after, scores }) => {
    const score = scores[h.claim];
    return score === undefined ? [] : [{ after, score }];
  });
  return [
    `${h.id} ${h.claim}`,
    `score ${h.score.toFixed(2)} of 1.00, ${h.state}, ${h.category}`,
    '',
    'Which evidence moved it',
    ...weights(state, '+', h.for),
    ...weights(state, '-', h.against),
    ...(h.for.length + h.against.length === 0 ? ['  nothing'] : []),
    '',
    'How it moved',
    ...moved.map(({ after, score }, i) => {
      const before = moved[i - 1]?.after ?? [];
      const news = after.filter((step) => !before.includes(step));
      const from = moved[i - 1]?.score;
      const by = from === undefined ? '' : ` (${score >= from ? '+' : ''}${(score - from).toFixed(2)})`;
      return `  ${score.toFixed(2)}${by}  after ${news.join(', ') || 'the claims were checked'}`;
    }),
    ...(moved.length === 0 ? ['  it was named only at the end'] : []),
    '',
    ...gateLines(state),
  ];
}

/** The weights, largest first, each with its evidence, the step that asked for it and why it asked. */
const weights = (state: State, sign: string, all: Weight[]): string[] =>
  [...all]
    .sort((a, b) => b.weight - a.weight)
    .flatMap((w) => [
      `  ${sign}${w.weight.toFixed(2)}  ${w.reason}`,
      ...w.cites.map((id) => {
        const e = state.evidence.find((x) => x.id === id);
        return e ? `         ${id} ${e.tool}: ${e.summary ?? ''} (step ${e.step} asked: ${e.why})` : `         ${id}`;
      }),
    ]);

function evidenceWhy(state: State, e: EvidenceState): string[] {
  const step = state.steps.find((s) => s.name === e.step);
  const offered = state.tools.filter((t) => t.capability === e.capability).map((t) => t.name);
  const findings = state.findings.filter((f) => f.finding.cites.includes(e.id));
  const moved = state.hypotheses.flatMap((h) => [
    ...h.for.filter((w) => w.cites.includes(e.id)).map((w) => `  ${h.id} +${w.weight.toFixed(2)}  ${w.reason}`),
    ...h.against.filter((w) => w.cites.includes(e.id)).map((w) => `  ${h.id} -${w.weight.toFixed(2)}  ${w.reason}`),
  ]);
  const claims = (state.verdict?.claims ?? state.claims).filter((c) => c.cites.includes(e.id));
  return [
    `${e.id} ${e.summary ?? 'not answered'}`,
    '',
    `asked by   step ${step ? `S${step.n} ${step.name}: ${step.title}` : e.step}`,
    `because    ${e.why}`,
    `offered    ${offered.join(' ') || 'nothing'}; chosen ${e.tool}`,
    `question   ${JSON.stringify(e.input)}`,
    `answer     ${e.status ?? 'none yet'}${e.problem ? `: ${e.problem}` : ''}${e.shared ? `, taken from run ${e.shared.run.slice(-6)}` : ''}`,
    ...(e.supersededBy ? [`newer      ${e.supersededBy}`] : []),
    'Findings',
    ...(findings.length > 0 ? findings.map((f) => `  ${f.step}: ${f.finding.title}`) : ['  none cites it']),
    'Which hypothesis it moved',
    ...(moved.length > 0 ? moved : ['  none']),
    'Claims that rest on it',
    ...(claims.length > 0 ? claims.map((c) => `  ${c.ok ? 'holds' : 'dropped'}: ${c.sentence}`) : ['  none']),
  ];
}

/** What the gate decided, on which numbers. */
export function gateLines({ gate }: State): string[] {
  if (!gate) return ['The gate has not decided yet'];
  const { thresholds: t } = gate;
  const row = (what: string, is: number, least: number): string =>
    `  ${what.padEnd(11)}${digits(is).padEnd(7)} needs ${digits(least)}  ${is >= least ? 'met' : 'not met'}`;
  return [
    `The gate: ${gate.decision}, ${gate.outcome}`,
    `  ${gate.reason}`,
    row('confidence', gate.confidence, t.confidence),
    row('margin', gate.margin, t.margin),
    row('coverage', gate.coverage, t.coverage),
  ];
}
