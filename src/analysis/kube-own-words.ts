/** Which text of an orchestrator's objects its own programs wrote, and which a container did: the latter is an outsider's word. */
import { at, type Item, list, text } from './kube-objects.ts';

/** Reasons of an end that the container runtime gives, with a message of its own; else the message is the process's. */
const BY_RUNTIME = /^(?:StartError|ContainerCannotRun|ContainerStatusUnknown|CreateContainerError|RunContainerError)$/;

/** Events that hand on what a probe or a hook printed. */
const HANDED_ON = /^(?:Unhealthy|FailedPostStartHook|FailedPreStopHook)$/;

/** What the kubelet itself says of a probe; behind it stands what the probed process answered or printed. */
const OF_PROBE =
  /^(?:Liveness|Readiness|Startup) probe (?:failed|errored)[^:\n]{0,80}: (?:HTTP probe failed with statuscode: \d{3}|Get "[^"\n]{1,2000}": [^"\n]{1,2000}|dial tcp [^"\n]{1,2000}|timeout: failed to connect service "[^"\n]{1,300}" within [^"\n]{1,300}|timeout: health rpc did not complete within \S{1,40}|rpc error: code = \w{1,40} desc = failed to (?:exec|load)[^"\n]{1,2000})?/i;
const OF_HOOK = /^(?:(?!, message:)[^\n]){1,2000}/;

/** The part of an event's message that Kubernetes wrote itself: all of it, or its beginning. */
export function ownWords(reason: string, message: string): string {
  if (!HANDED_ON.test(reason)) return message;
  return (OF_PROBE.exec(message) ?? (reason === 'Unhealthy' ? undefined : OF_HOOK.exec(message)))?.[0].trim() ?? '';
}

/** What a container that ended says: of the runtime where that ended it. */
export const endedByRuntime = (ended: unknown): boolean => BY_RUNTIME.test(text(at(ended, 'reason')));

/** An object without what others than Kubernetes wrote into it. */
export function ownPart(kind: string, item: Item): Item {
  if (kind === 'events') {
    const reason = text(item.reason);
    return {
      ...item,
      ...(typeof item.message === 'string' ? { message: ownWords(reason, item.message) } : {}),
      ...(typeof item.note === 'string' ? { note: ownWords(reason, item.note) } : {}),
    };
  }
  if (kind !== 'pods' || !isItem(item.status)) return item;
  const status: Item = { ...item.status };
  for (const key of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'])
    if (Array.isArray(status[key])) status[key] = list(status[key]).map(ownStatus);
  return { ...item, status };
}

function ownStatus(container: Item): Item {
  const out: Item = { ...container };
  for (const key of ['state', 'lastState']) {
    const ended = at(container, key, 'terminated');
    if (!isItem(ended) || endedByRuntime(ended)) continue;
    const { message: _, ...rest } = ended;
    out[key] = { ...(out[key] as Item), terminated: rest };
  }
  return out;
}

const isItem = (v: unknown): v is Item => typeof v === 'object' && v !== null && !Array.isArray(v);
