/** What `doctor` says of a Datadog: whether its keys are right, what they may read, and what it knows of a service. */

import { plural } from '../../core/text.ts';
import type { Check } from '../../core/types.ts';
import type { ToolContext } from '../../tools/tool.ts';
import { failedCheck, Refused } from '../_refused.ts';
import type { Account } from './_account.ts';
import { ofService } from './_metrics-read.ts';
import { gridFor } from './_series.ts';
import { readTopology } from './_topology.ts';

/** The permissions that an investigation reads with, and what it goes without when one is missing. */
const NEEDED: Record<string, string> = {
  timeseries_query: 'metrics',
  metrics_read: 'which metrics a service has',
  logs_read_data: 'logs',
  apm_read: 'spans',
  events_read: 'events and changes',
  monitors_read: "the alert's own monitor",
  apm_service_catalog_read: 'who calls whom',
  error_tracking_read: 'groups of errors',
  slos_read: 'objectives',
  incident_read: 'past incidents',
  hosts_read: 'hosts',
  dora_metrics_read: 'deployments',
};
const HOUR = 3_600_000;

export async function checkDatadog(account: Account, ctx: ToolContext & { service?: string }): Promise<Check[]> {
  const { client } = account;
  try {
    await client.call('v2.validateKeys', {}, ctx);
  } catch (e) {
    return [failedCheck('keys', e, 'Check "site", "apiKey" and "appKey": keys of one site are unknown on another.')];
  }
  const checks: Check[] = [{ what: 'keys', state: 'ok', detail: `${client.app} takes both` }];
  try {
    const { handle, name, permissions } = await client.call('v2.getCurrentUser', {}, ctx);
    const missing = Object.entries(NEEDED).filter(([p]) => !permissions.includes(p));
    if (missing.length > 0) {
      const lacks = missing.map(([p, what]) => `${what} (${p})`).join(', ');
      const detail = `${handle ?? name ?? 'the owner of the application key'} may not read ${lacks}`;
      checks.push({
        what: 'permissions',
        state: 'warn',
        detail,
        fix: 'Give these permissions to a role of its owner.',
      });
    }
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    const detail = `what they may read is not told: ${e.refusal.what}`;
    const fix = 'A key with scopes of its own may be right all the same: what is denied is said where it is asked.';
    checks.push({ what: 'permissions', state: 'warn', detail, fix });
  }
  if (ctx.service !== undefined) checks.push(await checkService(account, ctx.service, ctx));
  return checks;
}

async function checkService(account: Account, service: string, ctx: ToolContext): Promise<Check> {
  const what = `service ${service}`;
  try {
    const now = account.now();
    const grid = gridFor(now - HOUR, now);
    const { series } = await ofService(account, service, grid, ctx);
    const { calls } = await readTopology(
      account,
      { from: new Date(now - HOUR).toISOString(), to: new Date(now).toISOString() },
      ctx,
    );
    const names = new Set(series.map((s) => s.labels.__name__));
    const known = calls.filter((c) => c.includes(service)).length;
    if (series.length === 0) {
      const fix = `Is "env" of the source right, and do its metrics carry service:${service}? Other names: "services": { "${service}": { "aliases": [...] } }.`;
      return { what, state: 'warn', detail: 'no metric carries its tag', fix };
    }
    return {
      what,
      state: 'ok',
      detail: `${plural(series.length, 'series', 'series')} of ${plural(names.size, 'metric')}, ${plural(known, 'call')} known`,
    };
  } catch (e) {
    return failedCheck(what, e, 'An investigation would see nothing of it in metrics.');
  }
}
