/** What `doctor` says of a Datadog: whether its keys are right, what they may read, and what it knows of a service. */

import { plural } from '../../core/text.ts';
import type { Check } from '../../core/types.ts';
import type { ToolContext } from '../../tools/tool.ts';
import { failedCheck } from '../_refused.ts';
import type { Account } from './_account.ts';
import { checkKeys } from './_check-keys.ts';
import { ofService } from './_metrics-read.ts';
import { gridFor } from './_series.ts';
import { readTopology } from './_topology.ts';

const HOUR = 3_600_000;

export async function checkDatadog(account: Account, ctx: ToolContext & { service?: string }): Promise<Check[]> {
  const checks = await checkKeys(account.client, account.now(), ctx);
  if (checks.some((k) => k.status === 'denied')) return checks;
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
