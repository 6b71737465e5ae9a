/** `inquest fork`: a new run from an old one; what is shared is not asked again. */
import { join } from 'node:path';
import type { Order } from '../app/distributed.ts';
import { forkPrelude, pointOf, sharedAnswers, sharePayloads } from '../app/fork.ts';
import { factsOf, newRun, runWired, startOf } from '../app/run.ts';
import { answersOf, hintsOf } from '../app/said.ts';
import type { ConfigFlags } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { canonical } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import type { EventBody } from '../core/events.ts';
import { shortId, ulid } from '../core/ids.ts';
import type { Io, Report } from '../core/ports.ts';
import { hashLine } from '../journal/line.ts';
import { choosePlaybook } from '../workflow/match.ts';
import { openAgain, type Settings, sayStopped } from './_again.ts';
import { configFor, furtherFor, waitOf } from './_session.ts';
import { type OutputFlags, printReport, reportNamed, sinksFor } from './_show.ts';
import { type StoredRun, storedRun } from './_stored.ts';
import { submitOrder } from './_submit.ts';

export interface ForkFlags extends OutputFlags {
  at?: string;
  with?: string[];
  playbook?: string;
  threshold?: string;
  config?: string;
  engine?: string;
}

/** Runs the fork to its printed report; the parent is not changed. */
export async function forkCommand(io: Io, suffix: string, flags: ForkFlags): Promise<void> {
  const report = await reportNamed(io, flags.json ? 'json' : (flags.report ?? 'text'));
  const parent = await storedRun(io, suffix);
  const start = startOf(parent.events, parent.run);
  const point = pointOf(parent.state, flags.at);
  const shared = sharedAnswers(parent.events, point);
  const notes = [...notesOf(parent.state), ...(flags.with ?? [])].map((n) => n.trim());
  if (notes.includes('')) throw new UserError('--with: the note is empty');
  const overrides: ConfigFlags = {
    ...(flags.threshold === undefined ? {} : { confidence: flags.threshold }),
    ...(flags.config === undefined ? {} : { config: flags.config }),
  };
  const { runs } = paths(io.env);
  const told = (): EventBody[] => {
    const prelude = forkPrelude({
      parent: parent.run,
      head: hashLine(parent.lines.at(-1)!),
      point: point?.key,
      shared,
      notes,
      changed: [
        ...(flags.playbook === undefined ? [] : [`playbook ${flags.playbook}`]),
        ...(flags.threshold === undefined ? [] : [`confidence ${flags.threshold}`]),
        ...(flags.with ?? []).map((n) => `with "${n}"`),
      ],
    });
    // What a model said rests on what people told it: where its turns are shared, so is that.
    if (point === undefined) prelude.push(...hintsOf(parent.events), ...answersOf(parent.events));
    return prelude;
  };
  if (flags.engine === 'restate') return forkOnEngine(io, parent, told(), overrides, flags, report);
  const { run, folder, journal } = await newRun(runs, io);
  let live = false;
  try {
    const { config, steps, playbooks, opened, baselines } = await openAgain(io, run, start, overrides);
    const known = playbooks.some((p) => p.name === start.playbook.name);
    const playbook = choosePlaybook(
      start.alert,
      playbooks,
      flags.playbook ?? (known ? start.playbook.name : undefined),
    );
    const why = flags.playbook === undefined && known ? start.playbook.why : playbook.why;
    await sharePayloads(join(runs, parent.run), folder, shared);
    const prelude = told();
    const shown = await sinksFor(io, flags, journal);
    live = shown.live;
    const facts = factsOf(start);
    const settings = { ...facts.settings, flags: { ...(facts.settings.flags as object), ...overrides } };
    const { exit, state, load, gates } = await runWired(
      {
        run,
        config,
        ...opened,
        steps,
        playbook: { ...playbook, why },
        baselines,
        ...journal,
        sinks: shown.sinks,
        signal: io.signal,
        now: io.now,
        provisional: true,
        ...furtherFor(io, config),
        prelude,
        desk: shown.desk,
        ...waitOf(config),
      },
      { ...facts, settings },
    );
    await opened.close();
    await printReport(io, { ...flags, live }, report, state, load, gates);
    const asked = state.evidence.filter((e) => e.state === 'done' && !e.shared && e.capability !== 'note').length;
    if (!flags.quiet) {
      io.stderr.write(
        `fork ${shortId(run)} of ${shortId(parent.run)}: ${asked} asked, ${state.evidence.length - asked - notes.length} shared. Compare: inquest diff ${shortId(parent.run)} ${shortId(run)}\n`,
      );
    }
    io.exitCode = exit;
  } catch (e) {
    sayStopped(io, run, live);
    throw e;
  } finally {
    await journal.close();
  }
}

/** The same on the workers of an engine: what is shared travels with the order. */
async function forkOnEngine(
  io: Io,
  parent: StoredRun,
  prelude: EventBody[],
  overrides: ConfigFlags,
  flags: ForkFlags,
  report: () => Promise<Report>,
): Promise<void> {
  const start = startOf(parent.events, parent.run);
  const settings = start.settings as Settings;
  const config = await configFor(io, { ...settings.flags, ...overrides, engine: 'restate' }, settings.bundle);
  const blobs: Record<string, string> = {};
  for (const e of prelude) {
    const result = e.type === 'answer.shared' ? e.answer.result : undefined;
    if (result && 'blob' in result) blobs[result.blob] = canonical(await parent.load(result));
  }
  const order: Order = {
    facts: factsOf(start),
    baselines: settings.baselines ?? [],
    prelude,
    blobs,
    ...(flags.playbook === undefined ? {} : { playbook: flags.playbook }),
  };
  await submitOrder(io, config, order, flags, report, ulid(io.now()));
}

const notesOf = (state: { evidence: { capability: string; summary?: string }[] }): string[] =>
  state.evidence.flatMap((e) => (e.capability === 'note' && e.summary ? [e.summary] : []));
