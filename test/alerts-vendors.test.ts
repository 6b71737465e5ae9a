/** Each vendor's payload becomes exactly this alert. */
import { expect, test } from 'vitest';
import { intake, payload } from './_alerts.ts';

/** The alert, and the notes where there are any. */
function read(name: string): unknown {
  const { alert, why, notes } = intake(payload(name));
  return { ...alert, why, notes };
}

test('the payload of our own schema becomes this alert', () => {
  expect(read('inquest')).toMatchInlineSnapshot(`
    {
      "annotations": {
        "summary": "p95 is 486 ms",
      },
      "env": "prod",
      "fingerprint": "3431936795d43fa6433a6b03341b02a3",
      "labels": {
        "shard": "3",
        "team": "payments",
      },
      "links": [
        {
          "rel": "dashboard",
          "url": "https://dash.example/d/1",
        },
      ],
      "metric": "http_server_duration_p95",
      "notes": [],
      "query": "histogram_quantile(0.95, sum by (le) (rate(http_server_duration_bucket[5m]))) > 0.3",
      "service": "checkout",
      "severity": "critical",
      "source": "inquest",
      "startsAt": "2026-03-01T12:35:00.000Z",
      "status": "firing",
      "title": "checkout p95 latency above 300 ms",
      "why": "the only alert in the payload",
    }
  `);
});

test('the payload of Alertmanager becomes this alert', () => {
  expect(read('alertmanager')).toMatchInlineSnapshot(`
    {
      "annotations": {},
      "fingerprint": "3333cccc3333cccc",
      "labels": {
        "alertname": "ProbeDown",
        "service": "cart",
        "severity": "page",
      },
      "links": [
        {
          "rel": "rule",
          "url": "http://vm.example:8880/vmalert/alert?group_id=1&alert_id=2",
        },
        {
          "rel": "alertmanager",
          "url": "http://am.example:9093/",
        },
      ],
      "notes": [
        "the sender cut off 2 more alerts (max_alerts of its webhook)",
      ],
      "service": "cart",
      "severity": "page",
      "source": "alertmanager",
      "startsAt": "2026-03-01T12:40:00.000Z",
      "status": "firing",
      "title": "ProbeDown",
      "why": "alert 3 of 3: the most severe (page)",
    }
  `);
});

test('the payload of Datadog becomes this alert', () => {
  expect(read('datadog')).toMatchInlineSnapshot(`
    {
      "annotations": {
        "message": "The error rate of **cart** is high @webhook-triage",
        "tags": "monitor",
        "transition": "Triggered",
      },
      "env": "prod",
      "fingerprint": "d4b7aadbc4e7c90b14384b48537534de",
      "labels": {
        "env": "prod",
        "monitor_id": "4711",
        "service": "cart",
        "team": "shop,web",
      },
      "links": [
        {
          "rel": "alert",
          "url": "https://app.datadoghq.com/event/jump_to?event_id=1",
        },
      ],
      "metric": "trace.http.request.errors",
      "notes": [],
      "query": "sum(last_5m):sum:trace.http.request.errors{env:prod} by {service}.as_count() > 50",
      "service": "cart",
      "severity": "P2",
      "source": "datadog",
      "startsAt": "2026-03-01T12:30:00.000Z",
      "status": "firing",
      "title": "Error rate of cart is high",
      "why": "the only alert in the payload",
    }
  `);
});

test('the payload of PagerDuty becomes this alert', () => {
  expect(read('pagerduty')).toMatchInlineSnapshot(`
    {
      "annotations": {
        "event": "incident.triggered",
        "incident": "#42",
      },
      "fingerprint": "cart-errors",
      "labels": {
        "team": "Shop",
      },
      "links": [
        {
          "rel": "incident",
          "url": "https://example.pagerduty.com/incidents/PINC1",
        },
        {
          "rel": "service",
          "url": "https://example.pagerduty.com/services/PSVC1",
        },
      ],
      "notes": [],
      "service": "cart",
      "severity": "P1",
      "source": "pagerduty",
      "startsAt": "2026-03-01T12:31:00.000Z",
      "status": "firing",
      "title": "Error rate of cart is high",
      "why": "the only alert in the payload",
    }
  `);
});

