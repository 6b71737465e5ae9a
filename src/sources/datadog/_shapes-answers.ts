/** What Datadog's answers hold that we use. `attributes` are as Datadog sends them: its own names, plain JSON. */

export interface Attributes {
  attributes: Record<string, unknown>;
}

export interface DatadogLog extends Attributes {
  id: string;
  time: number;
  message: string;
  status?: string;
  service?: string;
  host?: string;
  tags: string[];
}

/** A group of an aggregation: `computes.c0` belongs to the first compute. */
export interface Bucket {
  by: Record<string, string>;
  computes: Record<string, number | string | { time: number; value: number }[]>;
}

/** An event of the event stream or of the audit trail. */
export interface DatadogEvent extends Attributes {
  id: string;
  time: number;
  title?: string;
  message: string;
  service?: string;
  host?: string;
  tags: string[];
  status?: string;
  /** Which integration or API sent it: `change_tracking`, `kubernetes` … */
  source?: string;
  monitor?: { id?: number; name?: string; query?: string; groups?: string[] };
}

export interface DatadogIncident extends Attributes {
  id: string;
  publicId?: number;
  title: string;
  state?: string;
  severity?: string;
  created?: number;
  detected?: number;
  resolved?: number;
  modified?: number;
  customerImpact?: { scope?: string; start?: number; end?: number };
  /** Values of its fields by name: `services`, `root_cause`, `summary`, `detection_method` … */
  fields: Record<string, string[]>;
}

export interface CatalogRelation {
  from: CatalogName;
  to: CatalogName;
  /** `RelationTypeDependsOn`, `RelationTypeOwns` … */
  type: string;
  /** Where the relation comes from, where said: `catalog`, `apm`… */
  source?: string;
}

export interface CatalogName {
  kind?: string;
  name: string;
  namespace?: string;
}

export interface CatalogEntity extends CatalogName {
  id?: string;
  displayName?: string;
  owner?: string;
  description?: string;
  tags: string[];
}

export interface ServiceDefinition {
  service: string;
  team?: string;
  description?: string;
  tier?: string;
  lifecycle?: string;
  application?: string;
  languages: string[];
  tags: string[];
  contacts: { type: string; contact: string; name?: string }[];
  links: { type: string; url: string; name?: string }[];
  pipelines: string[];
}

export interface DatadogSpan extends Attributes {
  /** As the answer names it: 128 bits in hexadecimal digits, or the lower 64 of them as a decimal number. */
  traceId: string;
  spanId: string;
  /** Absent at the root. */
  parentId?: string;
  service: string;
  /** Name of the operation: `http.request`. */
  name?: string;
  resource?: string;
  type?: string;
  env?: string;
  host?: string;
  version?: string;
  /** ms since the epoch, with a fraction where Datadog sends one. */
  start: number;
  durationMs: number;
  error: boolean;
  tags: string[];
}

/** A group of errors. `count`, `users`, `sessions` are of the window that was asked. */
export interface ErrorIssue {
  id: string;
  count?: number;
  users?: number;
  sessions?: number;
  type?: string;
  message?: string;
  file?: string;
  function?: string;
  service?: string;
  platform?: string;
  languages: string[];
  state?: string;
  crash?: boolean;
  firstSeen?: number;
  firstSeenVersion?: string;
  lastSeen?: number;
  lastSeenVersion?: string;
  regression?: { at: number; version?: string; resolved?: number };
}

export interface DoraDeployment {
  id: string;
  service: string;
  env?: string;
  version?: string;
  team?: string;
  started: number;
  finished?: number;
  commit?: string;
  repository?: string;
  tags: string[];
}

/** A run of a pipeline, a stage, a job: `level`. */
export interface CiPipeline extends Attributes {
  id: string;
  level?: string;
  name?: string;
  status?: string;
  started?: number;
  durationMs?: number;
  url?: string;
  commit?: string;
  commitMessage?: string;
  author?: string;
  branch?: string;
  repository?: string;
  tags: string[];
}

export interface Host {
  name: string;
  id?: number;
  aliases: string[];
  apps: string[];
  up?: boolean;
  muted?: boolean;
  lastReported?: number;
  /** `key:value`, of all sources. */
  tags: string[];
  /** Percent of CPU in use and waiting for disks, load per core, of the moment. */
  cpu?: number;
  iowait?: number;
  load?: number;
  cores?: number;
}

export interface Container {
  id: string;
  containerId?: string;
  name?: string;
  host?: string;
  image?: string;
  imageTags: string[];
  state?: string;
  created?: number;
  started?: number;
  tags: string[];
}
