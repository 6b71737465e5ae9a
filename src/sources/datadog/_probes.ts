/** The smallest read of each kind that an investigation makes: what a key may read shows only where it is tried. */
import type { ToolContext } from '../../tools/tool.ts';
import type { Between, DatadogClient } from './_shapes.ts';

/** One kind of read. */
export interface Probe {
  /** Scope of the application key, and permission of its owner, as Datadog calls both. */
  permission: string;
  gives: string;
  /** Not everybody uses it: where it is refused nothing is missing. */
  optional?: true;
  ask(client: DatadogClient, window: Between, ctx: ToolContext): Promise<unknown>;
}

const one = { limit: 1 };
export const PROBES: readonly Probe[] = [
  {
    permission: 'timeseries_query',
    gives: 'metrics',
    ask: (c, w, ctx) => c.call('v1.queryMetrics', { ...w, query: 'avg:datadog.agent.running{*}' }, ctx),
  },
  {
    permission: 'metrics_read',
    gives: 'names of metrics',
    ask: (c, _, ctx) => c.call('v2.listTagConfigurations', one, ctx),
  },
  {
    permission: 'logs_read_data',
    gives: 'logs',
    ask: (c, w, ctx) => c.call('v2.listLogs', { ...w, ...one, query: '*' }, ctx),
  },
  {
    permission: 'apm_read',
    gives: 'traces',
    ask: (c, w, ctx) => c.call('v2.listSpans', { ...w, ...one, query: '*' }, ctx),
  },
  {
    permission: 'events_read',
    gives: 'events',
    ask: (c, w, ctx) => c.call('v2.searchEvents', { ...w, ...one, query: '*' }, ctx),
  },
  {
    permission: 'monitors_read',
    gives: 'monitors',
    ask: (c, _, ctx) => c.call('v1.listMonitors', one, ctx),
  },
  {
    permission: 'apm_service_catalog_read',
    gives: 'who calls whom',
    ask: (c, _, ctx) => c.call('v2.listCatalogRelation', one, ctx),
  },
  {
    permission: 'error_tracking_read',
    gives: 'groups of errors',
    ask: (c, w, ctx) => c.call('v2.searchIssues', { ...w, query: '*', track: 'trace' }, ctx),
  },
  { permission: 'slos_read', gives: 'objectives', ask: (c, _, ctx) => c.call('v1.searchSLO', one, ctx) },
  {
    permission: 'incident_read',
    gives: 'incidents',
    ask: (c, _, ctx) => c.call('v2.searchIncidents', { ...one, query: 'state:active' }, ctx),
  },
  { permission: 'hosts_read', gives: 'hosts', ask: (c, _, ctx) => c.call('v1.listHosts', one, ctx) },
  {
    permission: 'dora_metrics_read',
    gives: 'deployments',
    optional: true,
    ask: (c, w, ctx) => c.call('v2.listDORADeployments', { ...w, ...one }, ctx),
  },
  {
    permission: 'ci_visibility_read',
    gives: 'pipelines',
    optional: true,
    ask: (c, w, ctx) => c.call('v2.searchCIAppPipelineEvents', { ...w, ...one, query: '*' }, ctx),
  },
  {
    permission: 'audit_logs_read',
    gives: 'changes of monitors and settings',
    optional: true,
    ask: (c, w, ctx) => c.call('v2.searchAuditLogs', { ...w, ...one, query: '*' }, ctx),
  },
];
