/** `changes.list`: deployments, change events, pipelines, and what somebody changed in Datadog itself. */
import type { TimeRange } from '../../core/capabilities.ts';
import type { Change, ChangeKind } from '../../core/telemetry.ts';
import { cut, oneLine, plural } from '../../core/text.ts';
import { timeSpan, toIso, toMs } from '../../core/time.ts';
import { answer, type Tool, type ToolContext, tool } from '../../tools/tool.ts';
import { fitItems } from '../_fit.ts';
import { asking, Refused } from '../_refused.ts';
import type { Account } from './_account.ts';
import { facet, searchOf, tagOf } from './_language.ts';
import { linkTo } from './_link.ts';
import { flat } from './_records.ts';
import type { CiPipeline, DatadogEvent, DoraDeployment } from './_shapes.ts';

const PAGE = 500;
const BODY_MAX = 2000;
/** Which instances run a new version is asked for deployments of so long before the end. */
const FRESH_MS = 2 * 3_600_000;
const VERSIONS_MAX = 20;

/** Change events of all who send some: Datadog's own tracking, flags, deployments of orchestrators. */
const CHANGES = '(source:change_tracking OR @evt.category:change OR @evt.type:change)';
/** Of the audit trail what alters how things are watched or sent: other entries are people looking around. */
const AUDITED =
  '@evt.name:(Monitor OR "Log Management" OR Integration OR "Feature Flags") @action:(created OR modified OR deleted)';

interface Found {
  changes: Change[];
  more: boolean;
}

const NONE: Found = { changes: [], more: false };

export function changesTool(account: Account): Tool {
  const about =
    'Deployments (DORA) and change events, oldest first, without diffs; pipelines where no deployment is told; changes of monitors and flags in the audit trail where nothing else is. Those that name no service count for every service.';
  return tool(account.name, 'changes.list', about, (question, ctx) => {
    const { service } = question;
    const query = searchOf(account, service);
    return asking(`deployments and change events ${query}, ${timeSpan(question)}`, async () => {
      const range = { from: toMs(question.from), to: Math.min(toMs(question.to), account.now() + 1) };
      const problems: string[] = [];
      const asked: string[] = [];
      // What is no part of every account (audit trail, pipelines) is named where it may not be seen, and costs nothing else.
      const part = async (what: string, needed: boolean, read: Promise<Found>): Promise<Found> => {
        try {
          const found = await read;
          asked.push(what);
          return found;
        } catch (e) {
          if (!(e instanceof Refused)) throw e;
          const may = !needed && (e.refusal.status === 'denied' || e.refusal.code === 404);
          if (may) asked.push(`not ${what} (${e.refusal.code ?? e.refusal.status})`);
          else problems.push(`${what}: ${e.refusal.problem}`);
          return NONE;
        }
      };
      const [deployments, events] = await Promise.all([
        part('deployments', true, deploymentsOf(account, range, query, ctx)),
        part('change events', true, eventsOf(account, range, searchOf(account, undefined, CHANGES), ctx)),
      ]);
      // Requests are rationed: what is the same seen from further away is asked where nothing nearer is told.
      const built =
        deployments.changes.length > 0 ? NONE : await part('pipelines', false, pipelinesOf(account, range, ctx));
      const told = deployments.changes.length + events.changes.length + built.changes.length > 0;
      const audit = told ? NONE : await part('audit trail', false, auditOf(account, range, ctx));
      const parts = [deployments, events, built, audit];
      const all = parts
        .flatMap((p) => p.changes)
        .filter((c) => service === undefined || c.service === undefined || c.service === service)
        .sort((a, b) => toMs(a.time) - toMs(b.time));
      const changes = fitItems(await withInstances(account, withPrevious(all), range, ctx), 'last');
      const searched = `${asked.join(', ')}; ${query}, ${timeSpan(question)}`;
      const rest = { searched, trust: 'clean' as const, link: linkTo(account, 'deployments', question, query) };
      const problem = problems.join('; ');
      if (problems.length > 0 && all.length === 0)
        return answer.problem('failed', { summary: oneLine(problem, 120), searched, problem });
      if (all.length === 0)
        return answer.empty<'changes.list'>({ changes }, { ...rest, summary: 'nothing was changed' });
      const more = parts.some((p) => p.more) || changes.length < all.length;
      const found = answer.ok<'changes.list'>(
        { changes },
        {
          ...rest,
          summary: plural(all.length, 'change'),
          sample: changes.slice(-5).map((c) => oneLine(`${c.time} ${c.kind} ${c.service ?? ''} ${c.title}`)),
          ...(more && {
            truncated: {
              kept: changes.length,
              of: Math.max(all.length, changes.length + 1),
              what: 'changes (the newest; there are more)',
            },
          }),
        },
      );
      return problems.length === 0 ? found : { ...found, status: 'partial' as const, problem };
    });
  });
}

