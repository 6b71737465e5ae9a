/** `doctor` on a Prometheus: is it there, is its clock ours, can it be written to, and what does it know of a service. */
import { oneLine, plural } from '../../core/text.ts';
import { formatDuration, HOUR, toIso } from '../../core/time.ts';
import type { Check } from '../../core/types.ts';
import type { ToolContext } from '../../tools/tool.ts';
import { failedCheck, Refused } from '../_refused.ts';
import { transportChecks } from '../_transport.ts';
import type { Client } from './_client.ts';
import { howFound, planService } from './_golden.ts';
import { newestSample } from './_newest.ts';
import { type Server, withClient } from './_server.ts';
import { serviceNames } from './_topology.ts';

/** A look at the last hour is enough to see what is there. */
const LOOK_BACK = HOUR;
const SERVICES_MAX = 5;
const SKEW_MAX = 30_000;
/** Past this the clocks do not differ: another time is being investigated. */
const OTHER_TIME = HOUR;

export async function checkPrometheus(server: Server, ctx: ToolContext): Promise<Check[]> {
  const { http, env } = server;
  const begun = performance.now();
  let date: number | undefined;
  try {
    date = (await http.read({ method: 'GET', path: '/api/v1/query' }, { signal: ctx.signal, query: [['query', '1']] }))
      .date;
  } catch (e) {
    return [failedCheck('answers', e, 'The questions of an investigation would fail in the same way.')];
  }
  const latencyMs = Math.round(performance.now() - begun);
  const skew = date === undefined ? 0 : Math.abs(env.now() - date);
  const facts = { latencyMs, ...(skew < OTHER_TIME ? { skewMs: skew } : {}) };
  const reach: Check = { what: 'answers', state: 'ok', detail: `${http.base}, in ${formatDuration(latencyMs)}`, facts };
  const checks = [reach, ...(await version(server, ctx)), ...(await writable(server, ctx))];
  if (skew > SKEW_MAX && skew < OTHER_TIME) {
    checks.push({
      what: 'clock',
      state: 'warn',
      detail: `its clock and ours differ by ${formatDuration(skew)}`,
      fix: 'Let both machines keep time by NTP: windows would miss their minutes.',
    });
  }
  return [...checks, ...transportChecks(http.base), ...(await services(server, ctx))];
}

async function version({ http }: Server, ctx: ToolContext): Promise<Check[]> {
  try {
    const { json } = await http.read({ method: 'GET', path: '/api/v1/status/buildinfo' }, { signal: ctx.signal });
    const { version: text, application } = ((json as { data?: Record<string, string> }).data ?? {}) as Record<
      string,
      string
    >;
    return text ? [{ what: 'version', state: 'ok', detail: [application, text].filter(Boolean).join(' ') }] : [];
  } catch (e) {
    if (e instanceof Refused) return [];
    throw e;
  }
}

/** Flags that let whoever reaches it write or delete. Where flags are not shown, nothing is said. */
async function writable({ http }: Server, ctx: ToolContext): Promise<Check[]> {
  const open = {
    'web.enable-admin-api': 'its admin API can delete series',
    'web.enable-remote-write-receiver': 'it takes samples from whoever reaches it',
    'web.enable-lifecycle': 'it can be stopped over HTTP',
  };
  try {
    const { json } = await http.read({ method: 'GET', path: '/api/v1/status/flags' }, { signal: ctx.signal });
    const flags = ((json as { data?: Record<string, string> }).data ?? {}) as Record<string, string>;
    return Object.entries(open)
      .filter(([flag]) => flags[flag] === 'true')
      .map(([flag, detail]) => ({
        what: 'read-only',
        state: 'warn',
        detail: `${detail} (--${flag})`,
        fix: 'We never use it; let a proxy in front of it pass reads only.',
      }));
  } catch (e) {
    if (e instanceof Refused) return [];
    throw e;
  }
}

/** Which services it knows, and from which metrics their golden signals would come. */
async function services(server: Server, ctx: ToolContext): Promise<Check[]> {
  const to = server.env.now();
  const from = to - LOOK_BACK;
  try {
    return await withClient(server, ctx, async (client) => {
      const names = await serviceNames(server, client, from, to);
      if (names.length === 0) {
        return [await noServices(client, from, to)];
      }
      const detail = `${plural(names.length, 'service')}: ${oneLine(names.join(', '), 160)}`;
      const checks: Check[] = [{ what: 'services', state: 'ok', detail }];
      const configured = Object.keys(server.env.services);
      const shown = [...configured, ...names.filter((n) => !configured.includes(n))].slice(0, SERVICES_MAX);
      for (const service of shown) {
        const plan = await planService(server, client, service, from, to);
        const how = howFound(plan);
        checks.push(
          plan.signals.length > 0
            ? {
                what: service,
                state: 'ok',
                detail: `${plural(plan.signals.length, 'signal')}: ${how.join('; ') || 'from the config'}`,
              }
            : {
                what: service,
                state: 'warn',
                detail: 'no series found',
                fix: `Add "services": {"${service}": {"labels": {…}}}`,
              },
        );
      }
      return checks;
    });
  } catch (e) {
    return [failedCheck('services', e, 'The questions of an investigation would fail in the same way.')];
  }
}

/** Why no service is known: nothing is there, what is there is older, or it has other labels. */
async function noServices(client: Client, from: number, to: number): Promise<Check> {
  const warn = (detail: string, fix: string): Check => ({ what: 'services', state: 'warn', detail, fix });
  const found = await newestSample(client, to);
  if (found === 'empty') return warn('it holds no series', 'Is anything scraped? Its page /targets says so.');
  if (found !== undefined && found < from) {
    return warn(
      `no sample in the last hour; the newest is of ${toIso(found)}`,
      `Ask about that time: --now ${toIso(found)}. If it should be scraping now, its page /targets says why not.`,
    );
  }
  const fix = 'Name the label that holds services as "serviceLabel", or write their queries under "services".';
  return warn('no service label in the last hour', fix);
}
