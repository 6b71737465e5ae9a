/** The sources of a bundle that was recorded from a run: its answers first, its files for what was never asked. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { hashOf } from '../core/canonical.ts';
import { errorCode, UserError } from '../core/errors.ts';
import type { CallAnswer } from '../core/events.ts';
import type { Answer, ToolSpec } from '../core/types.ts';
import type { OpenSource } from '../tools/tool.ts';
import { type Lookup, recordedSources } from './recorded.ts';

/** The recorded answers, one JSON line each; the first line says what tools there were. */
export const ANSWERS = 'answers.jsonl.gz';
export const ANSWERS_SCHEMA = 'inquest.answers/v1';

export interface RecordedAnswer {
  key: string;
  tool: string;
  capability: CallAnswer['capability'];
  version: number;
  input: unknown;
  answer: Answer;
}

export interface Recording {
  tools: ToolSpec[];
  unavailable: { source: string; why: string }[];
  playbook: string;
  window: { from: string; to: string; baseline: { from: string; to: string } };
  lookup: Lookup;
}

/** The recorded answers of a bundle; undefined where it has none. */
export async function openRecording(dir: string): Promise<Recording | undefined> {
  const packed = await readFile(join(dir, ANSWERS)).catch((e: unknown) => {
    if (errorCode(e) === 'ENOENT' || errorCode(e) === 'ENOTDIR') return undefined;
    throw e;
  });
  if (!packed) return undefined;
  const bad = (line: number): UserError =>
    new UserError(`${join(dir, ANSWERS)} is damaged at line ${line}`, { hints: ['Record the run again.'] });
  const text = await promisify(gunzip)(packed).catch(() => {
    throw bad(1);
  });
  const lines = text
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .map((line, i): unknown => {
      try {
        return JSON.parse(line);
      } catch {
        throw bad(i + 1);
      }
    });
  const [header, ...answers] = lines as [Omit<Recording, 'lookup'> & { schema: string }, ...RecordedAnswer[]];
  if (header?.schema !== ANSWERS_SCHEMA) throw bad(1);
  const known = new Map(answers.map((a) => [`${a.tool} ${hashOf(a.input)}`, a.answer]));
  return { ...header, lookup: (tool, question) => Promise.resolve(known.get(`${tool} ${hashOf(question)}`)) };
}

/** Undefined where the folder holds no recorded answers. */
export async function recordingSources(
  dir: string,
  bundle: OpenSource,
): Promise<{ sources: OpenSource[]; recording: Recording } | undefined> {
  const recording = await openRecording(dir);
  if (!recording) return undefined;
  const sources = recordedSources(recording.tools, recording.lookup, {
    async otherwise(spec: ToolSpec, question: unknown, signal: AbortSignal) {
      const tool = bundle.tools.find((t) => t.capability === spec.capability);
      return tool?.run(question as never, { signal });
    },
  });
  return { sources, recording };
}
