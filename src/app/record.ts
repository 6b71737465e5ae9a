/**
 * A run as a bundle: what it was told, so that the same questions get the same answers again. Whole files (metrics,
 * changes, events, topology, objects) are written where the answers hold them whole; log lines and spans are held only
 * in the reduced form in which they were asked for, so they stay among the answers.
 */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { byText, canonical } from '../core/canonical.ts';
import type { Answers } from '../core/capabilities.ts';
import { defined } from '../core/defined.ts';
import { errorCode, UserError } from '../core/errors.ts';
import type { Event, EventOf } from '../core/events.ts';
import type { Load } from '../core/ports.ts';
import { baseKey } from '../core/rounds.ts';
import { emptyState, type State } from '../core/run-state.ts';
import { reduce } from '../core/state.ts';
import type { Series } from '../core/telemetry.ts';
import { isModelCall } from '../core/turns.ts';
import type { StepContext } from '../core/types.ts';
import { makeFolder } from '../journal/folders.ts';
import { type Pseudonyms, pseudonyms } from '../safety/pseudonyms.ts';
import { createRedactor } from '../safety/redact.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';
import { answerOf } from './recorded.ts';
import { ANSWERS, ANSWERS_SCHEMA, type RecordedAnswer } from './recording.ts';
import { startOf } from './run.ts';

export interface Recorded {
  /** File name → number of lines or objects. */
  files: Record<string, number>;
  /** Whether the truth is a template that a person must correct. */
  template: boolean;
  /** Secrets masked. */
  masked: number;
  /** The names that addresses have in the bundle. */
  names: Pseudonyms;
}

/** Writes the bundle of a run into `dir`. Throws UserError where the folder holds something already. */
export async function recordRun(o: {
  events: Event[];
  load: Load;
  baselines: StepContext['baselines'];
  secrets: string[];
  dir: string;
}): Promise<Recorded> {
  const state = o.events.reduce(reduce, emptyState());
  const start = startOf(o.events, state.run);
  const answers = await answersOf(o.events, o.load);
  // All at once, so that one thing has one name everywhere.
  const redactor = createRedactor(o.secrets, { rules: await loadRuleSet() });
  const pseudonym = pseudonyms();
  let masked = 0;
  const safe = <T>(value: T): T => {
    const { value: clean, hits } = redactor.value(value);
    masked += hits;
    return pseudonym.value(clean);
  };
  await emptyFolder(o.dir);
  const files: Record<string, number> = {};
  const put = async (name: string, values: unknown[]): Promise<void> => {
    const text = values.map((v) => `${JSON.stringify(v)}\n`).join('');
    await writeFile(join(o.dir, name), name.endsWith('.gz') ? await promisify(gzip)(text) : text, { mode: 0o600 });
    files[name] = values.length;
  };
  const { alert, window, now } = safe({ alert: start.alert, window: start.window, now: start.now });
  const safeAnswers = safe(answers);
  await put('bundle.json', [
    {
      schema: 'inquest.bundle/v1',
      name: state.run,
      now,
      window: { from: window.baseline.from, to: window.to },
      source: `inquest record ${state.run}`,
      notes: `recorded from a run; ${ANSWERS} holds what each question was answered`,
      ...(o.baselines.length > 0 ? { baselineWindows: o.baselines } : {}),
    },
  ]);
  await put('alert.json', [{ schema: 'inquest.alert/v1', ...alert }]);
  const tools = start.tools.filter((t) => t.capability !== 'incidents.similar');
  const header = {
    schema: ANSWERS_SCHEMA,
    tools,
    unavailable: safe(start.unavailable),
    playbook: start.playbook.name,
    window,
  };
  await put(ANSWERS, [header, ...safeAnswers]);
  for (const [name, values] of wholeFiles(safeAnswers)) await put(name, values);
  // Only what a person has called right is a truth; anything else would measure the program by itself.
  const confirmed = state.feedback?.right === true;
  await put(confirmed ? 'truth.json' : 'truth.template.json', [truthOf(state, confirmed)]);
  return { files, template: !confirmed, masked, names: pseudonym };
}

