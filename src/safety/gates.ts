/**
 * The three gates of one engine. 1: tool → memory and journal. 2: anything → model. 3: anything → report, terminal,
 * error, notifier. Secrets go at the first; the later ones mask again, and every copy of what the first has found in
 * this run. Addresses and personal ids get their names at the model, and where a text leaves this machine.
 */
import { type Pseudonyms, pseudonyms } from './pseudonyms.ts';
import { createRedactor, type Memory, type Redactor, type RedactorOptions } from './redact.ts';
import type { Rule } from './redact-spans.ts';

export interface Gates {
  /** Gate 1. */
  answers: Redactor;
  /** Gate 2: without secrets, with pseudonyms. */
  toModel<T>(json: T): T;
  /** What the model said, with the addresses that its pseudonyms stand for: for tool inputs only, never for a text. */
  fromModel<T>(json: T): T;
  /** Gate 3 on this machine: terminal, file, error. Without secrets. */
  show<T>(json: T): T;
  /** Gate 3 to others (issue, chat, web page): also with pseudonyms, except for the entities named in `keep`. */
  publish<T>(json: T, keep?: Iterable<string>): T;
  /** The same for what is published in several pieces: one thing has one name in all of them. */
  publisher(keep?: Iterable<string>): <T>(json: T) => T;
}

/** The gates of one run. `known` are the configured keys and tokens, `rules` what `loadRuleSet` gave. */
export function openGates(
  known: readonly string[],
  rules: readonly Rule[],
  time: Pick<RedactorOptions, 'now' | 'limitMs'> = {},
): Gates {
  const memory: Memory = new Map();
  const answers = createRedactor(known, { rules, memory, ...time });
  const later = createRedactor(known, { rules, memory, copies: answers.found(), ...time });
  const names: Pseudonyms = pseudonyms();
  const publisher: Gates['publisher'] = (keep) => {
    const own = pseudonyms(keep);
    return (json) => own.value(later.value(json).value);
  };
  return {
    answers,
    toModel: (json) => names.value(later.value(json).value),
    fromModel: <T>(json: T) => mapText(json, names.back) as T,
    show: (json) => later.value(json).value,
    publish: (json, keep) => publisher(keep)(json),
    publisher,
  };
}

function mapText(v: unknown, change: (s: string) => string): unknown {
  if (typeof v === 'string') return change(v);
  if (Array.isArray(v)) return v.map((x) => mapText(x, change));
  if (v === null || typeof v !== 'object') return v;
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, mapText(x, change)]));
}
