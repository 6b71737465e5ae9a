/** The reference methods and what can be set about them: their windows and which series they read. */

export const METHODS = ['nsigma', 'baro', 'latest-change'] as const;

export interface MethodOptions {
  name: (typeof METHODS)[number];
  /** Length of the before window, ms; undefined = all that was recorded before the alert. */
  beforeMs?: number;
  /** Left out between the before window and the alert, ms: an incident begins before its alert. */
  gapMs: number;
  /** Before = the bundle's fault-free windows for metrics. */
  baselineWindows: boolean;
  /** `all`, `alert` (the metric and statistic that the alert names), or names and kinds of series. */
  metrics: 'all' | 'alert' | string[];
  /** Only series that name an instance. */
  instancesOnly: boolean;
  /** Instances of a service as one series; series of an edge (caller, callee) stay apart. */
  poolInstances: boolean;
  /** Score falls like rises. */
  absolute: boolean;
  /** A missing sample has the value of the one before it, and 0 where there is none. */
  fill: boolean;
  /** Score also series that are constant before or after. */
  keepConstant: boolean;
  /** Memory in MB instead of bytes: where the spread is 0 the unit decides. */
  megabytes: boolean;
  /** Changed services first. */
  changedFirst: boolean;
  /** Kinds of change that `latest-change` looks at; empty = all. */
  changeKinds: string[];
  /** `latest-change` looks at the alerting service only. */
  alertService: boolean;
}

export const DEFAULTS: Omit<MethodOptions, 'name'> = {
  gapMs: 0,
  baselineWindows: false,
  metrics: 'all',
  instancesOnly: false,
  poolInstances: false,
  absolute: false,
  fill: false,
  keepConstant: false,
  megabytes: false,
  changedFirst: false,
  changeKinds: [],
  alertService: false,
};
