/**
 * What we ask Datadog and what we read from its answers, as plain types of ours: the operations by name, one request each.
 * Times are ms since the epoch in both directions; a field that Datadog left out, or sent as null, is absent.
 */
import type { ToolContext } from '../../tools/tool.ts';
import type {
  Bucket,
  CatalogEntity,
  CatalogRelation,
  CiPipeline,
  Container,
  DatadogEvent,
  DatadogIncident,
  DatadogLog,
  DatadogSpan,
  DoraDeployment,
  ErrorIssue,
  Host,
  ServiceDefinition,
} from './_shapes-answers.ts';
import type {
  MetricInfo,
  MetricSeries,
  Monitor,
  MonitorFound,
  MonitorGroup,
  ScalarColumn,
  Slo,
  SloHistory,
  TimeseriesAnswer,
} from './_shapes-measured.ts';

export type * from './_shapes-answers.ts';
export type * from './_shapes-measured.ts';

/** From `from` up to `to`. */
export interface Between {
  from: number;
  to: number;
}

/** Which page: the `next` of the page before, and how many items a page holds at most (Datadog's own limit where absent). */
export interface Paging {
  cursor?: string;
  limit?: number;
}

export interface Page<T> {
  items: T[];
  /** Cursor of the next page; absent on the last, which may be empty. */
  next?: string;
  /** How many there are in all, where Datadog says so. */
  of?: number;
  /** Datadog's own words on why the answer is not whole: it gave up in time, or warns. */
  incomplete?: string;
}

/** One query of a timeseries or scalar question; `name` is what the formulas call it. */
export type Query =
  | { source: 'metrics'; name: string; query: string }
  | {
      source: 'logs' | 'spans' | 'events' | 'rum' | 'ci_pipelines' | 'audit' | 'dora';
      name: string;
      search: string;
      indexes?: string[];
      /** `count`, or an aggregation (`avg`, `sum`, `pc95` …) of a measure such as `@duration`. */
      compute: Compute;
      groupBy?: { facet: string; limit?: number }[];
    }
  | {
      source: 'apm_metrics';
      name: string;
      stat: string;
      service?: string;
      operation?: string;
      resource?: string;
      spanKind?: string;
      /** Tags as in a metric query: `env:prod`. */
      filter?: string;
      groupBy?: string[];
    }
  | {
      source: 'apm_resource_stats';
      name: string;
      stat: string;
      env: string;
      service: string;
      operation?: string;
      resource?: string;
      groupBy?: string[];
    }
  | { source: 'slo'; name: string; sloId: string; measure: string };

export interface Compute {
  aggregation: string;
  metric?: string;
  /** Makes a timeseries of it: the width of a bucket, ms. */
  intervalMs?: number;
}

/** A search in a stream of events. `sort`: oldest first is `timestamp`, newest first `-timestamp`. */
export type Search = Between & Paging & { query: string; sort?: 'timestamp' | '-timestamp' };

export type Aggregate = Between & {
  query: string;
  compute: Compute[];
  /** `sort`: the groups with the highest value of that measure are kept; by the count where absent. */
  groupBy?: { facet: string; limit?: number; sort?: Omit<Compute, 'intervalMs'>; missing?: string }[];
};

