/** Where the settings of a workload lead: hosts and ports in its variables, own or from its ConfigMaps. */
import type { Cluster } from './kube-cluster.ts';
import { at, containersOf, type Item, list, nameOf, namespaceOf, strings, text } from './kube-objects.ts';

/** An address that a variable holds. */
export interface Address {
  variable: string;
  value: string;
  /** First label of the host's name. */
  host: string;
  /** Namespace that the host's name gives, where it gives one. */
  namespace?: string;
  /** The name is one of the cluster's DNS in full: `name.namespace.svc`. */
  inCluster: boolean;
  port?: string;
}

const HOST = '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?';
const URL_LIKE = new RegExp(
  String.raw`^(?:jdbc:)?[a-z][a-z0-9+.-]*://(?:[^@/\s]*@)?(${HOST})(?::(\d{1,5}))?(?:[/?,].*)?$`,
  'i',
);
const HOST_PORT = new RegExp(`^(${HOST}):(\\d{1,5})$`, 'i');
const BARE = new RegExp(`^${HOST}$`, 'i');
/** Variables whose value is a host without a port. */
const IS_HOST = /(?:^|_)(?:HOST|HOSTNAME|SERVER|ADDR|ADDRESS|ENDPOINT)$/i;

/** All addresses of a workload's containers, in the order of its variables. */
export function addressesOf(workload: Item, cluster: Cluster): Address[] {
  return containersOf(workload).flatMap((c) => {
    const variables = variablesOf(c, workload, cluster);
    const known = new Map(variables);
    return variables.flatMap(([variable, value]) => parse(variable, value, known));
  });
}

function variablesOf(container: Item, workload: Item, cluster: Cluster): [string, string][] {
  const configs = cluster.of('configmaps').filter((m) => namespaceOf(m) === namespaceOf(workload));
  const dataOf = (name: unknown): Record<string, string> =>
    strings(
      at(
        configs.find((m) => nameOf(m) === name),
        'data',
      ),
    );
  const from = list(container.envFrom).flatMap((e) => Object.entries(dataOf(at(e, 'configMapRef', 'name'))));
  const own = list(container.env).map((e): [string, string] => {
    const ref = at(e, 'valueFrom', 'configMapKeyRef');
    const value = text(e.value) || (ref === undefined ? '' : (dataOf(at(ref, 'name'))[text(at(ref, 'key'))] ?? ''));
    return [text(e.name), value];
  });
  return [...from, ...own].filter(([, value]) => value !== '');
}

function parse(variable: string, value: string, known: Map<string, string>): Address[] {
  return value.split(',').flatMap((one): Address[] => {
    const part = one.trim();
    const m = URL_LIKE.exec(part) ?? HOST_PORT.exec(part);
    if (m) return toAddress(variable, value, m[1]!, m[2]);
    if (!IS_HOST.test(variable) || !BARE.test(part)) return [];
    const port = known.get(variable.replace(IS_HOST, (end) => `${end.startsWith('_') ? '_' : ''}PORT`));
    return toAddress(variable, value, part, port !== undefined && /^\d{1,5}$/.test(port) ? port : undefined);
  });
}

/** `name`, `name.namespace`, `name.namespace.svc` and what follows; other names with dots lie outside of the cluster. */
function toAddress(variable: string, value: string, name: string, port: string | undefined): Address[] {
  const labels = name.toLowerCase().split('.');
  // A pod of a set stands before its service.
  const svc = labels.indexOf('svc');
  if (svc < 2 && labels.length > 2) return [];
  const i = svc >= 2 ? svc - 2 : 0;
  const namespace = labels[i + 1];
  return [
    {
      variable,
      value,
      host: labels[i]!,
      inCluster: svc >= 2,
      ...(namespace === undefined ? {} : { namespace }),
      ...(port === undefined ? {} : { port }),
    },
  ];
}
