/** `inquest init`: finds what is there, asks little, checks each source live, and writes the config when all is answered. */
import { basename, resolve } from 'node:path';
import { pluginNames } from '../app/plugins.ts';
import { variableOf } from '../config/credentials.ts';
import { parseConfig } from '../config/parse.ts';
import { fromHome } from '../config/paths.ts';
import { UserError } from '../core/errors.ts';
import { isObject } from '../core/fields.ts';
import type { Io } from '../core/ports.ts';
import { inAscii, plural } from '../core/text.ts';
import { safeText } from '../safety/safe-text.ts';
import { prefersAscii } from '../ui/symbols.ts';
import { askerFor } from './_asker.ts';
import { composed, configText, readConfigText, schemaBeside, sourcesOf, writeAll } from './_config-file.ts';
import { check, connect, type Draft, type Kind, newDraft, type SetUp } from './_draft.ts';
import { KINDS } from './_kinds.ts';
import { lineDiff } from './_line-diff.ts';
import { lookAround } from './_look-around.ts';

export interface InitFlags {
  config?: string;
  /** Ask nothing: take what was found. */
  yes?: boolean;
  /** Print the config instead of writing it. */
  print?: boolean;
  /** May replace a config without asking. */
  force?: boolean;
  /** Print the JSON Schema of the config, for editors. */
  schema?: boolean;
  /** File with answers, a line each; `-` = standard input. */
  answers?: string;
}

const LOCAL = { prometheus: 'http://127.0.0.1:9090', alertmanager: 'http://127.0.0.1:9093' } as const;
const PROBE_MS = 3000;
const MODEL = 'claude-opus-5-5';

/** Asks, checks, shows, writes. Nothing is written before the last answer. */
export async function initCommand(io: Io, flags: InitFlags): Promise<void> {
  if (flags.schema) {
    const { configJsonSchema } = await import('../config/json-schema.ts');
    io.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    return;
  }
  const file = resolve(io.cwd, flags.config ?? io.env.INQUEST_CONFIG ?? 'inquest.config.json');
  const before = await readConfigText(file);
  const old = before === undefined ? {} : await oldConfig(before, file);
  const asker = await askerFor(io, flags);
  let wrote = false;
  try {
    const ascii = prefersAscii(io.env) || Boolean(io.env.INQUEST_ASCII);
    const say = (line: string): void => void io.stderr.write(`${ascii ? inAscii(safeText(line)) : safeText(line)}\n`);
    say('inquest init: connects your systems, for reading only. Keys are never shown, and');
    say('nothing is written before the last answer: Ctrl-C leaves nothing behind.');
    const found = await lookAround(io);
    say(
      found.told.length > 0
        ? `\nFound here:\n${found.told.map((l) => `  ${l}`).join('\n')}\n`
        : '\nNothing was found here that speaks for a source.\n',
    );
    const s: SetUp = { io, asker, found, local: {}, before: sourcesOf(old), secrets: [], say };
    await lookAtPorts(s);
    const drafts: Draft[] = [];
    for (const kind of await chosen(s)) {
      const draft = await connect(s, kind);
      if (draft) drafts.push(draft);
    }
    const model = await modelOf(s, old);
    if (drafts.length === 0 && model === undefined) return nothing(say, flags);
    const text = configText(composed(old, drafts, model, await schemaBeside(file)));
    await parseConfig(text, file);
    if (flags.print) io.stdout.write(text);
    if (!(await agreed(s, { file, text, before, drafts, flags }))) return;
    await writeAll(
      file,
      text,
      before,
      drafts.flatMap((d) => d.keys),
    );
    wrote = true;
    told(s, file, drafts);
    await first(s, flags);
  } catch (e) {
    if (!wrote && io.signal.aborted) io.stderr.write('stopped: nothing was written\n');
    throw e;
  } finally {
    asker.close();
  }
}

/** The config that is there, as it stands: what is not ours to change stays, remarks included. */
async function oldConfig(text: string, file: string): Promise<Record<string, unknown>> {
  await parseConfig(text, file);
  return JSON.parse(text) as Record<string, unknown>;
}

/** The usual ports of this machine, only where the person says so. */
async function lookAtPorts(s: SetUp): Promise<void> {
  const open = KINDS.filter((k) => k.type in LOCAL && !k.seen(s));
  if (s.asker.auto || open.length === 0) return;
  const ports = open.map((k) => new URL(LOCAL[k.type as keyof typeof LOCAL]).port).join(', ');
  const titles = open.map((k) => k.title).join(' and ');
  if (!(await s.asker.yes(`Look for ${titles} on 127.0.0.1 (${ports})?`, false))) return;
  await Promise.all(
    open.map(async ({ type }) => {
      const name = type as keyof typeof LOCAL;
      const checks = await check(s, newDraft(s, name, name, { url: LOCAL[name] }), PROBE_MS);
      if (checks.some((c) => c.state !== 'fail')) s.local[name] = LOCAL[name];
    }),
  );
  for (const { type, title } of open)
    s.say(`  ${title}: ${s.local[type as keyof typeof LOCAL] ? 'answers' : 'not there'}`);
}

