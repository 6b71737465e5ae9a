/** `inquest ask`: a question about a run, answered from its evidence and a few new questions; both are journalled beside it. */
import { join } from 'node:path';
import { followUp, followUps } from '../app/follow-up.ts';
import { startOf } from '../app/run.ts';
import { paths } from '../config/paths.ts';
import { EXIT, UserError } from '../core/errors.ts';
import type { FollowUpAnswer } from '../core/follow-up.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { oneLine, plural } from '../core/text.ts';
import { clock, parseDuration } from '../core/time.ts';
import { hashLine } from '../journal/line.ts';
import { safeJson } from '../safety/safe-json.ts';
import { safeText } from '../safety/safe-text.ts';
import { openAgain } from './_again.ts';
import { printAsked } from './_asked.ts';
import { furtherFor } from './_session.ts';
import { storedRun } from './_stored.ts';

export interface AskFlags {
  budget: string;
  wall: string;
  /** False for --no-model. */
  model?: boolean | string;
  config?: string;
  json?: boolean;
}

/** Prints the answer; exit 10 where it is unknown. Without a question: what was asked before. */
export async function askCommand(io: Io, suffix: string, question: string | undefined, flags: AskFlags): Promise<void> {
  const { run, events, lines, state, load } = await storedRun(io, suffix);
  const folder = join(paths(io.env).runs, run);
  if (question === undefined) return listAsked(io, run, folder, flags);
  if (question.trim() === '') throw new UserError('the question is empty');
  const budget = Number(flags.budget);
  if (!Number.isInteger(budget) || budget < 0 || budget > 50)
    throw new UserError(`--budget: "${flags.budget}" is no number from 0 to 50`);
  const wallMs = parseDuration(flags.wall);
  if (wallMs === undefined)
    throw new UserError(`--wall: "${flags.wall}" is no duration`, { hints: ['Write 30s, 2m.'] });
  const model =
    typeof flags.model === 'string' ? { model: flags.model } : flags.model === false ? { model: false as const } : {};
  const { config, opened } = await openAgain(io, run, startOf(events, run), {
    ...(flags.config ? { config: flags.config } : {}),
    ...model,
  });
  const { timeoutMs, retries } = config;
  try {
    const { answer, n } = await followUp(
      {
        question,
        parent: { run, folder, state, load, head: hashLine(lines.at(-1)!) },
        sources: opened.sources,
        secrets: config.secrets,
        ...{ budget, wallMs },
        limits: { ...(timeoutMs ? { timeoutMs } : {}), ...(retries === undefined ? {} : { retries }) },
        ...furtherFor(io, config),
      },
      io,
    );
    if (flags.json) io.stdout.write(`${safeJson({ schema: 'inquest.answer/v1', run, n, question, ...answer }, 2)}\n`);
    else io.stdout.write(`${answerLines(answer).map(safeText).join('\n')}\n`);
    if (answer.says === 'unknown') io.exitCode = EXIT.inconclusive;
  } finally {
    await opened.close();
  }
}

/** The answer for people: the headline, what holds, what is as it was, what cannot be said. */
function answerLines(a: FollowUpAnswer): string[] {
  const part = (heading: string, items: string[]): string[] =>
    items.length === 0 ? [] : [heading, ...items.map((x) => `  ${oneLine(x, 400)}`)];
  const time = a.about.topics.length > 0 ? `, ${clock(a.about.from, true)} to ${clock(a.about.to, true)}` : '';
  const { model } = a;
  const cost = model
    ? `, ${plural(model.turns, 'turn')}, ${plural(model.tokens, 'token')}${model.dollars === undefined ? '' : `, $${model.dollars.toFixed(2)}`}`
    : '';
  return [
    oneLine(a.headline, 600),
    ...part(
      'What holds',
      a.claims.map(
        (c) => `${c.sentence}  ${c.cites.join(' ')}${c.trust === 'clean' ? '' : ' (text that outsiders can write)'}`,
      ),
    ),
    ...part(
      'As before',
      a.normal.map((x) => `${x.what}  ${x.cites.join(' ')}`),
    ),
    ...part('Not answered, or not sure', a.cannot),
    ...part('In the words of the model (not checked, proves nothing)', model?.note ? [`"${model.note}"`] : []),
    `(by ${a.by}, ${plural(a.asked, 'new question')}${time}${cost})`,
  ];
}

async function listAsked(io: Io, run: string, folder: string, flags: AskFlags): Promise<void> {
  const events = await followUps(folder);
  if (flags.json || events.some((e) => e.type === 'question.asked')) return printAsked(io, events, flags);
  io.stderr.write(
    `nothing was asked about ${shortId(run)} yet: inquest ask ${shortId(run)} "was payments slow too?"\n`,
  );
}
