/** What is wrong with a probe, where its own message and the container's ports tell: port, path, protocol, command, time. */
import { at, type Item, list, text } from './kube-objects.ts';

/** Port of a probe as it is written: a number or the name of a port. */
export function probePort(probe: unknown): string | undefined {
  for (const how of ['httpGet', 'tcpSocket', 'grpc']) {
    const port = at(probe, how, 'port');
    if (typeof port === 'number' || (typeof port === 'string' && port !== '')) return String(port);
  }
  return undefined;
}

/** Whether the container declares ports and this is none of them. Ports need not be declared: a hint, no proof. */
export function isForeignPort(port: string, container: unknown): boolean {
  const declared = list(at(container, 'ports'));
  return declared.length > 0 && !declared.some((p) => String(p.containerPort) === port || text(p.name) === port);
}

/** The probe's mistake, in words; undefined where only the application can be at fault. */
export function probeFault(message: string, probe: unknown, container: Item | undefined): string | undefined {
  const port = probePort(probe);
  if (port !== undefined && isForeignPort(port, container))
    return `it asks port ${port}, which the container does not open`;
  if (
    /malformed HTTP (?:response|status)|HTTP response to HTTPS client|first record does not look like a TLS|http2: frame too large/i.test(
      message,
    )
  )
    return 'it speaks another protocol than the container';
  if (/unimplemented|unknown service grpc\.health/i.test(message)) return 'the container has no gRPC health service';
  if (/statuscode: 40[45]/i.test(message)) return 'the path that it asks does not exist';
  if (/statuscode: 40[13]/i.test(message)) return 'it is not authorised';
  if (/executable file not found|no such file or directory|permission denied/i.test(message))
    return 'its command cannot be run in the container';
  const seconds = Number(at(probe, 'timeoutSeconds') ?? 1);
  if (seconds <= 1 && /Client\.Timeout|timed out after|i\/o timeout|command .* timed out/i.test(message))
    return `it waits only ${seconds} s for an answer`;
  return undefined;
}
