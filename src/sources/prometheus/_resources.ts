/** What a service's processes and containers use, and what a node uses. */
import { byText } from '../../core/canonical.ts';
import { plain, unitOf } from './_conventions.ts';
import type { Known, Metric } from './_discover.ts';
import { label, type Matcher, selector } from './_promql.ts';
import { RESOURCES, type Resource } from './_resource-table.ts';
import { aggregate, byInstance, over, partsOf, rateName, type Signal, type Spans } from './_signal.ts';

/** The most signals of this kind for one service: the conventions list the most telling first. */
const RESOURCES_MAX = 28;

/** Series by instance of everything in the tables that the service has; `taken` = metrics that are shown already. */
export function resourceSignals(known: Known, spans: Spans, taken: ReadonlySet<string>): Signal[] {
  const free = known.metrics.filter((m) => !taken.has(m.name)).map(plainOnes);
  const seen = new Set<string>();
  const signals: Signal[] = [];
  for (const r of RESOURCES) {
    for (const m of free) {
      if (seen.has(m.name) || !r.metric.test(plain(m.name)) || !fits(r, m)) continue;
      seen.add(m.name);
      signals.push(toSignal(known, r, m, spans));
    }
  }
  return [...signals.slice(0, RESOURCES_MAX), ...ratios(known, spans)];
}

/** Gauges and counters as they are; of what times something, the time that was spent. */
function plainOnes(m: Metric): Metric {
  return m.type === 'gauge' || m.type === 'counter' ? m : { ...m, name: `${m.name}_sum`, type: 'counter' };
}

/** A gauge has no rate, and the value of a counter alone tells nothing. */
const fits = (r: Resource, m: Metric): boolean => (r.how === 'rate' || r.how === 'increase') === (m.type === 'counter');

function toSignal(known: Known, r: Resource, m: Metric, { window, interval }: Spans): Signal {
  // The pause container and the sums over a pod would count everything twice.
  const real: Matcher[] = m.labels.has('container') ? [{ label: 'container', op: '!~', value: '|POD' }] : [];
  const own = m.name.startsWith('container_network') ? m.own : [...m.own, ...real];
  const split = byInstance(m);
  const kept = r.how === 'percent' || r.how === 'changes' ? { by: [], parts: 1 } : partsOf(m);
  const by = [...split.by, ...kept.by];
  const of = (how: string, fn: string): string => aggregate(how, by, over(fn, m.name, own, window));
  const expression = {
    sum: () => of('sum', 'last_over_time'),
    max: () => of('max', 'max_over_time'),
    rate: () => of('sum', 'rate'),
    increase: () => of('sum', 'increase'),
    // A new version of a process is another series: the newest start of all of them is what changes.
    changes: () => `changes(${aggregate('max', by, selector(own, m.name))}[${window}:${interval}])`,
    percent: () => `100 * ${of('avg', 'avg_over_time')}`,
  }[r.how]();
  const unit = r.unit ?? unitOf(m.name);
  return {
    name: r.as ?? (r.how === 'rate' ? rateName(m.name) : m.name),
    kind: r.kind,
    ...(unit !== undefined && { unit }),
    expression,
    fixed: { service: known.service },
    rename: split.rename,
    expect: split.parts * kept.parts,
  };
}