type Range = { from: number; to: number };

async function deploymentsOf(account: Account, range: Range, query: string, ctx: ToolContext): Promise<Found> {
  const { deployments } = await account.client.call(
    'v2.listDORADeployments',
    { ...range, limit: PAGE, sort: '-started_at', ...(query !== '*' && { query }) },
    ctx,
  );
  return { changes: deployments.map((d) => deployment(account, d)), more: deployments.length >= PAGE };
}

/** A deployment acts from its end on. */
const deployment = (account: Account, d: DoraDeployment): Change => ({
  id: d.id,
  time: toIso(d.finished ?? d.started),
  kind: 'deploy',
  service: account.ours(d.service),
  ...(d.env !== undefined && { env: d.env }),
  ...(d.version !== undefined && { version: d.version }),
  ...(d.commit !== undefined && { ref: d.commit }),
  title: d.version === undefined ? `commit ${d.commit?.slice(0, 10) ?? 'unknown'}` : `version ${d.version}`,
  ...(d.repository !== undefined && { url: d.repository.includes('://') ? d.repository : `https://${d.repository}` }),
});

async function eventsOf(account: Account, range: Range, query: string, ctx: ToolContext): Promise<Found> {
  const page = await account.client.call('v2.searchEvents', { ...range, query, sort: '-timestamp', limit: PAGE }, ctx);
  return { changes: page.items.map((e) => changeOf(account, e)), more: page.next !== undefined };
}

/** Which kind of change an event tells of, by what was changed. */
function kindOf(words: string): ChangeKind {
  if (/flag/i.test(words)) return 'flag';
  if (/deploy|release|rollout/i.test(words)) return 'deploy';
  if (/scal|replica|hpa/i.test(words)) return 'scale';
  if (/migration|schema|database|infra|terraform|node/i.test(words)) return 'infra';
  return 'config';
}

function changeOf(account: Account, e: DatadogEvent): Change {
  const a = flat(e.attributes);
  const at = (name: string): string | undefined => {
    const v = a[name];
    return v === undefined || v === null || v === '' ? undefined : String(v);
  };
  const service = serviceOf(e);
  const body = [e.message, ...values('was', e.attributes.prev_value), ...values('is', e.attributes.new_value)];
  const told = body.filter((x) => x !== '').join('\n');
  const words = `${at('changed_resource.type') ?? ''} ${at('change_metadata.kind') ?? ''} ${e.source ?? ''}`;
  const version = tagOf(e.tags, 'version') ?? at('change_metadata.version');
  return {
    id: at('evt.id') ?? e.id,
    time: toIso(e.time),
    kind: kindOf(words),
    ...(service !== undefined && { service: account.ours(service) }),
    ...(version !== undefined && { version }),
    ...(at('change_metadata.commit') !== undefined && { ref: at('change_metadata.commit') as string }),
    ...(at('author.name') !== undefined && { author: at('author.name') as string }),
    title: oneLine(e.title ?? at('changed_resource.name') ?? 'change', 200),
    ...(told !== '' && { body: cut(told, BODY_MAX) }),
  };
}

/** The service that an event names, or that its change reaches where that is one. */
function serviceOf(e: DatadogEvent): string | undefined {
  const reached = Array.isArray(e.attributes.impacted_resources) ? (e.attributes.impacted_resources as unknown[]) : [];
  const names = reached.flatMap((r) => {
    const { type, name } = (r ?? {}) as { type?: unknown; name?: unknown };
    return type === 'service' && typeof name === 'string' ? [name] : [];
  });
  if (names.length > 1) return undefined;
  return names[0] ?? e.service ?? tagOf(e.tags, 'service');
}

/** `was: {"timeoutMs":800}` */
const values = (word: string, value: unknown): string[] =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
    ? []
    : [`${word}: ${typeof value === 'string' ? value : JSON.stringify(value)}`];

