/** A payload with several alerts gives one by a rule that is said, and what is odd about it is noted. */
import { expect, test } from 'vitest';
import { fromText } from '../src/alerts/_alert-from-text.ts';
import { UserError } from '../src/core/errors.ts';
import { intake, NOW, normalisers, payload, payloadJson } from './_alerts.ts';

/** The message and the hints of the UserError that must come. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (e) {
    if (e instanceof UserError) return [e.message, ...e.hints].join('\n');
    throw e;
  }
  throw new Error('no UserError was thrown');
}

const firing = (name: string, more: object = {}): object => ({
  labels: { alertname: name, service: 's', ...(more as { labels?: object }).labels },
  startsAt: '2026-03-01T12:00:00Z',
  ...Object.fromEntries(Object.entries(more).filter(([k]) => k !== 'labels')),
});

const VENDORS: [file: string, source: string][] = [
  ['inquest', 'inquest'],
  ['alertmanager', 'alertmanager'],
  ['datadog', 'datadog'],
  ['datadog-monitor', 'datadog-monitor'],
  ['pagerduty', 'pagerduty'],
  ['grafana', 'grafana'],
  ['opsgenie', 'opsgenie'],
  ['github-deployment', 'github'],
  ['github-workflow', 'github'],
  ['cloudwatch', 'cloudwatch'],
  ['newrelic', 'newrelic'],
  ['sentry', 'sentry'],
  ['slack', 'slack'],
];

test.each(VENDORS)('the payload of %s is fully recognised by %s and by nobody else', (file, source) => {
  const scores = Object.entries(normalisers).map(([name, n]) => [name, n.recognise(payloadJson(file)).score] as const);
  expect(scores.filter(([, score]) => score > 0.7)).toEqual([[source, 1]]);
});

test('every normaliser has a payload here', () => {
  expect([...new Set(VENDORS.map(([, source]) => source))].sort()).toEqual(Object.keys(normalisers));
});

test('of several alerts a firing one goes before a resolved one, then the more severe, the earlier, the lower fingerprint', () => {
  const resolved = firing('R', { status: 'resolved', labels: { severity: 'critical' } });
  const warning = firing('W', { labels: { severity: 'warning' }, startsAt: '2026-03-01T11:00:00Z' });
  const page = firing('P', { labels: { severity: 'page' }, fingerprint: 'bb' });
  const earlier = firing('E', { labels: { severity: 'error' }, startsAt: '2026-03-01T11:30:00Z', fingerprint: 'cc' });
  const twin = firing('T', { labels: { severity: 'page' }, fingerprint: 'aa' });
  const plain = firing('N');
  const why = (...alerts: object[]): string => {
    const { alert, why: sentence } = intake(alerts);
    return `${alert.labels.alertname}: ${sentence}`;
  };
  expect(why(resolved, plain)).toBe('N: alert 2 of 2: it is firing, the others are resolved');
  expect(why(warning, page, resolved)).toBe('P: alert 2 of 3: the most severe (page)');
  expect(why(page, earlier)).toBe('E: alert 2 of 2: it started first (11:30:00Z)');
  expect(why(page, twin)).toBe('T: alert 2 of 2: all else is equal, its fingerprint comes first');
  expect(why(plain, warning)).toBe('W: alert 2 of 2: the most severe (warning)');
  expect(intake([warning, page, resolved]).others.map((a) => a.labels.alertname)).toEqual(['W', 'R']);
});

test('--pick takes a number, a fingerprint or its beginning, an alert name or a title', () => {
  const by = (pick: string | number): string => {
    const { alert, why } = intake(payload('alertmanager'), { pick });
    return `${alert.labels.alertname}: ${why}`;
  };
  expect(by(2)).toBe('HighErrorRate: alert 2 of 3: picked by 2');
  expect(by('1')).toBe('QueueGrows: alert 1 of 3: picked by 1');
  expect(by('2222bbbb2222bbbb')).toContain('HighErrorRate');
  expect(by('2222')).toContain('HighErrorRate');
  expect(by('queuegrows')).toContain('QueueGrows');
  expect(by('HighErrorRate: 5% of requests fail')).toContain('HighErrorRate');
});

test('--pick of a name that several alerts have goes on by the rule', () => {
  const alerts = [
    firing('A', { fingerprint: 'f1' }),
    firing('A', { fingerprint: 'f2', startsAt: '2026-03-01T11:00:00Z' }),
    firing('B'),
  ];
  expect(intake(alerts, { pick: 'A' }).why).toBe(
    'alert 2 of 3: picked by A, which fits 2; it started first (11:00:00Z)',
  );
});

test('--pick of what is not there lists what is', () => {
  expect(refusal(() => intake(payload('alertmanager'), { pick: 'HighErorRate' }))).toMatchInlineSnapshot(`
    "--pick HighErorRate: no such alert among the 3 alerts
    Did you mean HighErrorRate?
    1  resolved critical 2026-03-01T12:00:00.500Z  QueueGrows: mail queue grows  (1111aaaa1111aaaa)
    2  firing warning 2026-03-01T12:30:00.123Z  HighErrorRate: 5% of requests fail  (2222bbbb2222bbbb)
    3  firing page 2026-03-01T12:40:00.000Z  ProbeDown  (3333cccc3333cccc)"
  `);
});

test('the same alerts in another order give the same alert', () => {
  const alerts = ['c', 'a', 'b'].map((f) => firing('X', { fingerprint: f }));
  const chosen = [alerts, [...alerts].reverse()].map((list) => intake(list).alert.fingerprint);
  expect(chosen).toEqual(['a', 'a']);
});

test('JSON lines, a list of payloads and a list response are read alike', () => {
  const inquest = payloadJson('inquest');
  const pagerduty = payloadJson('pagerduty');
  const sources = (input: unknown): string[] => {
    const { alert, others } = intake(input);
    return [alert, ...others].map((a) => a.source).sort();
  };
  expect(sources(`${JSON.stringify(inquest)}\n${JSON.stringify(pagerduty)}\n`)).toEqual(['inquest', 'pagerduty']);
  expect(sources([inquest, pagerduty])).toEqual(['inquest', 'pagerduty']);
  expect(sources({ data: [inquest], next_page: 2 })).toEqual(['inquest']);
  expect(sources([payloadJson('alertmanager'), payloadJson('grafana')])).toHaveLength(4);
});

test('our own alert with labels like those of Alertmanager stays our own, also in a list', () => {
  const ours = { ...payloadJson('inquest'), labels: { alertname: 'X' } };
  expect(intake(ours).source).toBe('inquest');
  expect(intake([ours]).source).toBe('inquest');
});

test('one bad entry among good ones is left out and said', () => {
  const { notes } = intake([payloadJson('pagerduty'), { schema: 'inquest.alert/v1', service: 'x' }, { foo: 1 }]);
  expect(notes).toEqual(['left out: line 1, entry 2: the alert has no title', 'left out: 1 value without an alert']);
});

test('an alert from 2019, one from the future and one without a start are read, with a note', () => {
  const notes = (startsAt?: string): string[] => intake([firing('A', { startsAt })]).notes;
  expect(notes('2019-05-01T00:00:00Z')[0]).toContain('started 2,496 days ago (2019-05-01T00:00:00.000Z)');
  expect(notes('2026-03-01T15:00:00Z')[0]).toContain('starts 2h15m in the future');
  expect(notes(undefined)).toEqual(['the payload gives no start time: now is used']);
  expect(intake([firing('A', { startsAt: undefined })]).alert.startsAt).toBe('2026-03-01T12:45:00.000Z');
  expect(notes('2026-03-01T12:00:00Z')).toEqual([]);
});

test('service and environment said by the person go before those of the payload', () => {
  const { alert, notes } = intake(payload('pagerduty'), { service: 'checkout', env: 'staging' });
  expect([alert.service, alert.env]).toEqual(['checkout', 'staging']);
  expect(notes).toEqual(['--service checkout is used; the alert says cart']);
  expect(alert.fingerprint).toBe('cart-errors');
});

test('an alert that names no service says so', () => {
  expect(intake({ labels: { alertname: 'A' }, startsAt: '2026-03-01T12:00:00Z' }).notes).toEqual([
    'the alert names no service; say it with --service NAME',
  ]);
});

test('service labels are believed in a fixed order', () => {
  const service = (labels: Record<string, string>): string | undefined =>
    intake([firing('A', { labels: { service: '', ...labels } })]).alert.service;
  expect(service({ component: 'e', job: 'd', app: 'c', 'service.name': 'b', service: 'a' })).toBe('a');
  expect(service({ component: 'e', job: 'd', app: 'c', service_name: 'b' })).toBe('b');
  expect(service({ component: 'e', job: 'd', app: 'c' })).toBe('c');
  expect(service({ component: 'e', job: 'd' })).toBe('d');
  expect(service({ component: 'e' })).toBe('e');
  expect(service({ namespace: 'f' })).toBeUndefined();
});

test('the same thing alerting again has the same fingerprint, whichever pod it is and whatever the summary says', () => {
  const print = (pod: string, summary: string, more = {}): string =>
    intake([{ ...firing('A', { labels: { pod, ...more } }), annotations: { summary } }]).alert.fingerprint;
  expect(print('a-1', 'value 1')).toBe(print('a-2', 'value 2'));
  expect(print('a-1', 'value 1')).not.toBe(print('a-1', 'value 1', { queue: 'mail' }));
});

test('Datadog: recovered resolves, a repeat is noted, an unfilled template is told apart', () => {
  const datadog = payloadJson('datadog');
  const recovered = intake({ ...datadog, alert_transition: 'Recovered', alert_type: 'success' });
  expect(recovered.alert).toMatchObject({ status: 'resolved', endsAt: '2026-03-01T12:30:00.000Z' });
  expect(intake({ ...datadog, alert_transition: 'Re-Triggered' }).notes[0]).toContain('began earlier');
  expect(intake({ ...datadog, alert_query: '$ALERT_QUERY' }).notes).toEqual([
    'Datadog left these fields of the template unfilled: alert_query',
  ]);
  expect(intake({ ...datadog, alert_query: '$ALERT_QUERY' }).alert.query).toBeUndefined();
  expect(
    refusal(() => intake({ title: '$EVENT_TITLE', alert_transition: '$ALERT_TRANSITION', date: '$DATE', id: '$ID' })),
  ).toContain('this is the Datadog template, not an alert: title, alert_transition, date, id were never filled in');
});

test('Datadog: fields are found under the other names that templates give them', () => {
  const own = {
    alertTitle: 'Disk is full',
    ALERT_TRANSITION: 'Warn',
    alert: { query: 'avg(last_5m):max:disk{*} > 9', metric: 'disk' },
    date: 1772368200,
    tags: ['service:db'],
  };
  expect(intake(own).alert).toMatchObject({
    source: 'datadog',
    title: 'Disk is full',
    service: 'db',
    metric: 'disk',
    startsAt: '2026-03-01T12:30:00.000Z',
  });
});

test('Datadog: of a list of monitors those that alert are alerts', () => {
  const monitor = payloadJson('datadog-monitor');
  const { alert, notes } = intake([{ ...monitor, overall_state: 'OK', name: 'fine' }, monitor]);
  expect(alert.title).toBe('Error rate of cart is high');
  expect(notes).toEqual(['left out: fine: its state is OK']);
});

test('Alertmanager: a silenced alert is investigated only where nothing else fires', () => {
  const silenced = firing('S', { status: { state: 'suppressed' }, labels: { severity: 'critical' } });
  const active = firing('A', { status: { state: 'active' } });
  expect(intake([silenced, active]).alert.labels.alertname).toBe('A');
  expect(intake([silenced]).notes).toEqual(['it is silenced or inhibited in Alertmanager']);
});

test('Alertmanager: the rule is found in the links of Prometheus 2 and 3, Thanos and vmui', () => {
  const query = (generatorURL: string): string | undefined => intake([firing('A', { generatorURL })]).alert.query;
  expect(query('http://p:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1')).toBe('up == 0');
  expect(query('http://p:9090/query?g0.expr=up%20%3D%3D%200')).toBe('up == 0');
  expect(query('http://vm:8427/vmui/?#/?g0.expr=up%20%3D%3D%200&g0.range_input=1h')).toBe('up == 0');
  expect(query('not a url')).toBeUndefined();
});

test('GitHub: success resolves the same thing that failure raised, and what is still running is no alert', () => {
  const failed = payloadJson('github-deployment');
  const status = failed.deployment_status as object;
  const good = intake({ ...failed, deployment_status: { ...status, state: 'success' } }).alert;
  expect(good.status).toBe('resolved');
  expect(good.fingerprint).toBe(intake(failed).alert.fingerprint);
  expect(
    refusal(() => intake({ ...failed, deployment_status: { ...status, state: 'in_progress' } })),
  ).toMatchInlineSnapshot(`
    "Nothing to investigate in stdin: deployment of cart to production: it is in_progress, neither failed nor successful
    Or say it: inquest investigate --text "checkout is slow" --service checkout"
  `);
});

test('PagerDuty and Opsgenie: resolving events keep the fingerprint and give an end', () => {
  const pd = payloadJson('pagerduty') as { event: object };
  const resolved = intake({
    event: { ...pd.event, event_type: 'incident.resolved', occurred_at: '2026-03-01T12:44:00Z' },
  }).alert;
  expect(resolved).toMatchObject({
    status: 'resolved',
    fingerprint: 'cart-errors',
    endsAt: '2026-03-01T12:44:00.000Z',
  });
  const closed = intake({ ...payloadJson('opsgenie'), action: 'Close' }).alert;
  expect(closed).toMatchObject({ status: 'resolved', fingerprint: 'cart-errors', endsAt: '2026-03-01T12:30:01.123Z' });
});

test('times are read in seconds, milliseconds, microseconds and nanoseconds, as numbers and texts', () => {
  const start = (createdAt: unknown): string => {
    const body = payloadJson('opsgenie') as { alert: object };
    return intake({ ...body, alert: { ...body.alert, createdAt, insertedAt: 0 } }).alert.startsAt;
  };
  const same = [
    1772368200,
    '1772368200.5',
    1772368200000,
    '1772368200000',
    1772368200000000,
    '1772368200000000123',
    '2026-03-01 12:30:00',
    '2026-03-01T14:30:00+0200',
    '2026-03-01T12:30Z',
  ];
  expect(same.map((x) => start(x).slice(0, 19))).toEqual(same.map(() => '2026-03-01T12:30:00'));
  // What is no time, or means "not set", is as good as absent.
  const none = ['0001-01-01T00:00:00Z', 0, -1, 'yesterday', '12', true, '2026-13-45T00:00:00Z', null, {}];
  expect(none.map(start)).toEqual(none.map(() => new Date(NOW).toISOString()));
});

test('a sentence becomes an alert; only the symptom is guessed, as a label', () => {
  expect(fromText({ text: '  checkout is\nslow ', service: 'checkout', env: 'prod', now: NOW })).toMatchInlineSnapshot(`
    {
      "annotations": {},
      "env": "prod",
      "fingerprint": "eea30820943d5611f74b2298de93546a",
      "labels": {
        "symptom": "latency",
      },
      "links": [],
      "service": "checkout",
      "source": "text",
      "startsAt": "2026-03-01T12:45:00.000Z",
      "status": "firing",
      "title": "checkout is slow",
    }
  `);
  const symptom = (text: string): string | undefined => fromText({ text, now: NOW }).labels.symptom;
  expect(symptom('lots of 503 from cart')).toBe('errors');
  expect(symptom('requests time out')).toBe('latency');
  expect(symptom('something is odd')).toBeUndefined();
  expect(symptom('timeouts and errors')).toBe('latency');
  expect(symptom('payments is down')).toBe('crash');
  expect(symptom('disk of db-1 is full')).toBe('saturation');
  expect(symptom('TLS certificate expired')).toBe('certificate');
  expect(fromText({ text: 'x', now: NOW, startsAt: NOW - 3_600_000 }).startsAt).toBe('2026-03-01T11:45:00.000Z');
  expect(refusal(() => fromText({ text: ' \n', now: NOW }))).toContain('--text is empty');
});

test('a Slack command is a sentence with service and environment; one that says nothing is no alert', () => {
  const said = payloadJson('slack') as Record<string, unknown>;
  const { alert } = intake(said);
  expect(alert).toMatchObject({ title: 'checkout is slow', service: 'checkout', env: 'prod', status: 'firing' });
  expect(() => intake({ ...said, text: ' ' })).toThrow(/it says nothing/);
});

test('our own alert is found inside the envelope of Standard Webhooks', () => {
  const { alert } = intake({ type: 'alert.fired', timestamp: '2026-03-01T12:00:00Z', data: payloadJson('inquest') });
  expect(alert).toMatchObject({ service: 'checkout', source: 'inquest' });
});
