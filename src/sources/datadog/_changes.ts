/** `changes.list`: deployments, change events, pipelines, and what somebody changed in Datadog itself. */
import type { Change } from '../../core/telemetry.ts';
import { plural } from '../../core/text.ts';
import { HOUR, timeSpan, toMs } from '../../core/time.ts';
import { answer, type Tool, type ToolContext, tool } from '../../tools/tool.ts';
import { fitItems } from '../_fit.ts';
import { changeLines } from '../_record-text.ts';
import { asking, Refused } from '../_refused.ts';
import type { Account } from './_account.ts';
import {
  auditOf,
  CHANGES,
  changeEventsOf,
  deploymentsOf,
  type Found,
  pipelinesOf,
  type Range,
} from './_change-streams.ts';
import { facet, searchOf } from './_language.ts';
import { linkTo } from './_link.ts';

/** Which instances run a new version is asked for deployments of so long before the end. */
const FRESH_MS = 2 * HOUR;
const VERSIONS_MAX = 20;

/** `said`: what was asked, or could not be. */
type Part = Found & { said?: string };
const NONE: Part = { changes: [], more: false };

export function changesTool(account: Account): Tool {
  const about =
    'Deployments (DORA) and change events, oldest first, without diffs; pipelines where no deployment is told; changes of monitors and flags in the audit trail where nothing else is. Those that name no service count for every service.';
  return tool(account.name, 'changes.list', about, (question, ctx) => {
    const { service } = question;
    const query = searchOf(account, service);
    return asking(`deployments and change events ${query}, ${timeSpan(question)}`, async () => {
      const range = { from: toMs(question.from), to: Math.min(toMs(question.to), account.now() + 1) };
      const problems: string[] = [];
      const refusals: Refused[] = [];
      // What is no part of every account (audit trail, pipelines) is named where it may not be seen, and costs nothing else.
      const part = async (what: string, needed: boolean, read: Promise<Found>): Promise<Part> => {
        try {
          return { ...(await read), said: what };
        } catch (e) {
          if (!(e instanceof Refused)) throw e;
          const may = !needed && (e.refusal.status === 'denied' || e.refusal.code === 404);
          if (!may) problems.push(`${what}: ${e.refusal.problem}`);
          if (needed) refusals.push(e);
          return { ...NONE, said: `not ${what} (${e.refusal.code ?? e.refusal.status})` };
        }
      };
      const [deployments, events] = await Promise.all([
        part('deployments', true, deploymentsOf(account, range, query, ctx)),
        part('change events', true, changeEventsOf(account, range, searchOf(account, undefined, CHANGES), ctx)),
      ]);
      // Neither answered: that is no part of an answer.
      if (refusals.length === 2) throw refusals[0]!;
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
      const asked = parts.map((p) => p.said).filter((x) => x !== undefined);
      const searched = `${asked.join(', ')}; ${query}, ${timeSpan(question)}`;
      const rest = { searched, trust: 'clean' as const, link: linkTo(account, 'deployments', question, query) };
      const problem = problems.join('; ');
      if (problems.length === 0 && all.length === 0)
        return answer.empty<'changes.list'>({ changes }, { ...rest, summary: 'nothing was changed' });
      const more = parts.some((p) => p.more) || changes.length < all.length;
      const found = answer.ok<'changes.list'>(
        { changes },
        {
          ...rest,
          summary: plural(all.length, 'change'),
          sample: changeLines(changes),
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
  const from = Math.min(...fresh.map((c) => toMs(c.time)));
  try {
    const { items } = await account.client.call(
      'v2.aggregateSpans',
      {
        from,
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
