/** Alertmanager: which other alerts are firing, and what somebody silenced. */
import { byText } from '../core/canonical.ts';
import type { TelemetryEvent } from '../core/telemetry.ts';
import { oneLine, plural } from '../core/text.ts';
import { timeSpan, toIso, toMs } from '../core/time.ts';
import type { Check } from '../core/types.ts';
import { answer, type SourcePlugin, type Tool, type ToolContext, tool } from '../tools/tool.ts';
import { fitItems } from './_fit.ts';
import { type Http, type HttpConfig, openHttp } from './_http.ts';
import { asking, failedCheck, Refused } from './_refused.ts';

interface PostedAlert {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  startsAt?: string;
  endsAt?: string;
  fingerprint?: string;
  generatorURL?: string;
  status?: { state?: string; silencedBy?: string[]; inhibitedBy?: string[] };
}

interface Silence {
  id?: string;
  status?: { state?: string };
  matchers?: { name: string; value: string; isRegex?: boolean; isEqual?: boolean }[];
  startsAt?: string;
  endsAt?: string;
  createdBy?: string;
  comment?: string;
}

export const source: SourcePlugin<HttpConfig> = {
  title: 'Alertmanager',
  async open(name, config, env) {
    const http = openHttp(name, 'alertmanager', config, env);
    return {
      name,
      tools: [eventsTool(name, http, env.now)],
      check: (ctx) => check(http, ctx),
      close: () => Promise.resolve(http.close()),
    };
  },
};

function eventsTool(name: string, http: Http, now: () => number): Tool {
  const about =
    'Alerts and silences that began in the window or still hold in it, oldest first; those without a service count for every service.';
  return tool(name, 'events.list', about, (question, ctx) => {
    const searched = `${http.base}/api/v2/alerts and /silences, ${timeSpan(question)}`;
    return asking(searched, async () => {
      const [alerts, silences] = await Promise.all([
        read<PostedAlert>(http, '/api/v2/alerts', ctx),
        read<Silence>(http, '/api/v2/silences', ctx),
      ]);
      const [from, to] = [toMs(question.from), Math.min(toMs(question.to), now() + 1)];
      const holds = ({ startsAt = '', endsAt = '' }: { startsAt?: string; endsAt?: string }): boolean =>
        toMs(startsAt) < to && !(toMs(endsAt) < from);
      const seen = [...alerts.filter(holds).map(alertEvent), ...silences.filter(holds).map(silenceEvent)]
        .filter((e) => question.service === undefined || e.service === undefined || e.service === question.service)
        .sort((a, b) => toMs(a.time) - toMs(b.time) || byText(JSON.stringify(a), JSON.stringify(b)));
      const events = fitItems(seen, 'last');
      const rest = { searched, trust: 'outsider-writable' as const, link: `${http.base}/#/alerts` };
      if (seen.length === 0) {
        return answer.empty<'events.list'>({ events }, { ...rest, summary: 'no alert and no silence' });
      }
      const silenced = events.filter((e) => e.kind === 'silence').length;
      return answer.ok<'events.list'>(
        { events },
        {
          ...rest,
          summary: `${plural(seen.length - silenced, 'alert')}, ${plural(silenced, 'silence')}`,
          sample: events.slice(-5).map((e) => oneLine(`${e.time} ${e.service ?? ''} ${e.title}`)),
          ...(events.length < seen.length && {
            truncated: { kept: events.length, of: seen.length, what: 'events (the newest)' },
          }),
        },
      );
    });
  });
}

async function read<T>(http: Http, path: '/api/v2/alerts' | '/api/v2/silences', ctx: ToolContext): Promise<T[]> {
  const { json } = await http.read({ method: 'GET', path }, ctx);
  if (!Array.isArray(json)) {
    const fix = 'Does another service answer there? Check host, port and path of the URL.';
    throw new Refused('failed', `${http.base}${path} does not answer as Alertmanager does`, false, fix);
  }
  return json as T[];
}

function alertEvent(a: PostedAlert): TelemetryEvent {
  const { labels = {}, annotations = {}, status = {}, startsAt = '', endsAt } = a;
  const name = labels.alertname ?? 'alert';
  const service = labels.service ?? labels.service_name ?? labels.app ?? labels.job;
  return {
    time: isoOf(startsAt),
    source: 'alertmanager',
    kind: 'alert',
    ...(service !== undefined && { service }),
    title: annotations.summary ? `${name}: ${annotations.summary}` : name,
    ...(annotations.description !== undefined && { body: annotations.description }),
    attributes: {
      ...labels,
      state: status.state ?? 'unknown',
      ...(a.fingerprint !== undefined && { fingerprint: a.fingerprint }),
      ...(status.silencedBy?.length && { silencedBy: status.silencedBy }),
      ...(status.inhibitedBy?.length && { inhibitedBy: status.inhibitedBy }),
      ...(endsAt !== undefined && { endsAt }),
    },
  };
}

function silenceEvent(s: Silence): TelemetryEvent {
  const operator = (m: { isRegex?: boolean; isEqual?: boolean }): string =>
    m.isEqual === false ? (m.isRegex ? '!~' : '!=') : m.isRegex ? '=~' : '=';
  const matchers = (s.matchers ?? []).map((m) => `${m.name}${operator(m)}"${m.value}"`);
  const service = s.matchers?.find((m) => m.name === 'service' && !m.isRegex && m.isEqual !== false)?.value;
  return {
    time: isoOf(s.startsAt ?? ''),
    source: 'alertmanager',
    kind: 'silence',
    ...(service !== undefined && { service }),
    title: `silence of {${matchers.join(',')}}${s.createdBy ? ` by ${s.createdBy}` : ''}`,
    ...(s.comment && { body: s.comment }),
    attributes: { state: s.status?.state ?? 'unknown', endsAt: s.endsAt ?? '', id: s.id ?? '' },
  };
}

const isoOf = (text: string): string => (Number.isNaN(toMs(text)) ? toIso(0) : toIso(toMs(text)));

async function check(http: Http, ctx: ToolContext): Promise<Check[]> {
  try {
    const { json } = await http.read({ method: 'GET', path: '/api/v2/status' }, { signal: ctx.signal });
    const version = (json as { versionInfo?: { version?: string } }).versionInfo?.version ?? 'unknown';
    const alerts = await read<PostedAlert>(http, '/api/v2/alerts', ctx);
    const detail = `${http.base}, version ${version}, ${plural(alerts.length, 'alert')} now`;
    return [{ what: 'answers', state: 'ok', detail }];
  } catch (e) {
    return [failedCheck('answers', e, 'An investigation would get no alerts of it.')];
  }
}
