/** The keys of a Datadog: which is wrong, which permission is missing, what could be written, how far away it is. */
import { byText } from '../../core/canonical.ts';
import { count, oneLine, plural } from '../../core/text.ts';
import { formatDuration, HOUR, MINUTE } from '../../core/time.ts';
import type { Check, SentRequest } from '../../core/types.ts';
import type { ToolContext } from '../../tools/tool.ts';
import { failedCheck, Refused } from '../_refused.ts';
import { transportChecks } from '../_transport.ts';
import { PROBES } from './_probes.ts';
import type { DatadogClient } from './_shapes.ts';

const LOOK_BACK = 15 * MINUTE;
const SKEW_MAX = 30_000;
/** Past this the clocks do not differ: another time is being investigated. */
const OTHER_TIME = HOUR;
const SAME = 'The questions of an investigation would fail in the same way.';

/** Sends more requests than an investigation, each of them a read of one item. `now` in ms. */
export async function checkKeys(client: DatadogClient, now: number, ctx: ToolContext): Promise<Check[]> {
  const withKeys = !client.bearer;
  let latencyMs = 0;
  const keys = `${client.app}/organization-settings`;
  try {
    const first = {
      ...apart(ctx),
      tell({ ms }: SentRequest): void {
        latencyMs = Math.max(1, Math.round(ms));
      },
    };
    if (withKeys) await client.call('v1.validate', {}, first);
    else await client.call('v1.listMonitors', { limit: 1 }, first);
  } catch (e) {
    if (!(e instanceof Refused) || e.refusal.status !== 'denied') return [failedCheck('answers', e, SAME)];
    const fix = `A key belongs to one site: is the site right? Keys are made at ${keys}/api-keys`;
    return [{ ...failedCheck(withKeys ? 'API key' : 'bearer', e, SAME), fix }];
  }
  const reach = { what: 'answers', state: 'ok', detail: `${client.app}, in ${formatDuration(latencyMs)}` } as const;
  const checks: Check[] = [{ ...reach, facts: { latencyMs } }, ...transportChecks(client.base)];
  if (withKeys) {
    checks.push({ what: 'API key', state: 'ok', detail: 'is valid' });
    const wrong = await client.call('v2.validateKeys', {}, apart(ctx)).then(() => undefined, refusal);
    if (wrong?.refusal.status === 'denied') return [...checks, wrongAppKey(wrong, keys)];
  }
  const [reads, owner] = await Promise.all([readChecks(client, now, keys, ctx), ownerCheck(client, keys, ctx)]);
  // Whose key it is says nothing where the key itself is refused.
  return [...checks, ...reads, ...(reads.some((c) => c.status === 'denied') ? [] : owner), ...heard(client, now)];
}

/** A signal of its own for each question: many at once would pile up listeners on one. */
const apart = (ctx: ToolContext): ToolContext => ({ ...ctx, signal: AbortSignal.any([ctx.signal]) });

function wrongAppKey(e: Refused, keys: string): Check {
  const fix = `Is it an application key, of the same organization as the API key? They are made at ${keys}/application-keys`;
  return { ...failedCheck('application key', e, SAME), detail: 'is refused (403)', fix };
}

/** A refusal as a value; anything else is thrown on. */
function refusal(e: unknown): Refused {
  if (e instanceof Refused) return e;
  throw e;
}

