/** `inquest playbooks`: list, show, lint; which would match an alert, and why. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { takeIn } from '../app/intake.ts';
import { byText } from '../core/canonical.ts';
import { errorCode, UserError } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import { plural } from '../core/text.ts';
import { choosePlaybook, matchPlaybooks } from '../workflow/match.ts';
import { configFor, playbooksOf, stepsOf } from './_session.ts';
import { printTable } from './_table.ts';

export async function listPlaybooks(io: Io, flags: { for?: string; config?: string }): Promise<void> {
  const all = await playbooksOf(io, await configFor(io, flags), await stepsOf(io));
  if (flags.for === undefined) {
    printTable(
      io,
      ['PLAYBOOK', 'STEPS', 'TITLE'],
      all.map((p) => [p.name, String(p.steps.length), p.title]),
    );
    return;
  }
  const { alert } = await takeIn(flags.for, {}, { ...io, readStdin: () => Promise.resolve(new Uint8Array()) });
  printTable(
    io,
    ['PLAYBOOK', 'SCORE', 'WHY'],
    matchPlaybooks(alert, all).map((m) => [m.playbook.name, String(m.score), m.why]),
  );
}

export async function showPlaybook(io: Io, name: string, flags: { config?: string }): Promise<void> {
  const all = await playbooksOf(io, await configFor(io, flags), await stepsOf(io));
  const alert = {
    title: '',
    status: 'firing',
    startsAt: '',
    labels: {},
    annotations: {},
    links: [],
    source: '',
    fingerprint: '',
  } as const;
  const { playbook: p } = choosePlaybook({ ...alert, links: [] }, all, name);
  const weights = Object.entries(p.weights).map(([k, v]) => `${k} x${v}`);
  const lines = [
    `${p.name}: ${p.title}`,
    `matches   words: ${p.match.words.join(', ') || 'none'}; metric: ${p.match.metric.join(', ') || 'none'}`,
    `steps     ${p.steps.join(', ')}`,
    `weights   ${weights.join(', ') || 'all the same'}`,
    `budget    ${p.budget.wallMs / 1000}s in all, ${p.budget.stepMs / 1000}s a step`,
    '',
    p.guidance,
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
}

/** Checks every file before it fails, so that all mistakes are seen at once. */
export async function lintPlaybooks(io: Io, files: string[]): Promise<void> {
  const steps = [...(await stepsOf(io)).keys()].sort(byText);
  const { parsePlaybook } = await import('../workflow/parse-playbook.ts');
  const mistakes: string[] = [];
  for (const file of await filesOf(files)) {
    try {
      const text = await readFile(file, 'utf8').catch((e: unknown) => {
        throw new UserError(`cannot read ${file}: ${errorCode(e) ?? e}`);
      });
      const p = parsePlaybook(text, file, steps);
      io.stdout.write(`ok ${file}: ${p.title}, ${p.steps.length} steps\n`);
    } catch (e) {
      if (!(e instanceof UserError)) throw e;
      mistakes.push([e.message, ...e.hints].join('  '));
    }
  }
  if (mistakes.length > 0)
    throw new UserError(`${plural(mistakes.length, 'playbook')} cannot be used`, { hints: mistakes });
}

/** Files as they are, folders as their `.md` files. */
async function filesOf(paths: string[]): Promise<string[]> {
  const all: string[] = [];
  for (const path of paths) {
    const names = await readdir(path).catch(() => undefined);
    if (names)
      all.push(
        ...names
          .filter((n) => n.endsWith('.md'))
          .sort(byText)
          .map((n) => join(path, n)),
      );
    else all.push(path);
  }
  return all;
}
