/** `topology.get`: what the catalog knows to depend on what, else who calls whom in the spans; and the hosts. */
import { byText } from '../../core/canonical.ts';
import type { TimeRange } from '../../core/capabilities.ts';
import type { Topology } from '../../core/telemetry.ts';
import { plural } from '../../core/text.ts';
import { timeSpan, toMs } from '../../core/time.ts';
import { answer, type Tool, type ToolContext, tool } from '../../tools/tool.ts';
import { asking, Refused } from '../_refused.ts';
import { type Account, readPages } from './_account.ts';
import { metricScope, searchOf } from './_language.ts';
import { linkTo } from './_link.ts';

const PAGES = 2;
const PAGE = 500;
/** More hosts than this are a fleet: which of them matters is not told by a list. */
const HOSTS_MAX = 40;
const PEERS_MAX = 100;
/** Catalog, hosts, spans. */
const PARTS = 3;
/** What the catalog holds besides services and what they use. */
const NO_SERVICE = new Set(['team', 'api', 'endpoint', 'repository', 'integration', 'frontend', 'user']);

export interface KnownTopology extends Topology {
  /** Whether relations or hosts were left out. */
  more: boolean;
  problems: string[];
}

export function topologyTool(account: Account): Tool {
  const about =
    'Services of the catalog and what they depend on, else who calls whom in the spans; hosts, where they are few.';
  return tool(account.name, 'topology.get', about, (question, ctx) => {
    const searched = `catalog relations (dependsOn), hosts ${metricScope(account, {})}, ${timeSpan(question)}`;
    return asking(searched, async () => {
      const { more, problems, ...data } = await readTopology(account, question, ctx);
      const { services, calls, from } = data;
      const rest = {
        summary: `${plural(services.length, 'entity', 'entities')}, ${plural(calls.length, 'call')} (from ${from})`,
        searched,
        trust: 'clean' as const,
        link: linkTo(account, 'services', question),
        ...(more && {
          truncated: { kept: calls.length, of: calls.length + 1, what: 'relations or hosts (there are more)' },
        }),
      };
      if (problems.length > 0) return { status: 'partial' as const, data, ...rest, problem: problems.join('; ') };
      return services.length === 0 ? answer.empty<'topology.get'>(data, rest) : answer.ok<'topology.get'>(data, rest);
    });
  });
}

/** Read once a run. */
export const readTopology = (account: Account, range: TimeRange, ctx: ToolContext): Promise<KnownTopology> =>
  account.once('topology', ctx, (shared) => build(account, range, shared));

async function build(account: Account, range: TimeRange, ctx: ToolContext): Promise<KnownTopology> {
  const { client } = account;
  const problems: string[] = [];
  const refusals: Refused[] = [];
  const orNone = async <T>(what: string, none: T, read: Promise<T>): Promise<T> => {
    try {
      return await read;
    } catch (e) {
      if (!(e instanceof Refused)) throw e;
      problems.push(`${what}: ${e.refusal.what}`);
      refusals.push(e);
      return none;
    }
  };
  const [relations, hosts] = await Promise.all([
    orNone(
      'catalog',
      { items: [], more: false },
      readPages(PAGES, ctx, (cursor) =>
        client.call(
          'v2.listCatalogRelation',
          { type: 'RelationTypeDependsOn', discovered: true, limit: PAGE, ...(cursor !== undefined && { cursor }) },
          ctx,
        ),
      ),
    ),
    orNone(
      'hosts',
      { items: [] },
      client.call(
        'v1.listHosts',
        { limit: HOSTS_MAX + 1, ...(client.env !== undefined && { filter: `env:${client.env}` }) },
        ctx,
      ),
    ),
  ]);
  const declared = relations.items.filter(
    ({ from, to }) => !NO_SERVICE.has(from.kind ?? '') && !NO_SERVICE.has(to.kind ?? ''),
  );
  const traced = declared.length > 0 ? [] : await orNone('spans', [], callsOfSpans(account, range, ctx));
  // Nothing answered: that is no part of an answer.
  if (refusals.length === PARTS) throw refusals[0]!;
  const kinds = new Map<string, string | undefined>();
  const calls = new Map<string, [string, string]>();
  for (const { from, to } of [...declared, ...traced]) {
    const [caller, callee] = [account.ours(from.name), account.ours(to.name)];
    kinds.set(caller, from.kind);
    kinds.set(callee, to.kind);
    if (caller !== callee) calls.set(`${caller}\0${callee}`, [caller, callee]);
  }
  const fleet = hosts.items.length > HOSTS_MAX;
  const nodes = fleet ? [] : hosts.items.map((h) => h.name);
  return {
    services: [
      ...[...kinds]
        .sort(([a], [b]) => byText(a, b))
        .map(([name, kind]) => ({ name, ...(kind && { kind }), level: 'service' as const })),
      ...nodes.sort(byText).map((name) => ({ name, level: 'node' as const })),
    ],
    calls: [...calls.keys()].sort(byText).map((k) => calls.get(k)!),
    from: declared.length > 0 ? 'source' : calls.size > 0 ? 'spans' : 'none',
    more: relations.more || fleet,
    problems,
  };
}

type Relation = { from: { name: string; kind?: string }; to: { name: string; kind?: string } };

/** Services and their peers, as the spans of calls name both. */
async function callsOfSpans(account: Account, { from, to }: TimeRange, ctx: ToolContext): Promise<Relation[]> {
  const { items } = await account.client.call(
    'v2.aggregateSpans',
    {
      from: toMs(from),
      to: Math.min(toMs(to), account.now()),
      query: searchOf(account, undefined),
      compute: [{ aggregation: 'count' }],
      groupBy: [
        { facet: 'service', limit: PEERS_MAX },
        { facet: '@peer.service', limit: PEERS_MAX },
      ],
    },
    ctx,
  );
  return items.flatMap(({ by }) => {
    const [caller, callee] = [by.service, by['@peer.service']];
    return caller && callee ? [{ from: { name: caller }, to: { name: callee } }] : [];
  });
}