async function readChecks(client: DatadogClient, now: number, keys: string, ctx: ToolContext): Promise<Check[]> {
  const window = { from: now - LOOK_BACK, to: now };
  const answers = await Promise.all(
    PROBES.map(async (probe) => {
      const refused = await probe.ask(client, window, apart(ctx)).then(() => undefined, refusal);
      return { probe, refused };
    }),
  );
  const needed = answers.filter((a) => !a.probe.optional);
  const denied = needed.filter((a) => a.refused?.refusal.status === 'denied');
  if (denied.length === needed.length) return [wrongAppKey(denied[0]!.refused!, keys)];
  const checks: Check[] = [];
  const seen = answers.filter((a) => a.refused === undefined).map((a) => a.probe.gives);
  checks.push({ what: 'may read', state: 'ok', detail: seen.join(', ') });
  if (denied.length > 0) {
    const missing = denied.map((a) => a.refused?.refusal.permission ?? a.probe.permission);
    const detail = `${denied.map((a, i) => `${missing[i]} (${a.probe.gives})`).join(', ')}`;
    const fix = `Give the application key ${plural(missing.length, 'scope')} more at ${keys}/application-keys, or the role of its owner the permission. Without it an investigation says what it could not check.`;
    checks.push({ what: 'missing', state: 'warn', detail, fix, facts: { missing } });
  }
  // A product that is not used answers 400 or 404: nothing is missing there.
  const broken = answers.filter((a) => {
    const { status, code } = a.refused?.refusal ?? {};
    return status !== undefined && status !== 'denied' && code !== 400 && code !== 404;
  });
  for (const { probe, refused } of broken) {
    const check = failedCheck(probe.gives, refused, SAME);
    checks.push(probe.optional ? { ...check, state: 'warn' } : check);
  }
  return checks;
}

/** Permissions that change something, as Datadog names them; the two oldest are those of whole roles. */
const WRITES =
  /(?:^|_)(?:write|manage|management|create|delete|modify|edit|publish|share|config|invite|downtime)(?:_|$)|^(?:standard|admin)$/;
const READS = /_read(?:_|$)/;

/** Whose key it is. A key that is restricted to the scopes of our list may not ask, and that is well. */
async function ownerCheck(client: DatadogClient, keys: string, ctx: ToolContext): Promise<Check[]> {
  try {
    const { handle, name, permissions } = await client.call('v2.getCurrentUser', {}, apart(ctx));
    const who = `of ${handle ?? name ?? 'somebody unnamed'}`;
    const writes = permissions.filter((p) => WRITES.test(p) && !READS.test(p)).sort(byText);
    if (writes.length === 0) return [{ what: 'owner', state: 'ok', detail: `${who}, who may only read` }];
    const some = `${writes.slice(0, 2).join(', ')}${writes.length > 2 ? ` and ${count(writes.length - 2)} more` : ''}`;
    return [
      {
        what: 'can write',
        state: 'warn',
        detail: oneLine(`${who}, who may write (${some}); without scopes the key may too`, 240),
        fix: `We only read. Restrict the key to the scopes of "inquest help keys" at ${keys}/application-keys`,
        facts: { writable: true },
      },
    ];
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    return e.refusal.status === 'denied'
      ? [{ what: 'owner', state: 'ok', detail: 'not told: the key is restricted to scopes' }]
      : [];
  }
}

/** What the answers said beside what was asked: their clock, and the limits that are nearest to being spent. */
function heard(client: DatadogClient, now: number): Check[] {
  const { date, limits } = client.heard();
  const checks: Check[] = [];
  const [nearest] = limits.toSorted((a, b) => a.remaining / a.limit - b.remaining / b.limit);
  if (nearest) {
    const { name, remaining, limit } = nearest;
    const detail = `${count(remaining)} of ${count(limit)} left of ${name}, the nearest of ${plural(limits.length, 'limit')}`;
    const low = remaining < limit / 10;
    const fix = 'Something else uses the same keys: give inquest keys of its own, or wait.';
    checks.push({
      what: 'rate',
      state: low ? 'warn' : 'ok',
      detail,
      ...(low ? { fix } : {}),
      facts: { remaining, limit },
    });
  }
  const skewMs = date === undefined ? 0 : Math.abs(now - date);
  if (skewMs > SKEW_MAX && skewMs < OTHER_TIME) {
    const fix = 'Let this machine keep time by NTP: windows would miss their minutes.';
    const detail = `its clock and ours differ by ${formatDuration(skewMs)}`;
    checks.push({ what: 'clock', state: 'warn', detail, fix, facts: { skewMs } });
  }
  return checks;
}
