/** `topology.get` of a bundle: from topology.json, else from spans, else from the labels of series. */
import { byText } from '../../core/canonical.ts';
import type { Topology } from '../../core/telemetry.ts';
import { plural } from '../../core/text.ts';
import { toIso } from '../../core/time.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import type { BundleData } from './_data.ts';
import { isObject } from './_info.ts';
import { readable, sentences } from './_recorded.ts';
import { itemsOf } from './_state.ts';
import { during, type Timed } from './_timed.ts';

type Service = Topology['services'][number];
type Calls = Topology['calls'];

export function topologyTool(name: string, data: BundleData): Tool {
  const about = 'Services, nodes and who calls whom, over the whole recording.';
  return tool(name, 'topology.get', about, async (_question, ctx) => {
    ctx.signal.throwIfAborted();
    const searched = `topology of ${data.info.name}, the whole recording`;
    const { problems, ...topology } = await build(data);
    const { services, calls, from } = topology;
    const summary = `${plural(services.length, 'entity', 'entities')}, ${plural(calls.length, 'call')} (from ${from})`;
    const rest = { summary, searched, trust: 'clean' as const };
    // Where the calls are declared, nothing else was needed for them.
    if (problems.length > 0 && from !== 'source') {
      const problem = sentences(problems);
      return services.length === 0
        ? answer.problem('failed', { summary: problem, searched, problem })
        : { status: 'partial', data: topology, ...rest, problem };
    }
    return services.length === 0
      ? answer.empty<'topology.get'>(topology, rest)
      : answer.ok<'topology.get'>(topology, rest);
  });
}

/** What every file that can be read tells; `problems` are of those that cannot, or not to their end. */
async function build(data: BundleData): Promise<Topology & { problems: string[] }> {
  const problems: string[] = [];
  const from = async <T>(read: (() => Promise<T>) | undefined): Promise<T | undefined> => {
    const got = read && (await readable(read));
    if (got?.problem !== undefined) problems.push(got.problem);
    return got?.read;
  };
  const nodes = data.kubernetes.find((k) => k.kind === 'nodes');
  const declared = toDeclared(await from(data.topology));
  const untilNow = [{ from: toIso(0), to: data.info.now }];
  const seen = <T>(file: Timed<T> | undefined): T[] => (file ? during(file, untilNow, data.now) : []);
  const [ofSpans = [], spanFile, series = [], ofLogs = [], changeFile, nodeState] = [
    await from(data.spans?.services),
    await from(declared.calls.length === 0 ? data.spans?.kept : undefined),
    await from(data.series),
    await from(data.logs?.services),
    await from(data.changes),
    await from(nodes?.read),
  ];
  const ofChanges = seen(changeFile).map((c) => c.service);
  const cut = ['traces', 'metrics', 'logs', 'changes'].flatMap((s) => data.trouble(s) ?? []).filter((t) => t.cutOff);
  problems.push(...cut.map((t) => t.problem));

  const found = new Map<string, Service>(declared.services.map((s) => [s.name, s]));
  const add = (name: unknown, level: Service['level']): void => {
    if (typeof name === 'string' && name !== '' && !found.has(name)) found.set(name, { name, level });
  };
  for (const { labels } of series) {
    for (const service of [labels.service, labels.caller, labels.callee]) add(service, 'service');
    add(labels.node, 'node');
  }
  for (const service of [...ofSpans, ...ofLogs, ...ofChanges]) add(service, 'service');
  for (const item of itemsOf(nodeState)) add(isObject(item.metadata) ? item.metadata.name : undefined, 'node');

  const services = [...found.values()].sort((a, b) => byText(a.name, b.name) || byText(a.level, b.level));
  const fromSpans = pairs(callsOfSpans(seen(spanFile)));
  const fromLabels = pairs(series.map(({ labels }) => [labels.caller, labels.callee]));
  if (declared.calls.length > 0) return { services, calls: declared.calls, from: 'source', problems };
  if (fromSpans.length > 0) return { services, calls: fromSpans, from: 'spans', problems };
  return { services, calls: fromLabels, from: services.length > 0 ? 'labels' : 'none', problems };
}

function toDeclared(file: unknown): { services: Service[]; calls: Calls } {
  if (!isObject(file)) return { services: [], calls: [] };
  const services = Array.isArray(file.services) ? file.services.filter(isObject) : [];
  const calls = Array.isArray(file.calls) ? file.calls.filter(Array.isArray) : [];
  return {
    services: services
      .filter((s): s is { name: string; kind?: unknown } => typeof s.name === 'string')
      .map(({ name, kind }) => ({
        name,
        ...(typeof kind === 'string' && { kind }),
        level: kind === 'node' ? 'node' : 'service',
      })),
    calls: pairs(calls as [unknown, unknown][]),
  };
}

interface Linked {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  service: string;
}

/** Caller and callee of each span whose parent is another service's, each pair once a trace. */
function callsOfSpans(spans: Linked[]): [unknown, unknown][] {
  const byTrace = spans.sort((a, b) => byText(a.traceId, b.traceId));
  const calls = new Map<string, [unknown, unknown]>();
  for (let i = 0, end = 0; i < byTrace.length; i = end) {
    while (byTrace[end]?.traceId === byTrace[i]!.traceId) end++;
    const trace = byTrace.slice(i, end);
    const services = new Map(trace.map((s) => [s.spanId, s.service]));
    for (const { parentSpanId, service } of trace) {
      const caller = parentSpanId && services.get(parentSpanId);
      if (caller) calls.set(`${caller}\0${service}`, [caller, service]);
    }
  }
  return [...calls.values()];
}

/** Different names on both sides, each pair once, sorted. */
function pairs(found: readonly (readonly [unknown, unknown] | unknown[])[]): Calls {
  const unique = new Map<string, [string, string]>();
  for (const [caller, callee] of found) {
    if (typeof caller !== 'string' || typeof callee !== 'string' || caller === callee || !caller || !callee) continue;
    unique.set(`${caller}\0${callee}`, [caller, callee]);
  }
  return [...unique.values()].sort((a, b) => byText(a[0], b[0]) || byText(a[1], b[1]));
}
