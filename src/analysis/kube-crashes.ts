/** Rule: containers that end again and again, and what ended them: memory, a probe, a signal, a command, themselves. */
import { MINUTE, toMs } from '../core/time.ts';
import { type Cluster, warned } from './kube-cluster.ts';
import { at, type Item, list, text } from './kube-objects.ts';
import { endedByRuntime, ownWords } from './kube-own-words.ts';
import { probeFault } from './kube-probe-fault.ts';
import { saidBy, type Told } from './kube-told.ts';

/** Exit codes of shells and of signals (128 + signal number) that say what ended a process. */
const EXITS: Record<number, Omit<Told, 'quote' | 'strength'>> = {
  126: { rule: 'its command cannot be executed (exit code 126)', category: 'config-change' },
  127: { rule: 'its command is not found (exit code 127)', category: 'config-change' },
  128: { rule: 'its container cannot be started (exit code 128)', category: 'config-change' },
  132: { rule: 'it ends by an illegal instruction (SIGILL)', category: 'code-change' },
  134: { rule: 'it aborts itself (SIGABRT)', category: 'code-change' },
  139: { rule: 'it ends by a segmentation fault (SIGSEGV)', category: 'code-change' },
};

const MEMORY = /OOM[- ]?kill|memory limit too low/i;

/** What a container says that was killed for its memory, crashes or cannot be started. */
export function readCrash(pod: Item, container: Item, spec: Item | undefined, cluster: Cluster): Told | undefined {
  const ready = container.ready === true;
  const reason = text(at(container, 'state', 'waiting', 'reason'));
  const ended = [at(container, 'state', 'terminated'), at(container, 'lastState', 'terminated')].find(
    (t) => t !== undefined && t !== null,
  );
  const code = Number(at(ended, 'exitCode') ?? 0);
  if (at(ended, 'reason') === 'OOMKilled')
    return { ...memory('OOMKilled', ready ? 0.5 : 0.9), field: endField('reason', 'OOMKilled') };
  if (ready) return restarting(pod, container, spec, cluster);
  const waits = text(at(container, 'state', 'waiting', 'message'));
  const own = waits || text(at(ended, 'message'));
  // What a process says of itself at its end is no word of the kubelet's.
  if (MEMORY.test(waits || (endedByRuntime(ended) ? own : ''))) return memory(own, 0.9);
  if (
    /^(?:CreateContainerError|RunContainerError|StartError|ContainerCannotRun)$/.test(
      reason || text(at(ended, 'reason')),
    )
  )
    return { rule: 'its container cannot be started', category: 'config-change', strength: 0.9, ...startFailure() };
  if (reason !== 'CrashLoopBackOff' && code === 0) return undefined;

  const events = cluster.eventsOf(pod);
  const oom = events.find((e) => e.warning && MEMORY.test(ownWords(e.reason, e.message)));
  if (oom) return { ...memory('', 0.9), ...saidBy(oom) };
  const hook = warned(events, /^FailedPostStartHook$/);
  if (hook) return crash('its postStart hook fails', 0.9, saidBy(hook));
  const probed = killedByProbe(events, spec);
  if (probed) return probed;
  const known = EXITS[code];
  if (known) return { ...known, rule: `${prefix()}${known.rule}`, strength: 0.85, ...byCode() };
  if (code === 137)
    return { ...memory('', 0.75), ...byCode(), rule: `${prefix()}it is killed (SIGKILL, exit code 137)` };
  // The same image ran before: without a release, which would be accused itself, its settings or surroundings differ.
  const said = own.length > 0 && !/^back-off/.test(own) ? own : '';
  const field =
    code > 0
      ? endField('exitCode', String(code))
      : { path: [...statusPath(pod, container), 'state', 'waiting', 'reason'], is: reason };
  const told = crash(code > 0 ? `its container ends with exit code ${code}` : 'its container ends', 0.7, {
    quote: said || own || reason || `exit code ${code}`,
  });
  return { ...told, field, symptom: true };

  /** A field of the end that is told. */
  function endField(name: string, is: string): NonNullable<Told['field']> {
    const which = at(container, 'state', 'terminated') === ended ? 'state' : 'lastState';
    return { path: [...statusPath(pod, container), which, 'terminated', name], is };
  }
  function byCode(): Pick<Told, 'quote' | 'field'> {
    return { quote: own || `exit code ${code}`, field: endField('exitCode', String(code)) };
  }

  function prefix(): string {
    return reason === '' ? '' : `${reason}: `;
  }
  function crash(rule: string, strength: number, quote: Pick<Told, 'quote' | 'quoted'>): Told {
    return { rule: `${prefix()}${rule}`, category: 'config-change', strength, ...quote };
  }
  function startFailure(): Pick<Told, 'quote' | 'quoted'> {
    const failed = warned(cluster.eventsOf(pod), /^Failed$/);
    return own === '' && failed ? saidBy(failed) : { quote: own || reason };
  }
}

/** A container that ended so shortly before will end again, ms. */
const RECENT = 5 * MINUTE;
/** Restarts that are no accident, where nothing says why. */
const OFTEN = 3;

/** A container that is well at this moment, between two ends. */
function restarting(pod: Item, container: Item, spec: Item | undefined, cluster: Cluster): Told | undefined {
  const last = at(container, 'lastState', 'terminated');
  const restarts = Number(container.restartCount ?? 0);
  const ago = cluster.now - toMs(text(at(last, 'finishedAt')));
  if (restarts === 0 || !(ago <= RECENT) || at(last, 'exitCode') === 0) return undefined;
  const probed = killedByProbe(cluster.eventsOf(pod), spec);
  if (probed) return probed;
  if (restarts < OFTEN) return undefined;
  const field = { path: [...statusPath(pod, container), 'restartCount'], is: String(container.restartCount) };
  const rule = `its container restarts again and again (${restarts} times, exit code ${String(at(last, 'exitCode'))})`;
  return { rule, category: 'config-change', strength: 0.4, symptom: true, quote: `${restarts} restarts`, field };
}

/** Where the status of a container stands. */
function statusPath(pod: Item, container: Item): string[] {
  const init = list(at(pod, 'status', 'initContainerStatuses')).includes(container);
  return ['status', init ? 'initContainerStatuses' : 'containerStatuses', text(container.name)];
}

const memory = (quote: string, strength: number): Told => ({
  rule: 'OOMKilled: its container needs more memory than its limit',
  category: 'resource-exhaustion',
  strength,
  quote,
});

/** A liveness or startup probe that fails makes the kubelet kill a container that may be well. */
function killedByProbe(events: ReturnType<Cluster['eventsOf']>, spec: Item | undefined): Told | undefined {
  const killed = events.find((e) => e.reason === 'Killing' && /failed (?:liveness|startup) probe/i.test(e.message));
  const failing = warned(events, /^Unhealthy$/, /^(?:Liveness|Startup) probe (?:failed|errored)/i);
  if (!killed || !failing) return undefined;
  const which = /^startup/i.test(failing.message) ? 'startup' : 'liveness';
  const fault = probeFault(failing.message, at(spec, `${which}Probe`), spec);
  return {
    rule: `its ${which} probe kills its container${fault ? `: ${fault}` : ''}`,
    category: 'config-change',
    strength: fault ? 0.9 : 0.8,
    ...saidBy(failing),
  };
}
