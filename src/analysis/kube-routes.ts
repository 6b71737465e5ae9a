/** Rule: routes that lead to another Service than the one they are named after, in Ingresses and in tables of ConfigMaps. */
import type { Cluster } from './kube-cluster.ts';
import { expectation } from './kube-expected.ts';
import { at, type Item, list, nameOf, namespaceOf, type StateReading, strings, text } from './kube-objects.ts';
import type { KubeRule } from './kube-told.ts';

/** So many routes of a table must lead where their names say before the one that does not is a mistake. */
const AGREEING = 3;
/** A share of exceptions above this is a way of naming. */
const EXCEPTIONS = 0.25;

export const routeRule: KubeRule = {
  needs: ['services', 'configmaps', 'ingresses'],
  read: (cluster) => [
    ...cluster.of('configmaps').flatMap((m) => readTable(m, cluster)),
    ...cluster.of('ingresses').flatMap((i) => readIngress(i, cluster)),
  ],
};

interface Route {
  /** Lines of the route, as they are written. */
  lines: string[];
  /** Host that it leads to: a Service, else the one of its URL. */
  target: string;
}

function readTable(config: Item, cluster: Cluster): StateReading[] {
  const services = cluster
    .of('services')
    .filter((s) => namespaceOf(s) === namespaceOf(config))
    .map(nameOf);
  if (services.length < 2) return [];
  const expected = expectation(services);
  return Object.values(strings(at(config, 'data'))).flatMap((table) => {
    const routes = routesOf(table, new Set(services)).map((r) => ({ ...r, meant: meantBy(r, expected) }));
    const right = routes.filter((r) => r.meant === r.target);
    const wrong = routes.filter(
      (r) => r.meant !== undefined && r.meant !== r.target && !routes.some((o) => o.target === r.meant),
    );
    if (right.length < AGREEING || wrong.length === 0 || wrong.length > EXCEPTIONS * (right.length + wrong.length))
      return [];
    return wrong.map((r): StateReading => {
      const line = r.lines.find((l) => l.includes(r.target))!.trim();
      return {
        kind: 'configmaps',
        object: nameOf(config),
        namespace: namespaceOf(config),
        service: r.meant!,
        level: 'service',
        rule: `the route for ${r.meant} in ${nameOf(config)} leads to ${r.target}`,
        category: 'config-change',
        strength: 0.85,
        quote: line,
      };
    });
  });
}

/** Entries of a YAML list, and blocks of a proxy's configuration, that lead to one host. */
function routesOf(table: string, services: Set<string>): Route[] {
  return blocksOf(table).flatMap((lines): Route[] => {
    const targets = new Set(
      lines
        .flatMap((l) =>
          [...l.matchAll(/(?:\/\/|:\s*|=\s*|[:{]|\s)["']?([a-z0-9][a-z0-9.-]*)/gi)].map((m) => m[1]!.split('.')[0]!),
        )
        .filter((w) => services.has(w)),
    );
    if (targets.size > 1) return [];
    const [known] = targets;
    const target = known ?? lines.map((l) => /:\/\/([a-z0-9][a-z0-9.-]*)/i.exec(l)?.[1]).find((h) => h !== undefined);
    return target === undefined ? [] : [{ lines, target }];
  });
}

function blocksOf(table: string): string[][] {
  const lines = table.split('\n').filter((l) => !/^\s*#/.test(l));
  const starts = lines.map((l) => (/^\s*(?:- |location\s)/.test(l) ? (/^ */.exec(l)?.[0].length ?? 0) : -1));
  const counts = new Map<number, number>();
  for (const s of starts) if (s >= 0) counts.set(s, (counts.get(s) ?? 0) + 1);
  return [...counts.keys()].flatMap((indent) => {
    const blocks: string[][] = [];
    let open = false;
    lines.forEach((l, i) => {
      const depth = /^ */.exec(l)?.[0].length ?? 0;
      if (starts[i] === indent) {
        blocks.push([l]);
        open = true;
      } else if (l.trim() !== '' && depth <= indent && l.trim() !== '}') open = false;
      else if (open) blocks.at(-1)!.push(l);
    });
    return blocks;
  });
}

/** The service that the route's name or a segment of its path means. */
function meantBy(route: Route, expected: (name: string) => string | undefined): string | undefined {
  const rest = route.lines.filter((l) => !l.includes(route.target));
  const names = rest.flatMap((l) => [
    ...[...l.matchAll(/^\s*-?\s*(?:id|name):\s*["']?([\w-]+)/g)].map((m) => m[1]!),
    ...[...l.matchAll(/\/([A-Za-z][\w-]*)/g)].map((m) => m[1]!),
  ]);
  return names.map(expected).find((s) => s !== undefined);
}

/** Backends of an Ingress that do not exist, or not with that port. */
function readIngress(ingress: Item, cluster: Cluster): StateReading[] {
  const near = cluster.of('services').filter((s) => namespaceOf(s) === namespaceOf(ingress));
  if (near.length === 0) return [];
  const paths = list(at(ingress, 'spec', 'rules')).flatMap((r) => list(at(r, 'http', 'paths')));
  const backends = [at(ingress, 'spec', 'defaultBackend'), ...paths.map((p) => p.backend)].filter(
    (b) => b !== undefined,
  );
  return backends.flatMap((b): StateReading[] => {
    const name = text(at(b, 'service', 'name')) || text(at(b, 'serviceName'));
    if (name === '') return [];
    const service = near.find((s) => nameOf(s) === name);
    const ways = [['service', 'port', 'number'], ['service', 'port', 'name'], ['servicePort']];
    const way = ways.find((path) => at(b, ...path) !== undefined) ?? [];
    const port = way.length > 0 ? at(b, ...way) : undefined;
    const named = text(at(b, 'service', 'name')) === '' ? ['serviceName'] : ['service', 'name'];
    const from =
      b === at(ingress, 'spec', 'defaultBackend')
        ? ['spec', 'defaultBackend']
        : ['spec', 'rules', 'http', 'paths', 'backend'];
    const field = service ? { path: [...from, ...way], is: String(port) } : { path: [...from, ...named], is: name };
    const offered = list(at(service, 'spec', 'ports')).flatMap((p) => [String(p.port), text(p.name)]);
    if (service && (port === undefined || offered.includes(String(port)))) return [];
    const rule = service
      ? `the Ingress ${nameOf(ingress)} leads to its port ${String(port)}, which its Service does not offer`
      : `the Ingress ${nameOf(ingress)} leads to the Service ${name}, which does not exist`;
    return [
      {
        kind: 'ingresses',
        object: nameOf(ingress),
        namespace: namespaceOf(ingress),
        service: name,
        level: 'service',
        rule,
        category: 'config-change',
        strength: 0.8,
        quote: name,
        field,
      },
    ];
  });
}
