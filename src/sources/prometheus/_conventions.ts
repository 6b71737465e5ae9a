/**
 * How the world names things in Prometheus: OpenTelemetry, Istio, nginx, Kubernetes' exporters, the client libraries.
 * Names are compared after dots became underscores, so that Prometheus 3's own names match too.
 */
import type { SeriesKind } from '../../core/telemetry.ts';

/** Labels whose value may be the name of a service, the surest first. */
export const SERVICE_LABELS = [
  'service_name',
  'service',
  'app_kubernetes_io_name',
  'label_app_kubernetes_io_name',
  'app',
  'application',
  'destination_workload',
  'destination_canonical_service',
  'destination_service_name',
  'exported_service',
  'deployment',
  'statefulset',
  'daemonset',
  'workload',
  'ingress',
  'container',
  'component',
  'job',
  'exported_job',
] as const;

/** Labels whose value is the service that is called, and the one that calls. */
export const CALLEE_LABELS = [
  'callee',
  'peer_service',
  'destination_workload',
  'destination_canonical_service',
  'server_address',
  'net_peer_name',
  'upstream_service',
  'upstream',
  'remote_service',
  'target_service',
  'db_system_name',
  'db_system',
  'dependency',
  'dep',
  'backend',
  'target',
  'remote',
] as const;
export const CALLER_LABELS = ['caller', 'source_workload', 'source_canonical_service', 'client_service'] as const;

export const INSTANCE_LABELS = [
  'pod',
  'exported_pod',
  'k8s_pod_name',
  'pod_name',
  'exported_instance',
  'instance',
] as const;
export const VERSION_LABELS = [
  'version',
  'service_version',
  'app_kubernetes_io_version',
  'destination_version',
] as const;

/** Where a response's outcome stands: a label with a value such as `seen`, and the matcher of the server's failures. */
export const OUTCOMES: readonly { label: RegExp; seen: RegExp; op: '=~' | '!~'; value: string }[] = [
  {
    label: /^(?:http_(?:response_)?status_code|status_code|response_code|http_code|code|status)$/,
    seen: /^(?:[1-5]\d\d|[1-5]xx)$/i,
    op: '=~',
    value: '5..',
  },
  {
    // gRPC codes by number or name: those that the server causes.
    label: /^(?:rpc_)?(?:grpc_)?(?:response_)?(?:status_code|status|code)$/,
    seen: /^(?:0|OK)$/i,
    op: '=~',
    value:
      '2|4|8|10|13|14|15|(?i:unknown|deadline_?exceeded|resource_?exhausted|aborted|internal|unavailable|data_?loss)',
  },
  {
    label: /^(?:outcome|result|status|state)$/,
    seen: /^(?:ok|success\w*|succeeded)$/i,
    op: '!~',
    value: '(?i:ok|success.*|succeeded|redirect.*|informational|client_error|hit|miss|cached|cancell?ed|none)|',
  },
  {
    label: /^(?:outcome|result|status|state)$/,
    seen: /^(?:ko|.*error|errors|fail\w*|.*timeout|exception|rejected)$/i,
    op: '=~',
    value: '(?i:ko|.*error|errors|fail.*|.*timeout|exception|rejected)',
  },
  { label: /^success$/, seen: /^(?:true|false|0|1)$/, op: '=~', value: 'false|0' },
  { label: /^(?:error|is_error)$/, seen: /^(?:true|false|0|1)$/, op: '=~', value: 'true|1' },
  { label: /^(?:error_type|exception)$/, seen: /./, op: '!~', value: '(?i:none)|' },
];

/** Requests served, by the base name of a histogram or summary; of each group the first that is there. */
export const SERVED: readonly RegExp[][] = [
  [
    /^http_server_request_duration(?:_seconds|_milliseconds)?$/,
    /^http_server_duration(?:_seconds|_milliseconds)?$/,
    /^http_server_requests_seconds$/,
    /^nginx_ingress_controller_request_duration_seconds$/,
    /^traefik_(?:service|router|entrypoint)_request_duration_seconds$/,
    /^(?:\w+_)?https?_requests?_(?:duration|latency)(?:_seconds|_milliseconds|_ms)?$/,
    /^istio_request_duration_milliseconds$/,
  ],
  [/^rpc_server_(?:call_)?duration(?:_seconds|_milliseconds)?$/, /^grpc_server_handling_seconds$/],
];
/** Where none of these is there: any duration that is no client's, no job's and no runtime's. */
export const SERVED_MAYBE =
  /(?:request|requests|http|handler|handling|rpc|response|server|call)\w*(?:duration|latency|time|seconds)/;
export const DURATION =
  /(?:duration|latency|_time|_took|elapsed)(?:_seconds|_milliseconds|_ms|_us|_microseconds)?$|_seconds$/;

/** Requests served, by the name of a counter. */
export const SERVED_COUNTERS: readonly RegExp[] = [
  /^istio_requests_total$/,
  /^https?_(?:server_)?requests?_total$/,
  /^nginx_ingress_controller_requests$/,
  /^traefik_(?:service|router|entrypoint)_requests_total$/,
  /^grpc_server_handled_total$/,
  /^nginx_http_requests_total$/,
  /^haproxy_(?:server|backend)_http_responses_total$/,
  /requests?(?:_count)?_total$/,
  /(?:handled|processed|served|responses)_total$/,
];

/** Metrics of calls that a service makes. */
export const OUTGOING =
  /client|outgoing|outbound|upstream|egress|dependency|external|remote|^db_|_db_|sql|^redis_|mongo|^istio_request/;
/** Metrics of runtimes and exporters, which serve nobody. */
export const INTERNAL =
  /^(?:go|jvm|process|nodejs|python|dotnet|prometheus|promhttp|scrape|net_conntrack|kube|container|node|machine|apiserver|workqueue|rest_client)_|gc_|event_?loop|_job_|^job_/;

