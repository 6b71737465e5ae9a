/**
 * The reads of Datadog's HTTP API v1 and v2, each with the scope that its key needs. A read by POST is a search: only the
 * ones here exist. Never here: what returns credentials (`/api/v1/application_key`, `/api/v2/api_keys`, `/api/v1/org`)
 * or publishes (`/api/v1/dashboard/public`), and every write.
 */
import type { Read } from './allow.ts';

const get = (path: Read['path'], permission?: string): Read => ({
  method: 'GET',
  path,
  ...(permission !== undefined && { permission }),
});
const search = (path: Read['path'], permission: string, json: readonly string[]): Read => ({
  method: 'POST',
  path,
  permission,
  body: { json },
});

const FILTER = ['filter', 'options', 'page', 'sort'];
const AGGREGATE = ['compute', 'filter', 'group_by', 'options', 'page'];
/** The JSON:API envelope. */
const DATA = ['data.attributes', 'data.type', 'data.id'];

export const DATADOG_READS: readonly Read[] = [
  get('/api/v1/validate'),
  get('/api/v2/validate'),
  get('/api/v2/validate_keys'),
  get('/api/v2/current_user'),

  get('/api/v1/query', 'timeseries_query'),
  get('/api/v1/search', 'metrics_read'),
  get('/api/v1/metrics', 'metrics_read'),
  get('/api/v1/metrics/:name', 'metrics_read'),
  get('/api/v2/metrics', 'metrics_read'),
  get('/api/v2/metrics/:name/all-tags', 'metrics_read'),
  get('/api/v2/metrics/:name/assets', 'metrics_read'),
  search('/api/v2/query/timeseries', 'timeseries_query', DATA),
  search('/api/v2/query/scalar', 'timeseries_query', DATA),

  search('/api/v2/logs/events/search', 'logs_read_data', FILTER),
  search('/api/v2/logs/analytics/aggregate', 'logs_read_data', AGGREGATE),

  get('/api/v2/events', 'events_read'),
  search('/api/v2/events/search', 'events_read', FILTER),

  get('/api/v1/monitor', 'monitors_read'),
  get('/api/v1/monitor/:number', 'monitors_read'),
  get('/api/v1/monitor/search', 'monitors_read'),
  get('/api/v1/monitor/groups/search', 'monitors_read'),

  get('/api/v2/incidents', 'incident_read'),
  get('/api/v2/incidents/search', 'incident_read'),
  get('/api/v2/incidents/:uuid', 'incident_read'),
  get('/api/v2/incidents/:uuid/impacts', 'incident_read'),

  get('/api/v1/slo', 'slos_read'),
  get('/api/v1/slo/search', 'slos_read'),
  get('/api/v1/slo/:hex', 'slos_read'),
  get('/api/v1/slo/:hex/history', 'slos_read'),
  get('/api/v2/slo/:hex/status', 'slos_read'),

  get('/api/v2/catalog/entity', 'apm_service_catalog_read'),
  get('/api/v2/catalog/relation', 'apm_service_catalog_read'),
  get('/api/v2/services/definitions', 'apm_service_catalog_read'),
  get('/api/v2/services/definitions/:name', 'apm_service_catalog_read'),

  get('/api/v2/apm/services', 'apm_read'),
  search('/api/v2/spans/events/search', 'apm_read', DATA),
  search('/api/v2/spans/analytics/aggregate', 'apm_read', DATA),
  get('/api/v2/trace/:hex', 'apm_read'),
  get('/api/v2/pruned_trace/:hex', 'apm_read'),

  search('/api/v2/error-tracking/issues/search', 'error_tracking_read', DATA),
  get('/api/v2/error-tracking/issues/:uuid', 'error_tracking_read'),

  search('/api/v2/dora/deployments', 'dora_metrics_read', DATA),
  search('/api/v2/dora/failures', 'dora_metrics_read', DATA),
  search('/api/v2/ci/pipelines/events/search', 'ci_visibility_read', FILTER),
  search('/api/v2/audit/events/search', 'audit_logs_read', FILTER),

  get('/api/v1/hosts', 'hosts_read'),
  get('/api/v2/containers'),
];
