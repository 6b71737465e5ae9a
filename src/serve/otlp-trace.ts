/**
 * A run as an OpenTelemetry trace: the run, its steps, and below them each question and each turn of the model. Names,
 * counts and states only; what systems answered stays in the journal.
 */
import { sha256 } from '../core/canonical.ts';
import type { Event } from '../core/events.ts';
import { toMs } from '../core/time.ts';
import { attributes, type OtlpAttribute } from './otlp.ts';

export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  /** 1 = internal, 3 = client. */
  kind: 1 | 3;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: OtlpAttribute[];
  /** 1 = ok, 2 = error. */
  status: { code: 1 | 2; message?: string };
}

/** Nanoseconds since the epoch, as OTLP writes 64-bit numbers in JSON. */
export const nanos = (ms: number): string => `${Math.round(ms)}000000`;

/** Spans of a finished run, whatever number of processes it took; empty where it did not begin. */
export function spansOf(events: readonly Event[]): OtlpSpan[] {
  const opened = events.find((e) => e.type === 'journal.opened');
  const start = events.find((e) => e.type === 'run.started');
  const end = events.findLast((e) => e.type === 'run.finished');
  const last = events.at(-1);
  if (!opened || !start || !last) return [];
  const { run } = opened;
  const traceId = sha256(run).slice(0, 32);
  const idOf = (what: string): string => sha256(`${run} ${what}`).slice(0, 16);
  const begun = new Map<string, string>();
  const spans: OtlpSpan[] = [];
  const add = (what: string, parent: string | undefined, span: Draft): void => {
    const { name, kind = 1, from, to, failed, said } = span;
    spans.push({
      traceId,
      spanId: idOf(what),
      ...(parent === undefined ? {} : { parentSpanId: idOf(parent) }),
      name,
      kind,
      startTimeUnixNano: nanos(toMs(from)),
      endTimeUnixNano: nanos(Math.max(toMs(from), toMs(to))),
      attributes: attributes(said),
      status: failed === undefined ? { code: 1 } : { code: 2, message: failed },
    });
  };
  for (const e of events) {
    if (e.type === 'step.started') begun.set(`step ${e.step}`, e.at);
    else if (e.type === 'call.started') begun.set(`call ${e.key}`, begun.get(`call ${e.key}`) ?? e.at);
    else if (e.type === 'turn.started') begun.set(`turn ${e.by ?? ''}${e.turn}`, e.at);
    else if (e.type === 'step.finished') {
      const what = `step ${e.step}`;
      const said = { 'inquest.step': e.step, 'inquest.findings': e.findings, 'inquest.questions': e.evidence.length };
      const failed = e.error === undefined ? {} : { failed: 'the step failed' };
      add(what, 'run', { name: what, from: begun.get(what) ?? e.at, to: e.at, ...failed, said });
    } else if (e.type === 'call.finished') {
      const what = `call ${e.key}`;
      const parent = begun.has(`step ${e.step}`) ? `step ${e.step}` : 'run';
      const bad = e.status === 'ok' || e.status === 'empty' || e.status === 'partial' ? {} : { failed: e.status };
      const said = {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': e.activity,
        'inquest.evidence': e.key,
        'inquest.capability': e.capability,
        'inquest.status': e.status,
        'inquest.attempts': e.attempts,
      };
      add(what, parent, {
        name: `execute_tool ${e.activity}`,
        kind: 3,
        from: begun.get(what) ?? e.at,
        to: e.at,
        ...bad,
        said,
      });
    } else if (e.type === 'turn.finished') {
      const what = `turn ${e.by ?? ''}${e.turn}`;
      const said = {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': e.model,
        'gen_ai.response.finish_reasons': e.stop,
        'inquest.turn': e.turn,
        'inquest.tokens': e.tokens,
        'inquest.dollars': e.dollars,
      };
      const failed = e.problem === undefined ? {} : { failed: 'the turn failed' };
      add(what, 'run', { name: `chat ${e.model}`, kind: 3, from: begun.get(what) ?? e.at, to: e.at, ...failed, said });
    }
  }
  const said = {
    'inquest.run': run,
    'inquest.playbook': start.playbook.name,
    'inquest.service': start.alert.service,
    'inquest.outcome': end?.verdict.outcome ?? 'unfinished',
    'inquest.confidence': end?.verdict.confidence,
    'inquest.exit': end?.exit,
    'inquest.questions': end?.calls,
  };
  add('run', undefined, { name: 'inquest run', from: start.at, to: end?.at ?? last.at, said });
  return spans;
}

interface Draft {
  name: string;
  kind?: 1 | 3;
  from: string;
  to: string;
  failed?: string;
  said: Record<string, string | number | undefined>;
}