/** Failures that are counted by name. */
export const ERROR_COUNTER =
  /(?:errors?|failures?|failed|exceptions?|timeouts?|rejected|rejections|dropped|panics?|oom_events)(?:_count)?_total$/;

/** How a metric of the service's own process or container becomes a series. `by` = labels worth keeping. */
export interface Resource {
  metric: RegExp;
  kind: SeriesKind;
  unit?: string;
  how: 'sum' | 'max' | 'rate' | 'increase' | 'changes' | 'percent';
  /** Name of the series where the metric's own would say less. */
  as?: string;
}

const resource = (kind: SeriesKind, how: Resource['how'], metric: RegExp, unit?: string, as?: string): Resource => ({
  metric,
  kind,
  how,
  ...(unit !== undefined && { unit }),
  ...(as !== undefined && { as }),
});

/** The most telling first: where there are too many, the last are left out. */
export const RESOURCES: readonly Resource[] = [
  resource('availability', 'percent', /^up$/, '%'),
  resource('cpu', 'rate', /^container_cpu_usage_seconds_total$/, '1', 'container_cpu_cores'),
  resource('cpu', 'rate', /^process_cpu_seconds_total$|^process_cpu_time_seconds_total$/, '1', 'process_cpu_cores'),
  resource('memory', 'sum', /^container_memory_working_set_bytes$/, 'By'),
  resource('memory', 'sum', /^process_resident_memory_bytes$|^process_memory_usage_bytes$/, 'By'),
  resource('other', 'increase', /^kube_pod_container_status_restarts_total$/, '1', 'container_restarts'),
  resource('other', 'changes', /^process_start_time_seconds$/, '1', 'process_restarts'),
  resource('errors', 'increase', /^container_oom_events_total$/, '1', 'container_oom_kills'),
  resource('errors', 'sum', /^kube_(?:deployment|statefulset)_status_replicas_unavailable$/, '1'),
  resource('errors', 'sum', /^kube_pod_container_status_waiting_reason$/, '1'),
  resource('saturation', 'sum', /connections?_(?:pending|waiting|timeout)|pool\w*(?:pending|waiting|wait_count)/, '1'),
  resource(
    'saturation',
    'sum',
    /^db_client_connections?(?:_\w*)?$|(?:^|_)(?:conn|thread|worker)?_?pool(?:_\w+)?$/,
    '1',
  ),
  resource('saturation', 'sum', /^hikaricp_connections(?:_\w+)?$|^pgbouncer_pools_\w+$|^pg_stat_activity_count$/, '1'),
  resource(
    'saturation',
    'sum',
    /^(?!nodejs_|go_|jvm_)\w*(?:in_?flight|active_requests|queue_(?:length|size|depth)|backlog|pending|waiting)(?:_\w+)?$/,
    '1',
  ),
  resource('saturation', 'max', /^nodejs_eventloop_lag(?:_p99)?_seconds$|^nodejs_eventloop_delay\w*$/, 's'),
  resource(
    'memory',
    'sum',
    /^nodejs_heap_size_used_bytes$|^go_memstats_heap_inuse_bytes$|^jvm_memory_used(?:_bytes)?$/,
    'By',
  ),
  resource('saturation', 'sum', /^go_goroutines$|^jvm_threads?_(?:live|current|count)\w*$|^process_open_fds$/, '1'),
  resource(
    'saturation',
    'rate',
    /^jvm_gc_(?:pause|duration|collection)_seconds_sum$|^go_gc_duration_seconds_sum$|^nodejs_gc_duration_seconds_sum$/,
    '1',
  ),
  resource('saturation', 'max', /^(?!nodejs_)\w*(?:lag|utili[sz]ation|saturation|usage_ratio|fill_ratio)(?:_\w+)?$/),
  resource('traffic', 'sum', /^nginx_connections_active$/, '1'),
  resource('disk', 'sum', /disk\w*_bytes$|^container_fs_usage_bytes$|^kubelet_volume_stats_used_bytes$/, 'By'),
  resource('network', 'rate', /^container_network_(?:receive|transmit)_(?:errors|packets_dropped)_total$/, '1/s'),
  resource(
    'traffic',
    'rate',
    /^(?!(?:process|nodejs|go|jvm|python|prometheus|promhttp|scrape|container|kube|node|net)_)\w+_total$/,
    '1/s',
  ),
];

/** A metric's name as the tables have it. */
export const plain = (name: string): string => name.replace(/[^a-zA-Z0-9_]/g, '_');

/** Factor that turns a duration of this name into seconds. */
export function toSeconds(name: string): number {
  const n = plain(name);
  if (/_(?:milliseconds|ms|millis)$/.test(n)) return 1e-3;
  if (/_(?:microseconds|us|micros)$/.test(n)) return 1e-6;
  if (/_(?:nanoseconds|ns|nanos)$/.test(n)) return 1e-9;
  // OpenTelemetry's older conventions measured in milliseconds and had no unit in the name.
  return /^(?:http|rpc)_(?:server|client)_duration$/.test(n) ? 1e-3 : 1;
}

/** Ends in `_total`, but is a size: older libraries named gauges so. */
export const TOTAL_GAUGE =
  /(?:^|_)(?:pool|connections?|threads|workers|slots|replicas|memory|heap|disk|swap|capacity|size)_total$/;

/** The base unit that the end of a name says. */
export function unitOf(name: string): string | undefined {
  const end = /_(seconds|bytes|ratio|percent)(?:_(?:p\d+|sum|used|max))?$/.exec(plain(name))?.[1];
  return end && { seconds: 's', bytes: 'By', ratio: '1', percent: '%' }[end];
}
