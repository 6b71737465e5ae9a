/** Scripted policies: what a good model would ask and conclude on the lab's eight open incidents, and how to read what it is told. */
import type { ModelRequest } from '../src/core/model.ts';
import type { Play, Policy } from '../src/models/scripted.ts';
import type { ServerPlay } from './_model-server.ts';

/** What the model is told first. */
export interface Told {
  question: string;
  onset?: { at: string };
  hypotheses: { id: string; entity?: string; change?: string }[];
  facts: { id: string; says: string; cites: string[]; trust: string }[];
  services: string[];
  evidence: string[];
}

/** The JSON of the brief. */
export function briefIn(request: ModelRequest): Told {
  const [first] = request.messages[0]!.parts;
  const text = first?.type === 'text' ? first.text : '';
  return JSON.parse(text.split('\n')[1]!) as Told;
}

/** The answers in the newest message: id, status and lines of each. */
export function answersIn(request: ModelRequest): { evidence: string; status: string; lines: string[] }[] {
  const last = request.messages.at(-1)!;
  return last.parts.flatMap((p) => (p.type === 'result' && !p.failed ? (JSON.parse(p.text) as []) : []));
}

/** Whether this is the pass that tries to refute. */
export const isRefutation = (request: ModelRequest): boolean => request.answer.name === 'refutation';
export const NOT_REFUTED = { refuted: false, claims: [], note: 'nothing contradicts it' };

interface Solved {
  /** The question that settles it, as the truth of the incident names it. */
  ask: { name: string; input: Record<string, unknown> };
  entity: string;
  category: string;
  change: string | null;
  /** A part of the answer that must be quoted. */
  quote: string;
  /** A clean fact of the brief that goes with it. */
  fact: RegExp;
}

/** By incident. Times are the incident's own. */
export const SOLVED: Record<string, Solved> = {
  'acorn-stork': {
    ask: { name: 'logs_search', input: { tests: 'H2', service: 'payments', text: 'bank', level: 'warn' } },
    entity: 'bank',
    category: 'dependency',
    change: null,
    quote: 'bank answered 503: try again later',
    fact: /^payments to bank, POST bank: /,
  },
  'basalt-fawn': {
    ask: { name: 'changes_list', input: { tests: 'H2', service: 'payments' } },
    entity: 'payments',
    category: 'code-change',
    change: 'deploy/payments/1.20.0',
    quote: 'body: { id: answer.reference }',
    fact: /^orders POST \/orders: .* spans failed/,
  },
  'umber-ibis': {
    ask: { name: 'changes_list', input: { tests: 'H1', service: 'orders' } },
    entity: 'orders',
    category: 'code-change',
    change: 'deploy/orders/2.9.1',
    quote: '+    "max": 1,',
    fact: /^orders-1 db_pool_waiting_requests rose/,
  },
  'violet-seal': {
    ask: {
      name: 'logs_search',
      input: { tests: 'H0', service: 'orders', text: 'order received', from: '2026-11-20T08:30:05Z' },
    },
    entity: 'inventory',
    category: 'traffic',
    change: null,
    quote: '{"customer":4711,"lines":1800}',
    fact: /^inventory to postgres, update postgres: .* calls a request/,
  },
  'willow-kite': {
    ask: {
      name: 'logs_search',
      input: {
        tests: 'H3',
        service: 'postgres',
        text: 'statement:',
        from: '2026-11-20T08:00:25.8Z',
        to: '2026-11-20T08:00:25.9Z',
      },
    },
    entity: 'postgres',
    category: 'data',
    change: null,
    quote: '"user":"ines"',
    fact: /postgres.*(rose|spans failed)/,
  },
  'xenon-vole': {
    ask: { name: 'changes_list', input: { tests: 'H1', service: 'orders', from: '2026-11-13T00:00:00Z' } },
    entity: 'orders',
    category: 'code-change',
    change: 'deploy/orders/2.9.0',
    quote: "const BEGINS = new Date('2026-11-20T08:04:32.000Z');",
    fact: /^orders POST \/orders: .* spans failed/,
  },
  'yarrow-gull': {
    ask: { name: 'logs_search', input: { tests: 'H0', service: 'payments', text: 'configuration' } },
    entity: 'payments',
    category: 'config-change',
    change: null,
    quote: 'configuration reloaded',
    fact: /^payments to bank, POST bank: .* calls a request/,
  },
  'zephyr-toad': {
    ask: { name: 'logs_search', input: { tests: 'H0', service: 'reports' } },
    entity: 'postgres',
    category: 'data',
    change: null,
    quote: 'backfill of 2025 started by jon.barre',
    fact: /postgres.*(rose|spans failed)/,
  },
};

/** Asks the settling question, then concludes from its answer. Keeps no state: what it does follows from what it was sent. */
export function solver(incident: string): Policy {
  const s = SOLVED[incident]!;
  return (request): Play => {
    if (isRefutation(request)) return { answer: NOT_REFUTED };
    if (request.messages.length === 1 && request.mayCall)
      return { calls: [s.ask], thinking: 'The settling question first.' };
    const [answer] = answersIn(request);
    return { answer: conclusionOf(s, briefIn(request), answer?.evidence ?? 'E0.0') };
  };
}

/** The conclusion that fits the answer `evidence` and the facts of the brief. */
export function conclusionOf(s: Solved, brief: Told, evidence: string): Record<string, unknown> {
  const clean = brief.facts.filter((f) => f.trust === 'clean' && !/^(deploy|flag|config)\//.test(f.says));
  const fact =
    clean.find((f) => s.fact.test(f.says)) ??
    clean.find((f) => f.says.split(/[ ,:]/).some((w) => w.replace(/-\d+$/, '') === s.entity));
  return {
    outcome: 'cause',
    entity: s.entity,
    category: s.category,
    change: s.change,
    claims: [
      ...(fact ? [{ type: 'known', id: fact.id }] : []),
      { type: 'mentions', evidence, quote: s.quote },
      ...(s.change ? [{ type: 'deployed', evidence, change: s.change }] : []),
    ],
    note: 'what the settling question brought',
  };
}

type Json = Record<string, unknown>;

/** A request as it is on the wire. */
export interface Sent {
  messages: { role: string; content: Json[] }[];
  output_config: { format: { schema: { properties: Json } } };
}

/** The same over the wire: plays the solution of an incident to a server of the Messages API. */
export function serverSolver(incident: string): (request: Json) => ServerPlay {
  const s = SOLVED[incident]!;
  const say = (value: unknown): ServerPlay => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });
  return (body) => {
    const request = body as unknown as Sent;
    if ('refuted' in request.output_config.format.schema.properties) return say(NOT_REFUTED);
    const results = request.messages.flatMap((m) => m.content).filter((b) => b.type === 'tool_result' && !b.is_error);
    const thinking = { type: 'thinking', thinking: 'The settling question first.', signature: 'c2lnbmF0dXJl' };
    if (results.length === 0) return { content: [thinking, { type: 'tool_use', id: 'toolu_1', ...s.ask }] };
    const brief = JSON.parse(String(request.messages[0]!.content[0]!.text).split('\n')[1]!) as Told;
    const [answer] = JSON.parse(String(results[0]!.content)) as { evidence: string }[];
    return say(conclusionOf(s, brief, answer!.evidence));
  };
}