test('the payload of Grafana becomes this alert', () => {
  expect(read('grafana')).toMatchInlineSnapshot(`
    {
      "annotations": {
        "summary": "Memory is at 93%",
        "values": "A=0.93, C=1",
      },
      "env": "prod",
      "fingerprint": "4444dddd4444dddd",
      "labels": {
        "alertname": "Memory of cart",
        "deployment_environment": "prod",
        "grafana_folder": "shop",
        "service_name": "cart",
      },
      "links": [
        {
          "rel": "rule",
          "url": "https://grafana.example/alerting/grafana/abc/view?orgId=1",
        },
        {
          "rel": "dashboard",
          "url": "https://grafana.example/d/xyz?orgId=1",
        },
        {
          "rel": "panel",
          "url": "https://grafana.example/d/xyz?orgId=1&viewPanel=2",
        },
        {
          "rel": "silence",
          "url": "https://grafana.example/alerting/silence/new?alertmanager=grafana",
        },
        {
          "rel": "grafana",
          "url": "https://grafana.example/",
        },
      ],
      "notes": [],
      "service": "cart",
      "source": "grafana",
      "startsAt": "2026-03-01T12:30:00.000Z",
      "status": "firing",
      "title": "Memory of cart: Memory is at 93%",
      "why": "the only alert in the payload",
    }
  `);
});

test('the payload of Opsgenie becomes this alert', () => {
  expect(read('opsgenie')).toMatchInlineSnapshot(`
    {
      "annotations": {
        "action": "Create",
        "description": "5% of requests fail",
        "from": "monitor@example.com",
        "tags": "vip",
      },
      "env": "prod",
      "fingerprint": "cart-errors",
      "labels": {
        "entity": "cart-host-1",
        "env": "prod",
        "region": "eu",
        "service": "cart",
      },
      "links": [],
      "notes": [],
      "service": "cart",
      "severity": "P2",
      "source": "opsgenie",
      "startsAt": "2026-03-01T12:30:00.123Z",
      "status": "firing",
      "title": "Error rate of cart is high",
      "why": "the only alert in the payload",
    }
  `);
});

test('the payload of a GitHub deployment becomes this alert', () => {
  expect(read('github-deployment')).toMatchInlineSnapshot(`
    {
      "annotations": {
        "description": "readiness probe never passed",
      },
      "env": "production",
      "fingerprint": "4c8673ee2e48dfc788e76d61078ce747",
      "labels": {
        "environment": "production",
        "ref": "main",
        "repository": "shop/cart",
        "sha": "91be02d4c5f60718293a4b5c6d7e8f9001122334",
        "state": "failure",
        "task": "deploy",
      },
      "links": [
        {
          "rel": "log",
          "url": "https://github.example/shop/cart/actions/runs/5",
        },
        {
          "rel": "repository",
          "url": "https://github.example/shop/cart",
        },
      ],
      "notes": [],
      "service": "cart",
      "severity": "error",
      "source": "github",
      "startsAt": "2026-03-01T12:29:10.000Z",
      "status": "firing",
      "title": "deployment of cart to production failed",
      "why": "the only alert in the payload",
    }
  `);
});

test('the payload of a GitHub workflow run becomes this alert', () => {
  expect(read('github-workflow')).toMatchInlineSnapshot(`
    {
      "annotations": {
        "description": "Look prices up in a batch",
      },
      "fingerprint": "447fc12dcc177dc2b8939a802bfd49f9",
      "labels": {
        "attempt": "2",
        "conclusion": "failure",
        "event": "push",
        "ref": "main",
        "repository": "shop/cart",
        "sha": "91be02d4c5f60718293a4b5c6d7e8f9001122334",
        "workflow": "release",
      },
      "links": [
        {
          "rel": "run",
          "url": "https://github.example/shop/cart/actions/runs/6",
        },
        {
          "rel": "repository",
          "url": "https://github.example/shop/cart",
        },
      ],
      "notes": [],
      "service": "cart",
      "severity": "error",
      "source": "github",
      "startsAt": "2026-03-01T12:28:00.000Z",
      "status": "firing",
      "title": "workflow release of cart on main failed",
      "why": "the only alert in the payload",
    }
  `);
});

