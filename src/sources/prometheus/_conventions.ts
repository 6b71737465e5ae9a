/**
 * How the world names things in Prometheus: OpenTelemetry, Istio, nginx, Kubernetes' exporters, the client libraries.
 * Names are compared after dots became underscores, so that Prometheus 3's own names match too.
 */
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
