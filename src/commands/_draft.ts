/** A source that `init` sets up: what will stand in the config, its keys, and how it is checked before it is written. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fromHome, paths } from '../config/paths.ts';
import type { Io } from '../core/ports.ts';
import type { Check } from '../core/types.ts';
import { guardStream } from '../safety/guard.ts';
import { Secret } from '../safety/secret.ts';
import type { Asker } from './_asker.ts';
import { checkLines, checkSource, columnsOf, exitOf } from './_checks.ts';
import type { KeyFile } from './_config-file.ts';
import type { Found } from './_look-around.ts';

export interface SetUp {
  io: Io;
  asker: Asker;
  found: Found;
  /** URLs that answered on this machine. */
  local: { prometheus?: string; alertmanager?: string };
  /** What the config holds now, by name of the source. */
  before: Record<string, Record<string, unknown>>;
  /** Every key that was typed or read. */
  secrets: string[];
  say(line: string): void;
}

export interface Draft {
  name: string;
  type: string;
  /** As it will stand in the config. */
  written: Record<string, unknown>;
  /** Secrets by their key in the config, for the check. */
  plain: Record<string, unknown>;
  keys: KeyFile[];
}

/** One kind of source: what is asked for it. */
export interface Kind {
  type: string;
  title: string;
  gives: string;
  /** Whether something here speaks for it: then it is offered first. */
  seen(s: SetUp): boolean;
  /** Which system: undefined = none after all. */
  where(s: SetUp): Promise<Draft | undefined>;
  /** Its keys: from the environment, or typed where they are not there or `again` is set. */
  keys?(s: SetUp, draft: Draft, again: boolean): Promise<void>;
  /** What another address is called. */
  other: string;
  /** The same keys may be tried at another address: they belong to one vendor. */
  keysStay?: true;
}

/** What tells two sources of one type apart. */
const IDENTITY = ['url', 'site', 'path', 'paths'];

/** A draft under the name that this very source has in the config, or under a name that is free. */
export function newDraft(s: SetUp, type: string, usual: string, written: Record<string, unknown>): Draft {
  const text = (value: unknown): string => JSON.stringify(value) ?? '';
  const same = Object.entries(s.before).find(
    ([, d]) => d.type === type && IDENTITY.every((key) => text(d[key]) === text(written[key])),
  );
  let name = same?.[0] ?? usual;
  for (let n = 2; !same && s.before[name]; n++) name = `${usual}-${n}`;
  return { name, type, written: { type, ...written }, plain: {}, keys: [] };
}

/** What the config says of the first source of this type. */
export const earlier = (s: SetUp, type: string): Record<string, unknown> | undefined =>
  Object.values(s.before).find((d) => d.type === type);

/** Asks for one source until its check passes, or the person goes on without. */
export async function connect(s: SetUp, kind: Kind): Promise<Draft | undefined> {
  s.say(`\n${kind.title}`);
  let draft = await kind.where(s);
  if (draft) await kind.keys?.(s, draft, false);
  while (draft) {
    const checks = await check(s, draft);
    for (const line of checkLines(s.io, checks, columnsOf(s.io.stderr))) s.say(line);
    const exit = exitOf(checks);
    // Some of it can be read, and a permission is missing for the rest.
    const lacking = checks.some((c) => c.facts?.missing !== undefined);
    if (exit === 0 && !lacking) return draft;
    const key = kind.keys !== undefined;
    const letters = { ...(key ? { k: 'other key' } : {}), a: kind.other, g: 'go on as it is', s: 'skip it' };
    const usual = exit === 0 ? 'g' : exit === 3 && key ? 'k' : 'a';
    // With nobody to ask: a server that is down may come back, a key that is refused does not.
    const next = await s.asker.choose('What now?', letters, !s.asker.auto ? usual : exit === 3 ? 's' : 'g');
    if (next === 'g') return draft;
    if (next === 's') {
      s.say(`  ${kind.title} is left out`);
      return undefined;
    }
    if (next === 'a') {
      const next = await kind.where(s);
      if (next && kind.keysStay) Object.assign(next, withKeysOf(draft, next));
      else if (next) await kind.keys?.(s, next, false);
      draft = next;
    } else await kind.keys?.(s, draft, true);
  }
  return undefined;
}

function withKeysOf(old: Draft, { written, plain }: Draft): Pick<Draft, 'written' | 'plain' | 'keys'> {
  const keys = Object.entries(old.written).filter(([name]) => name in old.plain);
  return { written: { ...written, ...Object.fromEntries(keys) }, plain: { ...old.plain, ...plain }, keys: old.keys };
}

/** The check that `doctor` runs too. */
export function check(s: SetUp, draft: Draft, limitMs?: number): Promise<Check[]> {
  const { type, ...written } = draft.written;
  const config = { ...written, ...draft.plain };
  const options = { services: {}, secrets: s.secrets, now: s.io.now(), ...(limitMs ? { limitMs } : {}) };
  return checkSource(s.io, draft.name, { type: draft.type, config, from: 'init' }, options);
}

/** Takes a key out of the environment: the config names the variable. */
export function fromVariable(s: SetUp, draft: Draft, key: string, variable: string): void {
  const text = s.io.env[variable]!.trim();
  hide(s, text);
  draft.written[key] = { env: variable };
  draft.plain[key] = new Secret(variable, text);
}

/** Keeps a key in a file of its own that only this user may read, outside of any project. */
export async function keep(s: SetUp, draft: Draft, key: string, text: string): Promise<{ file: string }> {
  hide(s, text);
  draft.plain[key] = new Secret(key, text);
  const name = `${draft.name}-${key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
  const path = await freeName(join(paths(s.io.env).keys, name));
  draft.keys = [...draft.keys.filter((k) => k.path !== path), { path, text }];
  draft.written[key] = { file: fromHome(path, s.io.env) };
  return draft.written[key] as { file: string };
}

/** From now on nothing that we print can hold it. */
function hide(s: SetUp, text: string): void {
  if (s.secrets.includes(text)) return;
  s.secrets.push(text);
  for (const stream of [s.io.stdout, s.io.stderr]) guardStream(stream, [text]);
}

/** Keys of other projects stay: `github-token-2` where `github-token` is taken. */
async function freeName(path: string): Promise<string> {
  for (let n = 1; ; n++) {
    const name = n === 1 ? path : `${path}-${n}`;
    const taken = await stat(name).then(
      () => true,
      () => false,
    );
    if (!taken) return name;
  }
}

/** Whether keys would lie in the repository that is being set up: then they are not kept. */
export const keysInside = (s: SetUp): boolean =>
  s.found.repository !== undefined && `${paths(s.io.env).keys}/`.startsWith(`${s.found.repository}/`);
