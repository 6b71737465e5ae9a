/** `inquest show`: one run, or one item of it by its id. */
import { filtered, lineOf, type ViewFilter } from '../app/journal-view.ts';
import { renderSafely } from '../app/render.ts';
import { whyLines } from '../app/why.ts';
import { UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io, Load } from '../core/ports.ts';
import { type EvidenceState, evidenceInOrder, type State, type StepState } from '../core/run-state.ts';
import { formatDuration } from '../core/time.ts';
import type { Hypothesis } from '../core/types.ts';
import { requestLines } from '../core/wording.ts';
import { safeJson } from '../safety/safe-json.ts';
import { safeText } from '../safety/safe-text.ts';
import { ASCII, prefersAscii, UNICODE } from '../ui/symbols.ts';
import { hypothesisLines } from './_hypothesis.ts';
import { page } from './_pager.ts';
import { reportNamed } from './_show.ts';
import { storedRun } from './_stored.ts';

export async function showCommand(
  io: Io,
  suffix: string,
  item: string | undefined,
  flags: { data?: boolean; json?: boolean; why?: string; all?: boolean } & ViewFilter,
): Promise<void> {
  const { state, load, events } = await storedRun(io, suffix);
  if (flags.why !== undefined) {
    io.stdout.write(`${whyLines(state, flags.why).map(safeText).join('\n')}\n`);
    return;
  }
  const filter = (['step', 'tool', 'entity', 'since', 'until'] as const).some((k) => flags[k] !== undefined);
  if (flags.all || filter) {
    const found = filtered(events, state, flags);
    if (flags.json) io.stdout.write(found.map((e) => `${safeJson(e)}\n`).join(''));
    else
      await page(
        io,
        found.map((e) => safeText(lineOf(e, state))),
      );
    return;
  }
  if (item === undefined) {
    const report = await reportNamed(io, flags.json ? 'json' : 'text');
    io.stdout.write(await renderSafely(await report(), state, load));
    if (flags.json) return;
    io.stdout.write(
      aboutLines(state)
        .map((l) => `\n${safeText(l)}`)
        .join(''),
    );
    io.stdout.write(`\nEvidence (inquest show ${suffix} E1.1):\n`);
    for (const e of evidenceInOrder(state))
      io.stdout.write(
        `  ${safeText(`${e.id.padEnd(6)} ${(e.status ?? 'running').padEnd(8)} ${e.tool}: ${e.summary ?? ''}`)}\n`,
      );
    return;
  }
  const found = itemOf(state, item);
  if (flags.json) io.stdout.write(`${safeJson(found.value, 2)}\n`);
  else if (flags.data && found.kind === 'evidence')
    io.stdout.write(`${safeJson(await dataOf(found.value, load), 2)}\n`);
  else if (found.kind === 'hypothesis') {
    const symbols = prefersAscii(io.env) ? ASCII : UNICODE;
    const lines = await hypothesisLines(found.value, state, load, symbols);
    io.stdout.write(`${lines.map(safeText).join('\n')}\n`);
  } else io.stdout.write(`${linesOf(found).map(safeText).join('\n')}\n`);
}

type Item =
  | { kind: 'evidence'; value: EvidenceState }
  | { kind: 'hypothesis'; value: Hypothesis }
  | { kind: 'step'; value: StepState };

function itemOf(state: State, id: string): Item {
  const wanted = id.replace(/^[ehs]/, (c) => c.toUpperCase());
  const evidence = state.evidence.find((e) => e.id === wanted);
  if (evidence) return { kind: 'evidence', value: evidence };
  const hypothesis = state.hypotheses.find((h) => h.id === wanted);
  if (hypothesis) return { kind: 'hypothesis', value: hypothesis };
  const step = state.steps.find((s) => `S${s.n}` === wanted || s.name === id);
  if (step) return { kind: 'step', value: step };
  const known = [
    ...evidenceInOrder(state).map((e) => e.id),
    ...state.hypotheses.map((h) => h.id),
    ...state.steps.map((s) => `S${s.n}`),
  ];
  throw new UserError(`this run has no ${id}`, { hints: [`It has: ${known.join(' ')}`] });
}

async function dataOf(e: EvidenceState, load: Load): Promise<unknown> {
  return e.result ? load(e.result) : null;
}

function linesOf(item: Exclude<Item, { kind: 'hypothesis' }>): string[] {
  switch (item.kind) {
    case 'evidence':
      return evidenceLines(item.value);
    case 'step':
      return [
        `S${item.value.n} ${item.value.name}: ${item.value.title}`,
        `state     ${item.value.state}${item.value.ms === undefined ? '' : `, ${formatDuration(item.value.ms)}`}`,
        ...(item.value.why ? [`why       ${item.value.why}`] : []),
        `evidence  ${item.value.evidence.join(' ') || 'none'}`,
        `findings  ${item.value.findings}`,
      ];
  }
}

function evidenceLines(e: EvidenceState): string[] {
  const window = e.input as { from?: string; to?: string };
  return [
    `${e.id} ${e.summary ?? 'not answered'}`,
    '',
    `tool      ${e.tool}   step ${e.step}`,
    `asked to  ${e.why}`,
    `status    ${e.status ?? 'unfinished'}${e.problem ? `: ${e.problem}` : ''}`,
    `window    ${window.from ?? '?'} to ${window.to ?? '?'}`,
    `searched  ${e.searched ?? ''}`,
    `fetched   ${e.fetchedAt ?? ''}${e.ms === undefined ? '' : ` in ${formatDuration(e.ms)}`}${(e.attempts ?? 1) > 1 ? `, ${e.attempts} tries` : ''}`,
    `trust     ${e.trust ?? ''}${e.redacted ? `   ${e.redacted} secrets masked` : ''}`,
    ...(e.truncated ? [`kept      ${e.truncated.kept} of ${e.truncated.of} ${e.truncated.what}`] : []),
    ...(e.link ? [`link      ${e.link}`] : []),
    ...requestLines(e).map((line, i) => `${i === 0 ? 'requests ' : '         '} ${line}`),
    ...(e.sample?.length ? ['', ...e.sample.map((line) => `  ${line}`)] : []),
  ];
}

/** Where a run comes from, and what people said of it. */
function aboutLines({ forked, feedback, round }: State): string[] {
  const changed = forked && forked.changed.length > 0 ? `: ${forked.changed.join(', ')}` : '';
  const at = forked?.point === undefined ? '' : ` at ${forked.point}`;
  return [
    ...(forked ? [`Fork of ${shortId(forked.parent)}${at}, ${forked.shared} answers shared${changed}\n`] : []),
    ...(round > 1 ? [`Concluded ${round} times; inquest show --all tells why\n`] : []),
    ...(feedback
      ? [`People said: ${feedback.right ? 'right' : 'wrong'}${feedback.cause ? `, ${feedback.cause}` : ''}\n`]
      : []),
  ];
}
