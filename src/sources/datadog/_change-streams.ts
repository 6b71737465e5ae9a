/** The streams in which Datadog tells of changes, each as ours. */
import type { Change, ChangeKind } from '../../core/telemetry.ts';
import { cut, oneLine } from '../../core/text.ts';
import { toIso } from '../../core/time.ts';
import type { ToolContext } from '../../tools/tool.ts';
import type { Account } from './_account.ts';
import { tagOf } from './_language.ts';
import { flat } from './_records.ts';
import type { CiPipeline, DatadogEvent, DoraDeployment } from './_shapes.ts';

const PAGE = 500;
const BODY_MAX = 2000;

/** Change events of all who send some: Datadog's own tracking, flags, deployments of orchestrators. */
export const CHANGES = '(source:change_tracking OR @evt.category:change OR @evt.type:change)';
/** Of the audit trail what alters how things are watched or sent: other entries are people looking around. */
const AUDITED =
  '@evt.name:(Monitor OR "Log Management" OR Integration OR "Feature Flags") @action:(created OR modified OR deleted)';

export interface Found {
  changes: Change[];
  more: boolean;
}

export type Range = { from: number; to: number };

export async function deploymentsOf(account: Account, range: Range, query: string, ctx: ToolContext): Promise<Found> {
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

export async function changeEventsOf(account: Account, range: Range, query: string, ctx: ToolContext): Promise<Found> {
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

export async function auditOf(account: Account, range: Range, ctx: ToolContext): Promise<Found> {
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
export async function pipelinesOf(account: Account, range: Range, ctx: ToolContext): Promise<Found> {
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