async function chosen(s: SetUp): Promise<Kind[]> {
  const there = await pluginNames(s.io.root, 'sources');
  const kinds = KINDS.filter((k) => there.includes(k.type));
  const usual = kinds.filter((k) => k.seen(s));
  if (s.asker.auto) return usual;
  for (const [i, k] of kinds.entries())
    s.say(`  ${i + 1} ${usual.includes(k) ? '*' : ' '} ${k.title.padEnd(13)} ${k.gives}`);
  const numbers = usual.map((k) => kinds.indexOf(k) + 1).join(' ');
  for (;;) {
    const answer = await s.asker.ask('Connect which? Numbers, or 0 for none', numbers);
    const picked = answer.split(/[\s,]+/).filter(Boolean);
    if (picked.every((n) => n === '0')) return [];
    if (picked.every((n) => kinds[Number(n) - 1])) return kinds.filter((_, i) => picked.includes(String(i + 1)));
    s.say(`  numbers from 1 to ${kinds.length}, such as 1 5`);
  }
}

/** Asked only where a key is there and the config says nothing yet. */
async function modelOf(s: SetUp, old: Record<string, unknown>): Promise<object | undefined> {
  const variable = variableOf(s.io.env, 'anthropicKey');
  if (!variable || old.model !== undefined) return undefined;
  s.say(`\n${variable} is set. A model can look further where the workflow cannot decide;`);
  s.say('it costs money, at most $0.80 a run, and is told no key and no address.');
  if (!(await s.asker.yes(`Use ${MODEL}?`, false))) return undefined;
  return { name: MODEL, apiKey: { env: variable } };
}

/** Shows what would be written, and asks. */
async function agreed(
  s: SetUp,
  {
    file,
    text,
    before,
    drafts,
    flags,
  }: { file: string; text: string; before?: string | undefined; drafts: Draft[]; flags: InitFlags },
): Promise<boolean> {
  const keys = drafts.flatMap((d) => d.keys).map((k) => fromHome(k.path, s.io.env));
  const name = basename(file);
  if (flags.print) {
    for (const path of keys) s.say(`A key would be kept in ${path}.`);
    return false;
  }
  if (text === before) {
    s.say(`\n${name} says this already: nothing to write.`);
    return false;
  }
  s.say(before === undefined ? `\n${name} (new):` : `\n${name} would change:`);
  for (const line of before === undefined ? text.trimEnd().split('\n') : lineDiff(before, text)) s.say(`  ${line}`);
  for (const path of keys) s.say(`and a key in ${path}, for you alone`);
  if (s.asker.auto && before !== undefined && !flags.force) {
    throw new UserError(`${file} is there already and would change`, {
      hints: ['Nothing was written. inquest init --yes --force writes it, without --yes you are asked.'],
    });
  }
  // Over something that is there only on an explicit yes.
  const yes = s.asker.auto || (await s.asker.yes(`Write ${file}?`, before === undefined || flags.force === true));
  if (!yes) s.say('nothing was written');
  return yes;
}

function nothing(say: (line: string) => void, flags: InitFlags): void {
  if (flags.yes || flags.print) {
    throw new UserError('nothing was found that could be connected', {
      hints: ['Without --yes you are asked: inquest init', 'Or look first, without any key: inquest demo'],
    });
  }
  say('\nNothing was chosen, nothing was written. Look first, without any key: inquest demo');
}

function told(s: SetUp, file: string, drafts: Draft[]): void {
  const variables = [...new Set(drafts.flatMap((d) => variablesIn(d.written)))];
  s.say(`\nwrote ${file} with ${plural(drafts.length, 'source')}`);
  if (variables.length > 0) s.say(`Whoever runs inquest here needs set: ${variables.join(', ')}`);
  s.say('Check it any time:  inquest doctor');
  s.say('An alert:           inquest alert.json    or    pbpaste | inquest -');
}

/** The variables that a source names. */
const variablesIn = (value: unknown): string[] =>
  !isObject(value) ? [] : typeof value.env === 'string' ? [value.env] : Object.values(value).flatMap(variablesIn);

/** The first investigation, now. */
async function first({ io, asker }: SetUp, flags: InitFlags): Promise<void> {
  if (asker.auto || flags.answers !== undefined) return;
  const letters = { d: 'the demo (recorded, offline)', a: 'an alert file', l: 'later' };
  const what = await asker.choose('Investigate now?', letters, 'l');
  const alert = what === 'a' ? await asker.ask('File of the alert') : '';
  asker.close();
  const { demoCommand, investigateCommand } = await import('./investigate.ts');
  if (what === 'd') await demoCommand(io, {});
  else if (alert !== '') await investigateCommand(io, alert, flags.config ? { config: flags.config } : {});
}