/** Shares of a container's limits: throttled periods, memory against its limit. */
function ratios(known: Known, { window }: Spans): Signal[] {
  const find = (name: string): Metric | undefined => known.metrics.find((m) => m.name === name);
  const ratio = (name: string, above: Metric, below: Metric, wrap: (m: Metric) => string): Signal[] => {
    const by = above.instance;
    if (by === undefined || below.instance !== by) return [];
    const [a, b] = [wrap(above), wrap(below)].map((inner) => aggregate('sum', [by], inner));
    const expression = `100 * ${a} / on (${label(by)}) ${b}`;
    const fixed = { service: known.service };
    return [
      {
        name,
        kind: 'saturation',
        unit: '%',
        expression,
        fixed,
        rename: { [by]: 'instance' },
        expect: instances(above),
      },
    ];
  };
  const throttled = find('container_cpu_cfs_throttled_periods_total');
  const periods = find('container_cpu_cfs_periods_total');
  const used = find('container_memory_working_set_bytes');
  const limits = find('kube_pod_container_resource_limits');
  const memory: Matcher[] = [{ label: 'resource', op: '=', value: 'memory' }];
  const named: Matcher[] = [{ label: 'container', op: '!~', value: '|POD' }];
  return [
    ...(throttled && periods
      ? ratio('container_cpu_throttled', throttled, periods, (m) => over('rate', m.name, m.own, window))
      : []),
    ...(used && limits
      ? ratio('container_memory_of_limit', used, limits, (m) =>
          over('last_over_time', m.name, [...m.own, ...(m === limits ? memory : named)], window),
        )
      : []),
  ];
}

const instances = (m: Metric): number => (m.instance === undefined ? 1 : (m.labels.get(m.instance)?.length ?? 1));

/** What a node exporter tells of one machine; `own` selects it. */
export function nodeSignals(node: string, own: Matcher[], names: ReadonlySet<string>, { window }: Spans): Signal[] {
  const rate = (name: string, ...more: Matcher[]): string => over('rate', name, [...own, ...more], window);
  const last = (name: string, ...more: Matcher[]): string => over('last_over_time', name, [...own, ...more], window);
  const idle: Matcher = { label: 'mode', op: '=', value: 'idle' };
  const disks: Matcher = { label: 'fstype', op: '!~', value: 'tmpfs|ramfs|overlay|squashfs|iso9660|autofs' };
  const signal = (needs: string, name: string, kind: Signal['kind'], unit: string, expression: string): Signal[] =>
    names.has(needs) && kind ? [{ name, kind, unit, expression, fixed: { node }, rename: {}, expect: 1 }] : [];
  const memory = [last('node_memory_MemAvailable_bytes'), last('node_memory_MemTotal_bytes')].map((x) => `sum (${x})`);
  const space = `max by (mountpoint) (1 - ${last('node_filesystem_avail_bytes', disks)} / ${last('node_filesystem_size_bytes', disks)})`;
  return [
    ...signal(
      'node_cpu_seconds_total',
      'node_cpu',
      'cpu',
      '%',
      `100 * (1 - avg (${rate('node_cpu_seconds_total', idle)}))`,
    ),
    ...signal('node_load1', 'node_load1', 'saturation', '1', `max (${last('node_load1')})`),
    ...signal(
      'node_memory_MemAvailable_bytes',
      'node_memory',
      'memory',
      '%',
      `100 * (1 - ${memory[0]} / ${memory[1]})`,
    ),
    ...signal('node_filesystem_avail_bytes', 'node_disk_used', 'disk', '%', `100 * ${space}`),
    ...signal(
      'node_disk_io_time_seconds_total',
      'node_disk_busy',
      'disk',
      '%',
      `100 * max (${rate('node_disk_io_time_seconds_total')})`,
    ),
    ...signal(
      'node_network_receive_errs_total',
      'node_network_errors',
      'network',
      '1/s',
      `sum (${rate('node_network_receive_errs_total')})`,
    ),
    ...signal(
      'node_network_receive_bytes_total',
      'node_network_received',
      'network',
      'By/s',
      `sum (${rate('node_network_receive_bytes_total')})`,
    ),
    ...signal(
      'node_vmstat_pgmajfault',
      'node_major_page_faults',
      'memory',
      '1/s',
      `sum (${rate('node_vmstat_pgmajfault')})`,
    ),
    ...signal(
      'node_pressure_cpu_waiting_seconds_total',
      'node_cpu_pressure',
      'saturation',
      '1',
      `sum (${rate('node_pressure_cpu_waiting_seconds_total')})`,
    ),
  ].sort((a, b) => byText(a.name, b.name));
}
