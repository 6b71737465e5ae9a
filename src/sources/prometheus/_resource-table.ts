/** Which metrics of processes and containers tell how a service fares, and how each becomes a series. */
import type { SeriesKind } from '../../core/telemetry.ts';

/** How a metric of the service's own process or container becomes a series. */
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
