/** Scripted specialists: whoever holds the tool of the settling question asks it, the others ask one of theirs and accuse nobody. */
import type { ModelRequest } from '../src/core/model.ts';
import type { Play, Policy } from '../src/models/scripted.ts';
import type { ServerPlay } from './_model-server.ts';
import { type Sent, SOLVED, serverSolver, solver } from './_policies.ts';

export const UNDECIDED = { outcome: 'inconclusive', entity: null, category: null, change: null, claims: [], note: '' };

/** Which specialist a request is of, told from its tools; `refute` for the second pass. */
export function whoseIs(request: Pick<ModelRequest, 'tools' | 'answer'>): string {
  if (request.answer.name === 'refutation') return 'refute';
  return whose(request.tools.map((t) => t.name));
}

function whose(tools: string[]): string {
  const has = (name: string): boolean => tools.includes(name);
  if (has('metrics_range')) return 'metrics';
  if (has('logs_search')) return 'logs';
  return has('traces_search') ? 'traces' : 'change';
}

/** The policy of all specialists of an incident. */
export function teamSolver(incident: string): Policy {
  const { ask } = SOLVED[incident]!;
  const one = solver(incident);
  return (request, turn): Play => {
    const mine = request.tools.some((t) => t.name === ask.name);
    if (mine || whoseIs(request) === 'refute') return one(request, turn);
    const [tool] = request.tools;
    return request.messages.length === 1 && request.mayCall && tool
      ? { calls: [{ name: tool.name, input: { tests: 'H0' } }] }
      : { answer: UNDECIDED };
  };
}

/** The same over the wire. */
export function teamServer(incident: string): (body: Record<string, unknown>) => ServerPlay {
  const { ask } = SOLVED[incident]!;
  const one = serverSolver(incident);
  return (body) => {
    const sent = body as unknown as Sent & { tools?: { name: string }[] };
    const tools = (sent.tools ?? []).map((t) => t.name);
    if ('refuted' in sent.output_config.format.schema.properties || tools.includes(ask.name)) return one(body);
    const asked = sent.messages.flatMap((m) => m.content).some((b) => b.type === 'tool_result');
    if (asked) return { content: [{ type: 'text', text: JSON.stringify(UNDECIDED) }] };
    const id = `toolu_${whose(tools)}`;
    return { content: [{ type: 'tool_use', id, name: tools[0], input: { tests: 'H0' } }] };
  };
}
