/** `topology.get` of a Prometheus: services by the values of their label, edges from the metrics of callers. */
import { byText } from '../../core/canonical.ts';
import type { Topology } from '../../core/telemetry.ts';
import { plural } from '../../core/text.ts';
import { toMs } from '../../core/time.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import { asking } from '../_refused.ts';
import type { Client, Labels } from './_client.ts';
import { CALLEE_LABELS, CALLER_LABELS, OUTGOING, plain, SERVICE_LABELS } from './_conventions.ts';
import { bareHost } from './_evaluate.ts';
import { type Server, withClient } from './_server.ts';
import { aggregate, over } from './_signal.ts';

const CALL_METRICS_MAX = 6;

export function topologyTool(name: string, server: Server): Tool {
  const about = 'Services, nodes and calls between services, as far as labels of metrics name them.';
  return tool(name, 'topology.get', about, (question, ctx) => {
    const searched = `values of service labels and of callers' metrics at ${server.http.base}`;
    const from = toMs(question.from);
    const to = Math.min(toMs(question.to), server.env.now());
    return asking(searched, () =>
      withClient(server, ctx, async (client) => {
        const topology = await read(server, client, from, to);
        const { services, calls } = topology;
        const summary = `${plural(services.length, 'entity', 'entities')}, ${plural(calls.length, 'call')}`;
        const rest = { summary, searched, trust: 'clean' as const };
        return services.length === 0
          ? answer.empty<'topology.get'>(topology, rest)
          : answer.ok<'topology.get'>(topology, rest);
      }),
    );
  });
}

async function read(server: Server, client: Client, from: number, to: number): Promise<Topology> {
  const [names, nodes, services] = await Promise.all([
    client.labelValues('__name__', [], from, to),
    client.labelValues('node', ['{__name__=~"kube_node_info|kube_pod_info|node_uname_info"}'], from, to),
    serviceNames(server, client, from, to),
  ]);
  const edges = await callEdges(client, names, from, to);
  const configured = Object.entries(server.env.services).flatMap(([caller, s]) =>
    (s.calls ?? []).map((callee): [string, string] => [caller, callee]),
  );
  const calls = unique([...edges, ...configured]);
  const levels = new Map<string, 'service' | 'node'>(nodes.map((n) => [n, 'node']));
  for (const service of [...services, ...calls.flat()]) levels.set(service, 'service');
  return {
    services: [...levels.keys()].sort(byText).map((name) => ({ name, level: levels.get(name) ?? 'service' })),
    calls,
    from: levels.size > 0 ? 'labels' : 'none',
  };
}

/** The values of the surest label that is there; `job` only where no better one is, since every exporter is a job. */
export async function serviceNames(server: Server, client: Client, from: number, to: number): Promise<string[]> {
  const configured = Object.keys(server.env.services);
  const first = server.serviceLabel === undefined ? [] : [server.serviceLabel];
  for (const label of [...first, ...SERVICE_LABELS]) {
    const values = (await client.labelValues(label, [], from, to)).filter((v) => v !== '');
    if (values.length > 0) return [...new Set([...configured, ...values.map(withoutNamespace(label))])].sort(byText);
  }
  return configured.sort(byText);
}

/** OpenTelemetry writes `namespace/name` into `job`. */
const withoutNamespace =
  (label: string) =>
  (value: string): string =>
    label === 'job' ? value.replace(/^.+\//, '') : value;

async function callEdges(
  client: Client,
  names: readonly string[],
  from: number,
  to: number,
): Promise<[string, string][]> {
  const counts = names.filter((n) => OUTGOING.test(plain(n)) && /_(?:count|total)$/.test(n)).slice(0, CALL_METRICS_MAX);
  const seconds = Math.max(60, Math.floor((to - from) / 1000));
  const labels = [...new Set<string>([...CALLER_LABELS, ...SERVICE_LABELS, ...CALLEE_LABELS])];
  const edges: [string, string][] = [];
  for (const name of counts) {
    const lines = await client.instant(aggregate('group', labels, over('last_over_time', name, [], `${seconds}s`)), to);
    for (const { labels: found } of lines) {
      const callee = CALLEE_LABELS.find((l) => found[l]);
      const caller = [...CALLER_LABELS, ...SERVICE_LABELS].find((l) => found[l] && l !== callee);
      if (callee && caller) edges.push([textOf(found, caller), bareHost(textOf(found, callee))]);
    }
  }
  return edges;
}

const textOf = (labels: Labels, label: string): string => labels[label] ?? '';

function unique(edges: readonly [string, string][]): [string, string][] {
  const byPair = new Map(edges.filter(([a, b]) => a !== b && a && b).map((e) => [`${e[0]}\0${e[1]}`, e]));
  return [...byPair.values()].sort((a, b) => byText(a[0], b[0]) || byText(a[1], b[1]));
}