test('the payload of a Datadog monitor becomes this alert', () => {
  expect(read('datadog-monitor')).toMatchInlineSnapshot(`
    {
      "annotations": {
        "message": "tell @oncall",
        "transition": "Alert",
      },
      "env": "prod",
      "fingerprint": "c5ab3377bc923007035eec441c857803",
      "labels": {
        "env": "prod",
        "monitor_id": "4711",
        "service": "cart",
      },
      "links": [],
      "notes": [],
      "query": "sum(last_5m):sum:trace.http.request.errors{env:prod,service:cart}.as_count() > 50",
      "service": "cart",
      "severity": "P2",
      "source": "datadog-monitor",
      "startsAt": "2026-03-01T12:30:00.000Z",
      "status": "firing",
      "title": "Error rate of cart is high",
      "why": "the only alert in the payload",
    }
  `);
});

test('the payload of CloudWatch through SNS becomes this alert', () => {
  expect(read('cloudwatch')).toMatchInlineSnapshot(`
    {
      "annotations": {
        "description": "Too many server errors",
        "reason": "Threshold Crossed: 1 datapoint (61.0) was greater than the threshold (50.0).",
      },
      "fingerprint": "04e3e3e6d52eb76d3b3b5a9d16f65475",
      "labels": {
        "ServiceName": "cart",
        "account": "000000000000",
        "namespace": "AWS/ApplicationELB",
        "region": "EU (Ireland)",
      },
      "links": [],
      "metric": "HTTPCode_Target_5XX_Count",
      "notes": [],
      "service": "cart",
      "source": "cloudwatch",
      "startsAt": "2026-03-01T12:30:42.236Z",
      "status": "firing",
      "title": "cart 5xx",
      "why": "the only alert in the payload",
    }
  `);
});

test('the payload of New Relic becomes this alert', () => {
  expect(read('newrelic')).toMatchInlineSnapshot(`
    {
      "annotations": {
        "conditions": "cart errors",
        "policies": "Golden signals",
        "workflow": "triage",
      },
      "fingerprint": "f5b9dd735576f04ec21e65c925a4425f",
      "labels": {
        "entity": "cart",
      },
      "links": [
        {
          "rel": "issue",
          "url": "https://radar-api.service.newrelic.com/accounts/1/issues/c5faa7e6",
        },
      ],
      "notes": [
        "service taken from impactedEntities: cart",
      ],
      "service": "cart",
      "severity": "critical",
      "source": "newrelic",
      "startsAt": "2026-03-01T12:30:00.123Z",
      "status": "firing",
      "title": "cart query result is > 1.0 for 1 minutes on 'cart errors'",
      "why": "the only alert in the payload",
    }
  `);
});

test('the payload of Sentry becomes this alert', () => {
  expect(read('sentry')).toMatchInlineSnapshot(`
    {
      "annotations": {
        "culprit": "cart.prices in lookup",
        "rule": "New issue in production",
      },
      "env": "prod",
      "fingerprint": "sentry-issue-1117",
      "labels": {
        "handled": "no",
        "project": "7",
        "release": "cart@1.4.2",
        "service": "cart",
      },
      "links": [
        {
          "rel": "event",
          "url": "https://sentry.example/organizations/shop/issues/1117/",
        },
      ],
      "notes": [],
      "service": "cart",
      "severity": "error",
      "source": "sentry",
      "startsAt": "2026-03-01T12:30:17.677Z",
      "status": "firing",
      "title": "KeyError: 'price'",
      "why": "the only alert in the payload",
    }
  `);
});
