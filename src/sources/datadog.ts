/** Datadog: metrics, logs, traces, events, deployments, the catalog, error tracking, monitors, SLOs and incidents of one account. */
import type { SourcePlugin } from '../tools/tool.ts';
import { openAccount } from './datadog/_account.ts';
import { changesTool } from './datadog/_changes.ts';
import { checkDatadog } from './datadog/_check.ts';
import { errorsTool } from './datadog/_errors.ts';
import { eventsTool } from './datadog/_events.ts';
import { logTools } from './datadog/_logs.ts';
import { metricsTool } from './datadog/_metrics.ts';
import { type DatadogConfig, openDatadog } from './datadog/_open.ts';
import { topologyTool } from './datadog/_topology.ts';
import { traceTools } from './datadog/_traces.ts';
import { watchTools } from './datadog/_watch.ts';

export const source: SourcePlugin<DatadogConfig> = {
  title: 'Datadog',
  async open(name, config, env) {
    const client = openDatadog(name, config, env, env.retries === undefined ? {} : { retries: env.retries });
    const account = openAccount(name, client, env);
    return {
      name,
      tools: [
        metricsTool(account),
        ...logTools(account),
        ...traceTools(account),
        changesTool(account),
        topologyTool(account),
        eventsTool(account),
        errorsTool(account),
        ...watchTools(account),
      ],
      check: (ctx) => checkDatadog(account, ctx),
      close: () => client.close(),
    };
  },
};