/** The newest answer to each question, in program order of their keys. Our own history is nobody else's business. */
async function answersOf(events: Event[], load: Load): Promise<RecordedAnswer[]> {
  const inputs = new Map<string, unknown>();
  const newest = new Map<string, EventOf<'call.finished'>>();
  for (const e of events) {
    if ('capability' in e && isModelCall(e)) continue;
    if (e.type === 'call.started') inputs.set(e.key, e.input);
    else if (e.type === 'call.finished' && e.capability !== 'incidents.similar') newest.set(baseKey(e.key), e);
  }
  const out: RecordedAnswer[] = [];
  for (const e of newest.values()) {
    const { key, activity: tool, capability, version } = e;
    out.push({ key: baseKey(key), tool, capability, version, input: inputs.get(key), answer: await answerOf(e, load) });
  }
  return out;
}

/** The files of a bundle that the answers hold whole. */
function wholeFiles(answers: RecordedAnswer[]): [name: string, lines: unknown[]][] {
  const data = <C extends keyof Answers>(capability: C): Answers[C][] =>
    answers.flatMap((a) => (a.capability === capability && a.answer.data ? [a.answer.data as Answers[C]] : []));
  // A file that is empty says "asked, and nothing there": not so where nobody could look.
  const asked = (capability: string): boolean =>
    answers.some((a) => a.capability === capability && ['ok', 'empty', 'partial'].includes(a.answer.status));
  const unique = <T>(all: T[]): T[] => [...new Map(all.map((x) => [canonical(x), x])).values()];
  const out: [string, unknown[]][] = [];
  if (asked('metrics.range')) out.push(['metrics.jsonl', merged(data('metrics.range').flatMap((d) => d.series))]);
  const changes = unique(data('changes.list').flatMap((d) => d.changes)).sort(
    (a, b) => byText(a.time, b.time) || byText(a.id, b.id),
  );
  if (asked('changes.list')) out.push(['changes.jsonl', changes]);
  const events = unique(data('events.list').flatMap((d) => d.events)).sort(
    (a, b) => byText(a.time, b.time) || byText(a.title, b.title),
  );
  if (asked('events.list')) out.push(['events.jsonl', events]);
  const [topology] = data('topology.get');
  if (topology)
    out.push([
      'topology.json',
      [{ services: topology.services.map(({ name, kind }) => ({ name, kind })), calls: topology.calls }],
    ]);
  return out;
}

/** One line a series, all its samples. */
function merged(series: Series[]): unknown[] {
  const parts = new Map<string, { of: Series; at: Map<number, number | null> }>();
  for (const s of series) {
    const id = canonical([s.labels, s.kind, s.unit]);
    const part = parts.get(id) ?? { of: s, at: new Map() };
    s.times.forEach((t, i) => void part.at.set(t, s.values[i] ?? null));
    parts.set(id, part);
  }
  return [...parts.keys()].sort(byText).map((id) => {
    const { of, at } = parts.get(id)!;
    const timestamps = [...at.keys()].sort((a, b) => a - b);
    return {
      metric: of.labels,
      kind: of.kind,
      unit: of.unit,
      timestamps,
      values: timestamps.map((t) => at.get(t) ?? null),
    };
  });
}

/** What the run said: the truth where a person called it right, else a template to correct. */
function truthOf({ verdict: v, feedback }: State, confirmed: boolean): unknown {
  const schema = 'inquest.truth/v1';
  const note = confirmed
    ? `a person called the verdict right at ${feedback?.at}`
    : 'template from the verdict of the run, not the truth: correct every field, then name the file truth.json';
  if (!v || v.outcome === 'inconclusive') return { schema, verdict: 'unknown', level: 'other', note };
  if (v.outcome === 'healthy') return { schema, verdict: 'healthy', level: 'other', note };
  return defined({
    schema,
    verdict: 'cause',
    level: v.entity?.level ?? 'other',
    entity: v.entity?.name,
    change: v.change ?? 'none',
    category: v.category,
    onset: v.onset?.at,
    note,
  });
}

/** Makes the folder; throws UserError where it holds something already. */
export async function emptyFolder(dir: string): Promise<void> {
  try {
    await makeFolder(dir);
    if ((await readdir(dir)).length === 0) return;
  } catch (e) {
    throw new UserError(`cannot write into ${dir}: ${errorCode(e) ?? e}`);
  }
  throw new UserError(`${dir} holds something already`, {
    hints: ['Name a new or an empty folder; nothing was written.'],
  });
}