async function auditOf(account: Account, range: Range, ctx: ToolContext): Promise<Found> {
  const page = await account.client.call(
    'v2.searchAuditLogs',
    { ...range, query: AUDITED, sort: '-timestamp', limit: PAGE },
    ctx,
  );
  const changes = page.items.map((e): Change => {
    const a = flat(e.attributes);
    const what = `${String(a['evt.name'] ?? 'setting')} ${String(a.action ?? 'changed')}`;
    const of = a['asset.name'] ?? a['asset.id'];
    const by = a['usr.email'] ?? a['usr.id'];
    return {
      id: e.id,
      time: toIso(e.time),
      kind: kindOf(what) === 'flag' ? 'flag' : 'config',
      title: oneLine(`in Datadog: ${what}${of === undefined ? '' : ` ${String(of)}`}`, 200),
      ...(by !== undefined && { author: String(by) }),
      ...(e.message !== '' && { body: cut(e.message, BODY_MAX) }),
    };
  });
  return { changes, more: page.next !== undefined };
}

/** Pipelines that deploy; those that only build and test change nothing that runs. */
async function pipelinesOf(account: Account, range: Range, ctx: ToolContext): Promise<Found> {
  const query = '@ci.pipeline.name:(*deploy* OR *release* OR *rollout*) ci_level:pipeline';
  const page = await account.client.call(
    'v2.searchCIAppPipelineEvents',
    { ...range, query, sort: '-timestamp', limit: PAGE },
    ctx,
  );
  const changes = page.items.flatMap((p: CiPipeline): Change[] => {
    if (p.started === undefined) return [];
    const service = tagOf(p.tags, 'service');
    return [
      {
        id: p.id,
        time: toIso(p.started + (p.durationMs ?? 0)),
        kind: 'deploy',
        ...(service !== undefined && { service: account.ours(service) }),
        ...(p.commit !== undefined && { ref: p.commit }),
        ...(p.author !== undefined && { author: p.author }),
        title: oneLine(`${p.name ?? 'pipeline'}${p.commitMessage ? `: ${p.commitMessage}` : ''}`, 200),
        ...(p.status !== undefined && { status: p.status }),
        ...(p.url !== undefined && { url: p.url }),
      },
    ];
  });
  return { changes, more: page.next !== undefined };
}

/** The version before is that of the deployment of the same service before. */
function withPrevious(oldestFirst: Change[]): Change[] {
  const last = new Map<string, string>();
  return oldestFirst.map((c) => {
    if (c.kind !== 'deploy' || c.service === undefined || c.version === undefined) return c;
    const previousVersion = last.get(c.service);
    last.set(c.service, c.version);
    return previousVersion === undefined || previousVersion === c.version ? c : { ...c, previousVersion };
  });
}

/** Which instances run the new version since, as their spans say: one request for all fresh deployments. */
async function withInstances(account: Account, all: Change[], range: Range, ctx: ToolContext): Promise<Change[]> {
  const fresh = all.filter((c) => c.kind === 'deploy' && c.service && c.version && range.to - toMs(c.time) <= FRESH_MS);
  if (fresh.length === 0) return all;
  const services = [...new Set(fresh.flatMap((c) => account.names(c.service as string)))];
  const versions = [...new Set(fresh.map((c) => c.version as string))].slice(0, VERSIONS_MAX);
  const since: TimeRange = { from: toIso(Math.min(...fresh.map((c) => toMs(c.time)))), to: toIso(range.to) };
  try {
    const { items } = await account.client.call(
      'v2.aggregateSpans',
      {
        from: toMs(since.from),
        to: range.to,
        query: searchOf(account, undefined, facet('service', services), facet('version', versions)),
        compute: [{ aggregation: 'count' }],
        groupBy: ['service', 'version', 'pod_name'].map((f) => ({ facet: f, limit: 50 })),
      },
      ctx,
    );
    return all.map((c) => {
      const instances = items
        .filter(({ by }) => account.ours(by.service ?? '') === c.service && by.version === c.version && by.pod_name)
        .map(({ by }) => by.pod_name as string);
      return fresh.includes(c) && instances.length > 0 ? { ...c, instances: [...new Set(instances)].sort() } : c;
    });
  } catch (e) {
    // Without it a deployment is only not set against the old instances.
    if (e instanceof Refused) return all;
    throw e;
  }
}
