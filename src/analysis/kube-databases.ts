/**
 * Rule: a database server whose clients' logs tell its condition (it is read-only, it has too many connections, its disk
 * is full). The words are the server's own, passed on by its drivers; whose server it is, the settings of the clients
 * tell, else the vendor that is named and that nobody else's settings claim.
 */
import { byText } from '../core/canonical.ts';
import type { LogRecord } from '../core/telemetry.ts';
import { type EventText, readText } from './event-rules.ts';
import { addressesOf } from './kube-addresses.ts';
import { type Cluster, toCluster } from './kube-cluster.ts';
import {
  at,
  containersOf,
  type Item,
  list,
  nameOf,
  namespaceOf,
  type StateReading,
  templateOf,
  text,
} from './kube-objects.ts';

/** Words by which images, names and messages tell a server's vendor, and its usual port. */
const VENDORS: [RegExp, number][] = [
  [/mysql|mariadb|percona/i, 3306],
  [/postgres|timescale|pgbouncer|\bFATAL: +(?:sorry|remaining)/i, 5432],
  [/mongo/i, 27017],
  [/redis|valkey/i, 6379],
  [/cassandra|scylla/i, 9042],
  [/elastic|opensearch/i, 9200],
];

/** What to look for in the logs; each is one question. */
export const CONDITIONS = ['read-only', 'too many', 'no space left'];

/** A single line may be an old one. */
const LINES_MIN = 3;
/** What only others repeat is believed a little less than what the server's own probe is answered. */
const REPEATED = 0.9;

interface Server {
  workload: Item;
  name: string;
  vendor: RegExp;
}

/** Servers of known vendors among the workloads. */
function serversOf(cluster: Cluster): Server[] {
  return cluster.workloads.flatMap((workload) => {
    const said = list(at(templateOf(workload), 'spec', 'containers')).map((c) => ({
      image: text(c.image),
      ports: list(c.ports).map((p) => Number(p.containerPort)),
    }));
    const vendor = VENDORS.find(([pattern, port]) =>
      said.some(({ image, ports }) => ports.includes(port) || (pattern.test(image) && !/exporter|backup/i.test(image))),
    );
    return vendor ? [{ workload, name: cluster.serviceOf(workload), vendor: vendor[0] }] : [];
  });
}

export const hasServers = (objects: { kind: string; items: unknown[] }[]): boolean =>
  serversOf(toCluster(objects)).length > 0;

export interface Heard {
  reading: StateReading;
  /** Who was answered so. */
  clients: string[];
}

/** What lines of the logs say of the servers of a cluster: one reading a server and condition, quoting a line. */
export function readConditions(objects: { kind: string; items: unknown[] }[], records: LogRecord[]): Heard[] {
  const cluster = toCluster(objects);
  const servers = serversOf(cluster);
  const found = new Map<string, { server: Server; said: EventText; lines: LogRecord[] }>();
  for (const r of records) {
    const said = readText(r.body);
    if (said?.ofServer !== true) continue;
    for (const server of speakersServers(r, servers, cluster)) {
      const key = `${server.name}\n${said.what}`;
      const known = found.get(key) ?? { server, said, lines: [] };
      known.lines.push(r);
      found.set(key, known);
    }
  }
  return [...found.values()]
    .filter((f) => f.lines.length >= LINES_MIN)
    .map(({ server, said, lines }): Heard => {
      const clients = [...new Set(lines.flatMap((l) => l.service ?? []))].sort(byText);
      const reading: StateReading = {
        kind: 'logs',
        object: nameOf(server.workload),
        namespace: namespaceOf(server.workload),
        service: server.name,
        level: 'service',
        rule: `its clients (${clients.slice(0, 3).join(', ')}) are answered by ${said.what}`,
        category: said.category,
        strength: REPEATED * said.strength,
        quote: quoteOf(lines[0]!.body),
      };
      return { reading, clients };
    });
}

/** The servers that a line may be about. */
function speakersServers(r: LogRecord, servers: Server[], cluster: Cluster): Server[] {
  const own = servers.filter((s) => s.name === r.service);
  if (own.length > 0) return own;
  const named = servers.filter((s) => s.vendor.test(r.body));
  const meant = named.length > 0 ? named : servers;
  const leadsTo = (w: Item): Set<string> => new Set(addressesOf(w, cluster).map((a) => a.host));
  const reaches = (hosts: Set<string>, s: Server): boolean =>
    [...hosts].some((h) => h === s.name || h.startsWith(`${s.name}-`));
  const speaker = cluster.workloads.find((w) => cluster.serviceOf(w) === r.service);
  const told = speaker ? meant.filter((s) => reaches(leadsTo(speaker), s)) : [];
  if (told.length > 0) return told;
  // What others' settings claim is theirs; of what is left only a single one is meant for sure.
  const others = cluster.workloads.filter((w) => w !== speaker && !servers.some((s) => s.workload === w));
  const free = meant.filter((s) => !others.some((w) => reaches(leadsTo(w), s) || databasesOf(s).includes(nameOf(w))));
  const left = free.length > 0 ? free : meant;
  return left.length === 1 ? left : [];
}

/** Databases that a server makes at its first start: one is often named after whom it is for. */
const databasesOf = (s: Server): string[] =>
  containersOf(s.workload)
    .flatMap((c) => list(c.env))
    .filter((e) => /(?:^|_)(?:DATABASE|DB)(?:_NAME)?$/i.test(text(e.name)))
    .map((e) => text(e.value));

/** The sentence that says it, from the start of its words to the end of the line. */
function quoteOf(body: string): string {
  const line = body.split('\n').find((l) => readText(l)?.ofServer === true) ?? body.split('\n', 1)[0]!;
  return line.length <= 200 ? line.trim() : line.slice(-200).trim();
}
