/** Help topics that belong to no command. */
export const HELP_TOPICS = {
  'exit-codes': `Exit codes of inquest:
    0  a cause was found, or nothing is wrong
    1  a bug in inquest; of diff, replay --verify, record --check and eval --compare: something differs;
       of ci --fail-on cause: a cause was found
    2  wrong usage, or the input cannot be read
    3  no credentials, or none that are accepted
    4  all sources failed; of notify: something was not delivered
   10  inconclusive: the report says what is known, what was ruled out and what was not checked
   11  waiting for a human: inquest answer, then inquest resume (only with --wait-for-human)
   12  the budget is spent; the report holds what was found until then
  130  interrupted; "inquest resume" goes on
`,
  environment: `Environment variables of inquest:
  INQUEST_CONFIG              the config file instead of ./inquest.config.json
  INQUEST_PROMETHEUS_URL      as --prometheus
  INQUEST_PROMETHEUS_BEARER   a token for it
  INQUEST_ALERTMANAGER_URL    as --alertmanager
  INQUEST_GIT                 as --git, several separated by commas
  INQUEST_LOGS                as --logs, several separated by commas
  DD_API_KEY, DD_APP_KEY      for --datadog; DD_SITE is its site (also DATADOG_API_KEY, DATADOG_APP_KEY, DATADOG_SITE)
  GH_TOKEN, GITHUB_TOKEN      for --github; GH_ENTERPRISE_TOKEN for a server of your own, GH_HOST its host
  ANTHROPIC_API_KEY           for --model; a key alone switches nothing on
  INQUEST_ENGINE_INGRESS, INQUEST_ENGINE_ADMIN   where a distributed engine is, where the config does not say
  INQUEST_LOG                 from which level on a worker writes: debug, info, warn, error
  INQUEST_HOME                one folder for runs, config and playbooks
  XDG_STATE_HOME              runs lie in $XDG_STATE_HOME/inquest/runs (~/.local/state)
  XDG_CONFIG_HOME             the user's config: $XDG_CONFIG_HOME/inquest/config.json
  NO_COLOR, TERM=dumb         no colour
  INQUEST_ASCII, INQUEST_MOTION=0   as --ascii, --no-motion
  INQUEST_DEBUG               stack traces of bugs
`,
  config: `The config file, inquest.config.json (flags > environment > project file > user file):
  {
    "sources": {
      "prometheus":   { "type": "prometheus", "url": "https://prom.example", "bearer": { "env": "PROM_TOKEN" } },
      "alertmanager": { "type": "alertmanager", "url": "http://127.0.0.1:9093" },
      "datadog":      { "type": "datadog", "site": "datadoghq.eu", "env": "prod",
                        "apiKey": { "env": "DD_API_KEY" }, "appKey": { "env": "DD_APP_KEY" } },
      "shop":         { "type": "git", "path": "../shop", "tagPattern": "deploy/{service}/{version}" },
      "github":       { "type": "github", "repos": ["acme/shop"], "token": { "env": "GITHUB_TOKEN" }, "environment": "production" },
      "logs":         { "type": "logfile", "paths": ["/var/log/shop/*.jsonl"] }
    },
    "services": {
      "checkout": { "labels": { "job": "checkout" }, "queries": { "latency": "…PromQL…" }, "calls": ["payments"] }
    },
    "window": { "lookback": "15m", "baseline": "4h" },
    "gate":   { "confidence": 0.7, "margin": 0.05, "coverage": 0.5 },
    "limits": { "timeout": "20s", "wall": "120s", "retries": 2 },
    "playbooks": ["./playbooks"],
    "model":  { "name": "claude-opus-5-5", "apiKey": { "env": "ANTHROPIC_API_KEY" }, "second": "claude-haiku-5-5",
                "budget": { "turns": 8, "calls": 20, "tokens": 250000, "dollars": 0.8, "time": "5m" } },
    "agent":  { "askForBudget": true, "answerWithin": "15m" },
    "freshness": { "metrics": "5m", "logs": "15m", "changes": "1h" },
    "retention": { "age": "90d", "size": "2GiB", "keepOutcomes": ["inconclusive"] },
    "notify": {
      "pr":    { "type": "github", "repo": "acme/shop", "issue": 812, "token": { "env": "GITHUB_TOKEN" } },
      "ops":   { "type": "slack", "token": { "env": "SLACK_BOT_TOKEN" }, "channel": "C0123456789" },
      "chat":  { "type": "slack", "webhook": { "env": "SLACK_WEBHOOK_URL" } },
      "page":  { "type": "pagerduty", "incident": { "env": "PD_INCIDENT" }, "from": "dana@acme.example", "token": { "env": "PD_TOKEN" } },
      "hook":  { "type": "webhook", "url": "https://hooks.acme.example/inquest", "secret": { "env": "WEBHOOK_SECRET" } },
      "files": { "type": "file", "folder": "reports", "format": "markdown" }
    }
  }
"serve" is a topic of its own: inquest help serve-config.
"freshness" says how long an answer keeps before "inquest resume" calls it stale (metrics, events, state 5m; logs, traces 15m;
changes, topology, monitors 1h; incidents 24h). "retention" is what "inquest prune" removes where no flag says otherwise.
"model" looks further where the gate escalates; without it nobody does. Another provider: "provider": "openai" with "url"; "price"
(dollars for a million tokens: input, output, cacheRead, cacheWrite) where our table has none; "mode": workflow, hybrid, specialists or agent.
"agent": at its cap the model may ask a person for more budget (off by default), and how long the question stands.
"proxy" of a source: http(s)://[user:password@]host:port of a CONNECT proxy; the environment's HTTP_PROXY is not read.
"notify" is who may be told of a run (--notify NAME, inquest notify). issue, incident and channel may be { "env": "NAME" } too.
A secret may be written as { "env": "NAME" } or { "file": "path" } ("~/" is the home folder). JSON has no comments: a key "//" is a
remark in any object. "inquest init" writes this file for you, "inquest help keys" says which permissions each key needs.
`,
  keys: `Keys, and the least that each must be allowed to do. inquest only reads; "inquest doctor" says what is missing or too much.
  Datadog      an API key and an application key with these scopes:
               timeseries_query metrics_read logs_read_data events_read monitors_read incident_read slos_read
               apm_read apm_service_catalog_read error_tracking_read hosts_read
               where you use them also: dora_metrics_read ci_visibility_read audit_logs_read
               https://app.SITE/organization-settings/application-keys
  GitHub       a fine-grained token for the repositories alone, read access to:
               Metadata, Contents, Deployments, Pull requests, Actions
               https://github.com/settings/personal-access-tokens/new
  Prometheus   a token or password only where a proxy in front of it wants one
  Anthropic    ANTHROPIC_API_KEY, only with --model: no verdict needs it

A key is named by { "env": "NAME" }, or typed into "inquest init", which keeps it in a file that you alone can read
(~/.config/inquest/keys). It is never in the config, never in a report or journal, and never shown.
`,
  'serve-config': `The serve section of inquest.config.json: whom "inquest serve" hears, and how much it takes:
  "serve": {
    "listen": "127.0.0.1:8787",
    "hooks": {
      "pagerduty":    { "type": "pagerduty", "secrets": [{ "env": "PD_SECRET" }, { "env": "PD_SECRET_OLD" }] },
      "alertmanager": { "type": "alertmanager", "secrets": [{ "env": "AM_TOKEN" }], "path": { "env": "AM_PATH" } },
      "newrelic":     { "type": "newrelic", "auth": "header", "header": "X-Inquest-Token", "secrets": [{ "file": "nr.token" }] },
      "alarms":       { "type": "cloudwatch", "topics": ["arn:aws:sns:eu-west-1:123456789012:alarms"] }
    },
    "viewers": [{ "env": "INQUEST_VIEWERS" }], "hosts": ["inquest.example"],
    "notify": ["issue", "chat"],
    "concurrency": 2, "queue": 100, "window": "5m", "debounce": "20s", "cooldown": "30m", "grace": "20s",
    "perHour": { "runs": 60, "calls": 2000, "dollars": 5 }, "perService": { "runs": 12 },
    "otlp": { "endpoint": "http://127.0.0.1:4318" }
  }
A sender posts to /hooks/<name>, or /hooks/<name>/<path> where its hook has a secret "path".
Signed by their senders: github, grafana (with "timestampHeader" also against replay), pagerduty, sentry, slack, standard-webhooks,
zendesk; cloudwatch by the certificate of Amazon SNS. The others prove themselves by "auth": bearer (a token; the default), basic
("user:password") or header (with its name); give these a "path" as well. Any of "secrets" is accepted, so that they can rotate.
"window": related alerts join what was heard of within it; "debounce": an alert that is not urgent is looked at if it still fires
then; "cooldown": the same alert starts nothing new so long after a verdict. "perHour" is for all hooks, a hook may have its own.
"notify": names of the "notify" section; told of each investigation that ends, and again, in place, when its alert is resolved or fires again.
Beyond "queue" and the budgets a sender is told to come back (503, 429); beyond "dollars" no model is asked.
"viewers" may read the pages and /metrics as password or bearer; without them only this machine may. "otlp" (or the variable
OTEL_EXPORTER_OTLP_ENDPOINT) sends a trace of each run and the metrics.
`,
} as const;
