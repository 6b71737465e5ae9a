/** The names that a bundle knows: services, what distinguishes their instances, nodes, commits. */
import { byText } from '../../core/canonical.ts';
import { isObject, type Line, type RawBundle, textsOf } from './raw.ts';

export interface Names {
  services: string[];
  /** Parts of the names of instances that belong to no service: `5f6585d649`, `fnmft`; or whole names. */
  instances: string[];
  nodes: string[];
  /** Full hashes. */
  commits: string[];
}

/** Names of the platform itself, and words that stand for "no name". */
const RESERVED = new Set(['kubernetes', 'default', 'none', 'unknown', 'unknown_service', 'localhost']);
/** What an orchestrator appends to the names of instances: digits and letters that spell no word. */
const APPENDED = /^[bcdfghjklmnpqrstvwxz0-9]{4,12}$/;
const COMMIT = /^[0-9a-f]{12,40}$/;
const ADDRESS = /^[\d.:]+$/;

/** Every name once, sorted. */
export function namesOf(raw: RawBundle): Names {
  const services = unique(serviceNames(raw)).filter(isName);
  const longestFirst = [...services].sort((a, b) => b.length - a.length || byText(a, b));
  const nodes = unique([...labels(raw, 'node'), ...objectNames(raw, ['nodes'])]).filter(isName);
  const instances = unique(instanceNames(raw)).flatMap((name) => {
    const service = longestFirst.find((s) => name === s || name.startsWith(`${s}-`));
    if (service === undefined) return isName(name) && !nodes.includes(name) ? [name] : [];
    return name
      .slice(service.length)
      .split('-')
      .filter((part) => APPENDED.test(part));
  });
  const { changes = [] } = raw.lines;
  const ids = changes.flatMap((c) => [c.ref, c.id, c.version, ...(Array.isArray(c.deployed) ? c.deployed : [])]);
  return {
    services,
    instances: unique(instances),
    nodes,
    commits: unique(textsOf(ids)).filter((id) => COMMIT.test(id)),
  };
}

/** The services of a bundle, sorted. */
export const servicesOf = (raw: RawBundle): string[] => unique(serviceNames(raw)).filter(isName);

const isName = (name: string): boolean => name.length > 1 && !RESERVED.has(name) && !ADDRESS.test(name);
const unique = (all: readonly string[]): string[] => [...new Set(all)].sort(byText);

function serviceNames(raw: RawBundle): string[] {
  const { logs = [], traces = [], changes = [], events = [] } = raw.lines;
  const { topology, alert, truth } = raw.json;
  const declared = isObject(topology) ? topology : {};
  const services = Array.isArray(declared.services) ? declared.services.filter(isObject) : [];
  const calls = Array.isArray(declared.calls) ? declared.calls.flat() : [];
  const asked = isObject(alert) ? alert : {};
  const entity = isObject(truth) && truth.level !== 'node' && truth.level !== 'instance' ? [truth.entity].flat() : [];
  return textsOf([
    ...services.filter((s) => s.kind !== 'node').map((s) => s.name),
    ...calls,
    ...['service', 'caller', 'callee'].flatMap((label) => labels(raw, label)),
    ...[...logs, ...traces].map((l) => resource(l)['service.name']),
    ...[...changes, ...events].map((c) => c.service),
    asked.service,
    ...entity,
    ...objectNames(raw, ['services', 'deployments', 'statefulsets', 'daemonsets']),
  ]);
}

function instanceNames(raw: RawBundle): string[] {
  const { logs = [], traces = [], changes = [] } = raw.lines;
  return textsOf([
    ...['instance', 'pod'].flatMap((label) => labels(raw, label)),
    ...[...logs, ...traces].map((l) => resource(l)['k8s.pod.name']),
    ...changes.flatMap((c) => (Array.isArray(c.instances) ? c.instances : [])),
    ...objectNames(raw, ['pods']),
  ]);
}

const resource = (line: Line): Line => (isObject(line.resource) ? line.resource : {});

const labels = (raw: RawBundle, label: string): string[] =>
  textsOf((raw.lines.metrics ?? []).map((s) => (isObject(s.metric) ? s.metric[label] : undefined)));

function objectNames(raw: RawBundle, kinds: string[]): string[] {
  return kinds.flatMap((kind) => {
    const list = raw.kubernetes[kind];
    const items = isObject(list) && Array.isArray(list.items) ? list.items.filter(isObject) : [];
    return textsOf(items.map((i) => (isObject(i.metadata) ? i.metadata.name : undefined)));
  });
}
