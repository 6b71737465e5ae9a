/** `topology.get` of a bundle: from topology.json, else from spans, else from the labels of series. */
import { byText } from '../../core/canonical.ts';
import type { Topology } from '../../core/telemetry.ts';
import { plural } from '../../core/text.ts';
import { toIso } from '../../core/time.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import type { BundleData } from './_data.ts';
import { isObject } from './_info.ts';
import { reading } from './_recorded.ts';
import { itemsOf } from './_state.ts';
import { during } from './_timed.ts';

type Service = Topology['services'][number];
type Calls = Topology['calls'];

export function topologyTool(name: string, data: BundleData): Tool {
  const about = 'Services, nodes and who calls whom, over the whole recording.';
  return tool(name, 'topology.get', about, (_question, ctx) => {
    ctx.signal.throwIfAborted();
    const searched = `topology of ${data.info.name}, the whole recording`;
    return reading(searched, async () => {
      const topology = await build(data);
      const { services, calls, from } = topology;
      const summary = `${plural(services.length, 'entity', 'entities')}, ${plural(calls.length, 'call')} (from ${from})`;
      const rest = { summary, searched, trust: 'clean' as const };
      return services.length === 0
        ? answer.empty<'topology.get'>(topology, rest)
        : answer.ok<'topology.get'>(topology, rest);
    });
  });
}

async function build(data: BundleData): Promise<Topology> {
  const declared = toDeclared(await data.topology?.());
  const untilNow = [{ from: toIso(0), to: data.info.now }];
  const spans = data.spans ? during(await data.spans(), untilNow, data.now) : [];
  const series = (await data.series?.()) ?? [];
  const logs = data.logs ? during(await data.logs(), untilNow, data.now) : [];
  const changes = data.changes ? during(await data.changes(), untilNow, data.now) : [];
  const nodeState = await data.kubernetes.find((k) => k.kind === 'nodes')?.read();

  const found = new Map<string, Service>(declared.services.map((s) => [s.name, s]));
  const add = (name: unknown, level: Service['level']): void => {
    if (typeof name === 'string' && name !== '' && !found.has(name)) found.set(name, { name, level });
  };
  for (const { labels } of series) {
    for (const service of [labels.service, labels.caller, labels.callee]) add(service, 'service');
    add(labels.node, 'node');
  }
  for (const { service } of [...spans, ...logs, ...changes]) add(service, 'service');
  for (const item of itemsOf(nodeState)) add(isObject(item.metadata) ? item.metadata.name : undefined, 'node');

  const services = [...found.values()].sort((a, b) => byText(a.name, b.name) || byText(a.level, b.level));
  const fromSpans = pairs(callsOfSpans(spans));
  const fromLabels = pairs(series.map(({ labels }) => [labels.caller, labels.callee]));
  if (declared.calls.length > 0) return { services, calls: declared.calls, from: 'source' };
  if (fromSpans.length > 0) return { services, calls: fromSpans, from: 'spans' };
  return { services, calls: fromLabels, from: services.length > 0 ? 'labels' : 'none' };
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

/** Caller and callee of each span whose parent is another service's. */
function callsOfSpans(
  spans: readonly { traceId: string; spanId: string; parentSpanId?: string; service: string }[],
): [unknown, unknown][] {
  const services = new Map(spans.map((s) => [`${s.traceId} ${s.spanId}`, s.service]));
  return spans.map((s) => [s.parentSpanId && services.get(`${s.traceId} ${s.parentSpanId}`), s.service]);
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
