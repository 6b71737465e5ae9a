/** `inquest answer`: answers a question that a run has put to a person, from any terminal; the run may be going on or waiting on disk. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { paths } from '../config/paths.ts';
import { UserError } from '../core/errors.ts';
import type { QuestionState, Sent } from '../core/human.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { nearest, oneLine } from '../core/text.ts';
import { toIso, toMs } from '../core/time.ts';
import { age, dayAndClock } from '../core/wording.ts';
import { isHeld } from '../journal/lock.ts';
import { folderMail } from '../journal/mail.ts';
import { safeJson } from '../safety/safe-json.ts';
import { safeText } from '../safety/safe-text.ts';
import { engineOfRun } from './_engine.ts';
import { isOnEngine, storedRun } from './_stored.ts';

/** Puts the answer into the run's letter box, where the run finds it; the first answer counts. */
export async function answerCommand(
  io: Io,
  suffix: string,
  wanted: string | undefined,
  choice: string | undefined,
  flags: { json?: boolean },
): Promise<void> {
  const { run, state } = await storedRun(io, suffix);
  const folder = join(paths(io.env).runs, run);
  const mail = folderMail(folder);
  if (wanted === undefined) return list(io, run, state.questions, flags);
  const q = state.questions.find((x) => x.id === wanted.toUpperCase());
  if (!q) {
    throw new UserError(`run ${shortId(run)} has asked no ${wanted}`, {
      hints: [
        state.questions.length > 0 ? `It asked: ${state.questions.map((x) => x.id).join(' ')}` : 'It asked nothing.',
      ],
    });
  }
  if (choice === undefined) return list(io, run, [q], flags);
  const known = q.choices.map((c) => c.word);
  const word = known.find((w) => w === choice.toLowerCase());
  if (word === undefined) {
    const near = nearest(choice, known);
    throw new UserError(`"${choice}" is no answer to ${q.id}${near ? `; did you mean "${near}"?` : ''}`, {
      hints: q.choices.map((c) => `${c.word}: ${c.says}`),
    });
  }
  const earlier = q.answer ?? ((await mail.read(q.id)) as Sent | undefined);
  if (earlier) throw answered(q.id, earlier);
  const now = io.now();
  if (now >= toMs(q.deadline)) {
    throw new UserError(
      `the time of ${q.id} was over ${age(q.deadline, toIso(now))}; without an answer it is "${q.otherwise}"`,
      {
        hints: [`Go on:  inquest resume ${shortId(run)}`],
      },
    );
  }
  const who = io.env.USER ?? io.env.LOGNAME;
  const sent: Sent = {
    choice: word,
    from: 'command',
    at: toIso(now),
    ...(who ? { who: oneLine(safeText(who), 60) } : {}),
  };
  if (isOnEngine(state)) {
    if (!(await (await engineOfRun(io, run)).send(run, q.id, sent)))
      throw answered(q.id, { choice: 'by somebody else' });
    io.stderr.write(`${q.id} is answered: ${word}; the run goes on\n`);
    return;
  }
  if (!(await mail.post(q.id, sent))) throw answered(q.id, (await mail.read(q.id)) as Sent);
  const going = isHeld(folder, hostname(), io.alive);
  const next = going ? 'the run goes on' : `go on: inquest resume ${shortId(run)}`;
  if (flags.json) io.stdout.write(`${safeJson({ run, question: q.id, ...sent, going })}\n`);
  else io.stderr.write(`${q.id} is answered: ${word}; ${next}\n`);
}

const answered = (id: string, a: { choice: string; from?: string; who?: string }): UserError =>
  new UserError(`${id} was answered already: ${a.choice}${a.who ? `, by ${a.who}` : ''}`, {
    hints: ['The first answer counts.'],
  });

/** The questions that wait, or those that are named. */
function list(io: Io, run: string, all: QuestionState[], flags: { json?: boolean }): void {
  if (flags.json) {
    io.stdout.write(`${safeJson(all, 2)}\n`);
    return;
  }
  const shown = all.length === 1 ? all : all.filter((q) => !q.answer);
  if (shown.length === 0) io.stderr.write(`run ${shortId(run)} waits for nobody\n`);
  for (const q of shown) {
    const state = q.answer
      ? `answered: ${q.answer.choice} (${q.answer.from})`
      : `until ${dayAndClock(q.deadline, true)}, then: ${q.otherwise}`;
    io.stdout.write(`${safeText(`${q.id}  ${q.text}`)}\n`);
    for (const c of q.choices)
      io.stdout.write(`${safeText(`  inquest answer ${shortId(run)} ${q.id} ${c.word}   ${c.says}`)}\n`);
    io.stdout.write(`${safeText(`  ${state}`)}\n`);
  }
}