/** Named by the version of the API and the client's name of the operation. */
export interface Operations {
  'v1.queryMetrics': { in: Between & { query: string }; out: { series: MetricSeries[] } };
  'v2.queryTimeseriesData': {
    in: Between & { intervalMs?: number; queries: Query[]; formulas?: string[] };
    out: TimeseriesAnswer;
  };
  'v2.queryScalarData': {
    /** `aggregator` is how the metric queries become one number. */
    in: Between & { queries: Query[]; formulas?: string[]; aggregator?: string };
    out: { columns: ScalarColumn[] };
  };
  /** Metrics that reported since `from`. */
  'v1.listActiveMetrics': { in: { from: number; host?: string; tags?: string }; out: { metrics: string[] } };
  /** Metrics that carry the tags (`service:checkout`) within the last `windowMs`. */
  'v2.listTagConfigurations': {
    in: Paging & { tags?: string; windowMs?: number; configured?: boolean };
    out: Page<{ name: string; type?: string; tags?: string[] }>;
  };
  'v1.getMetricMetadata': { in: { metric: string }; out: MetricInfo };
  'v2.listTagsByMetricName': { in: { metric: string; windowMs?: number; limit?: number }; out: { tags: string[] } };
  'v2.listLogs': { in: Search & { indexes?: string[]; storageTier?: string }; out: Page<DatadogLog> };
  'v2.aggregateLogs': {
    in: Aggregate & { indexes?: string[]; cursor?: string; storageTier?: string };
    out: Page<Bucket>;
  };
  'v2.searchEvents': { in: Search; out: Page<DatadogEvent> };
  'v1.getMonitor': { in: { id: number; groupStates?: string; withDowntimes?: boolean }; out: Monitor };
  /** `tags`: of what is watched; `monitorTags`: of the monitor itself. */
  'v1.listMonitors': {
    in: Paging & {
      name?: string;
      tags?: string;
      monitorTags?: string;
      groupStates?: string;
      withDowntimes?: boolean;
    };
    out: Page<Monitor>;
  };
  'v1.searchMonitors': { in: Paging & { query?: string; sort?: string }; out: Page<MonitorFound> };
  'v1.searchMonitorGroups': { in: Paging & { query?: string; sort?: string }; out: Page<MonitorGroup> };
  'v2.searchIncidents': { in: Paging & { query: string; sort?: 'created' | '-created' }; out: Page<DatadogIncident> };
  'v2.getIncident': { in: { id: string }; out: DatadogIncident };
  'v1.listSLOs': { in: Paging & { ids?: string[]; query?: string; tags?: string }; out: Page<Slo> };
  'v1.searchSLO': { in: Paging & { query?: string }; out: Page<Slo> };
  'v1.getSLOHistory': { in: Between & { id: string; target?: number }; out: SloHistory };
  /** `fromRef`, `toRef`: `service:checkout`; `type`: `RelationTypeDependsOn` … */
  'v2.listCatalogRelation': {
    in: Paging & { fromRef?: string; toRef?: string; type?: string; discovered?: boolean };
    out: Page<CatalogRelation>;
  };
  'v2.listCatalogEntity': {
    in: Paging & { name?: string; kind?: string; owner?: string; ref?: string; discovered?: boolean };
    out: Page<CatalogEntity>;
  };
  'v2.listServiceDefinitions': { in: Paging; out: Page<ServiceDefinition> };
  'v2.getServiceDefinition': { in: { service: string }; out: ServiceDefinition };
  'v2.getServiceList': { in: { env: string }; out: { services: string[] } };
  'v2.listSpans': { in: Search; out: Page<DatadogSpan> };
  'v2.aggregateSpans': { in: Aggregate; out: Page<Bucket> };
  /** `truncated`: Datadog itself did not send all of its spans. */
  'v2.getTraceByID': { in: { traceId: string }; out: { spans: DatadogSpan[]; truncated: boolean } };
  /** The groups of errors themselves are asked for with the counts, in the same request. */
  'v2.searchIssues': {
    in: Between & { query: string; track: 'trace' | 'logs' | 'rum'; orderBy?: string };
    out: { issues: ErrorIssue[] };
  };
  'v2.getIssue': { in: { id: string }; out: ErrorIssue };
  'v2.listDORADeployments': {
    in: Between & { query?: string; limit?: number; sort?: string };
    out: { deployments: DoraDeployment[] };
  };
  'v2.searchCIAppPipelineEvents': { in: Search; out: Page<CiPipeline> };
  'v1.listHosts': {
    in: Paging & { filter?: string; from?: number; sort?: string; metadata?: boolean };
    out: Page<Host>;
  };
  'v2.listContainers': { in: Paging & { tags?: string; sort?: string }; out: Page<Container> };
  'v2.searchAuditLogs': { in: Search; out: Page<DatadogEvent> };
  /** Whether the API key is one; says nothing of the application key. */
  'v1.validate': { in: Record<never, never>; out: { valid: boolean } };
  /** Whether both keys are ones, and belong together. */
  'v2.validateKeys': { in: Record<never, never>; out: { valid: boolean } };
  /** Who the application key (or the bearer token) speaks for, and what that person may do; the key's scopes may be fewer. */
  'v2.getCurrentUser': {
    in: Record<never, never>;
    out: { handle?: string; name?: string; roles: string[]; permissions: string[] };
  };
}

export type Operation = keyof Operations;

export interface DatadogClient {
  /** Of the API. */
  base: string;
  /** Where a person opens what was asked: `https://app.datadoghq.eu`. */
  app: string;
  /** Default value of the `env` tag, from the config. */
  env?: string;
  /** It has a bearer token instead of an API key and an application key. */
  bearer?: true;
  /** One request. Throws `Refused` (its `code` is the HTTP status, where there was one), and the signal's reason where that was aborted. */
  call<K extends Operation>(operation: K, input: Operations[K]['in'], ctx: ToolContext): Promise<Operations[K]['out']>;
  /** How many requests were handed to the network so far. */
  sent(): number;
  /** What the answers said beside what was asked: the server's clock (ms), and each limit of its rate by name, as it stood last. */
  heard(): { date?: number; limits: { name: string; limit: number; remaining: number }[] };
  close(): Promise<void>;
}
