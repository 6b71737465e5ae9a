/** Wires a follow-up: the run's evidence, its sources behind the toolbox, a journal of its own beside the sealed one. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { instancesOf, servicesOf } from '../agent/case.ts';
import { UserError } from '../core/errors.ts';
import type { Event, EventOf } from '../core/events.ts';
import type { FollowUpAnswer } from '../core/follow-up.ts';
import { ulid } from '../core/ids.ts';
import type { Activity, Io, Load } from '../core/ports.ts';
import { PROGRAM } from '../core/program.ts';
import { emptyState, evidenceInOrder, type State } from '../core/run-state.ts';
import { reduce } from '../core/state.ts';
import { openStream } from '../core/stream.ts';
import { steadyClock, toMs } from '../core/time.ts';
import type { ActivityResult, Evidence } from '../core/types.ts';
import { loader, localEngine } from '../engines/local.ts';
import { byCode, type Ground } from '../followup/by-code.ts';
import { byModel, type Tried } from '../followup/by-model.ts';
import { journalFile } from '../journal/adapter.ts';
import { openJournal } from '../journal/open.ts';
import { readJournal } from '../journal/read.ts';
import { openGates } from '../safety/gates.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';
import { openScope } from '../tools/scope.ts';
import type { OpenSource } from '../tools/tool.ts';
import { toolbox } from '../tools/toolbox.ts';
import { asker } from '../workflow/ask.ts';
import { type Further, openVoices } from './agent.ts';

/** Turns that a follow-up may take. */
const TURNS = 6;

export interface FollowUp {
  question: string;
  parent: { run: string; folder: string; state: State; load: Load; head: string };
  sources: OpenSource[];
  secrets: string[];
  /** Questions that may be put to the sources, and the time for all of it, ms. */
  budget: number;
  wallMs: number;
  limits: { timeoutMs?: number; retries?: number };
  further?: Further;
}

/** Where the follow-ups of a run are kept: behind its seal nothing may stand that changes what was concluded. */
export const followUpFolder = (folder: string): string => join(folder, 'followup');

/** The follow-ups of a run so far, oldest first. */
export async function followUps(folder: string): Promise<Event[]> {
  const file = journalFile(followUpFolder(folder));
  return existsSync(file) ? readJournal(await readFile(file), file).events : [];
}

/** Answers a question and journals both. The same question that was cut off goes on where it was. */
export async function followUp(o: FollowUp, io: Io): Promise<{ answer: FollowUpAnswer; n: number }> {
  const { state } = o.parent;
  const { alert, window } = state;
  if (!alert || !window) throw new UserError(`run ${o.parent.run} was stopped before it had read its alert`);
  const earlier = await followUps(o.parent.folder);
  const first = earlier[0];
  const run = first?.type === 'journal.opened' ? first.run : ulid(io.now());
  const { pid, alive, signal } = io;
  const writer = { pid, host: hostname(), program: PROGRAM, now: io.now, alive };
  const journal = await openJournal(followUpFolder(o.parent.folder), run, writer);
  try {
    const { past, blobs, log } = journal;
    const gates = openGates(o.secrets, await loadRuleSet());
    const redact = gates.answers;
    const now = steadyClock(io.now, toMs(past.at(-1)!.at));
    const stream = openStream({ log, sinks: [], now, past });
    const box = toolbox(
      o.sources.flatMap((s) => s.tools),
      { redact, now, limits: o.limits },
    );
    const activities = new Map<string, Activity<unknown, ActivityResult>>(box.activities);
    const durable = localEngine({ run, emit: stream.emit, blobs, past, activities, signal, now });
    const text = redact.text(o.question).text;
    const asked = past.filter((e): e is EventOf<'question.asked'> => e.type === 'question.asked');
    const answered = new Set(past.flatMap((e) => (e.type === 'question.answered' ? [e.n] : [])));
    const by = o.further?.name ?? 'code';
    const open = asked.find((e) => !answered.has(e.n) && e.text === text && e.head === o.parent.head && e.by === by);
    const n = open?.n ?? asked.length + 1;
    await stream.emit({ type: 'question.asked', n, text, parent: o.parent.run, head: o.parent.head, by });
    // What was answered to this very question before it was cut off is answered from memory; the rest is evidence.
    const before = earlier.filter((e) => !open || e.seq < open.seq);
    const evidence = [
      ...(await evidenceOf(state, o.parent.load)),
      ...(await evidenceOf(before.reduce(reduce, emptyState()), loader(blobs))),
    ];
    const deadline = now() + o.wallMs;
    const ground: Ground = {
      names: [...new Set([...servicesOf(evidence, alert), ...instancesOf(evidence)])],
      alerting: alert.service,
      onset: state.verdict?.onset?.at ?? alert.startsAt,
      normal: window.baseline.from,
      now: state.now ?? window.to,
      evidence,
      tools: box.specs,
      budget: o.budget,
      ask: asker({ n, step: 'follow-up', tools: box.specs, durable, deadline, letter: 'F', heard: () => {} }),
    };
    const turns = before.reduce((most, e) => (e.type === 'turn.started' ? Math.max(most, e.turn) : most), 0);
    let tried: Tried = { asked: 0, evidence };
    if (o.further) {
      const { limits } = o.further;
      const voices = await openVoices(o.further, activities, { gates, now });
      // From here on it is a model that asks: only what code has seen, checked at the door.
      const scope = openScope(alert, window, ground.now);
      for (const e of evidence) scope.learn(e);
      for (const [name, activity] of box.scoped(scope)) activities.set(name, activity);
      const bench = {
        ...voices,
        ...{ scope, back: gates.fromModel },
        ...{ durable, emit: stream.emit, alert, window, turns, deadline: Math.min(deadline, now() + limits.timeMs) },
        limits: { ...limits, turns: Math.min(limits.turns, TURNS) },
        concluded: state.verdict?.headline ?? 'nothing yet',
      };
      tried = await byModel(text, ground, bench);
    }
    for (const [name, activity] of box.activities) activities.set(name, activity);
    const whole = tried.answer ?? (await withoutModel());
    await stream.emit({ type: 'question.answered', n, answer: whole });
    await stream.close();
    return { answer: gates.show(whole), n };

    /** Code goes on with what the model has left: its questions are spent, its answers are there. */
    async function withoutModel(): Promise<FollowUpAnswer> {
      const left = { ...ground, evidence: tried.evidence, budget: o.budget - tried.asked };
      const told = await byCode(text, left);
      const unavailable = o.further ? [`the model ${o.further.name} was not available; code answers`] : [];
      return { ...told, asked: told.asked + tried.asked, cannot: [...unavailable, ...told.cannot] };
    }
  } finally {
    await journal.close();
  }
}

/** What a run was answered, with all its data; a payload that is lost is an answer without data. */
async function evidenceOf(state: State, load: Load): Promise<Evidence[]> {
  const done = evidenceInOrder(state).filter((e) => e.state === 'done' && e.capability !== 'note' && !e.supersededBy);
  return Promise.all(
    done.map(async (e) => {
      const data = e.result && (await load(e.result).catch(() => undefined));
      return { ...e, ...(data === undefined ? {} : { data }), tool: e.tool, ms: e.ms ?? 0 } as unknown as Evidence;
    }),
  );
}
