/** Rule: a pod that runs and is not ready, or keeps failing its probe, and what its probe says. */

import { readText } from './event-rules.ts';
import { type Cluster, type KubeEvent, warned } from './kube-cluster.ts';
import { at, conditionOf, containersOf, type Item, text } from './kube-objects.ts';
import { ownWords } from './kube-own-words.ts';
import { probeFault } from './kube-probe-fault.ts';
import { saidBy, type Told } from './kube-told.ts';

const READY = ['status', 'conditions', 'Ready', 'status'];
/** A probe that failed so shortly before the newest event still fails, ms. */
const FRESH = 60_000;
/** A container that starts fails its probe a few times. */
const OFTEN = 6;

/** What a running pod says that gets no traffic, or loses it again and again. */
export function readUnready(pod: Item, cluster: Cluster): Told | undefined {
  if (at(pod, 'status', 'phase') !== 'Running') return undefined;
  const ready = conditionOf(pod, 'Ready');
  const events = cluster.eventsOf(pod);
  const failing = warned(events, /^Unhealthy$/, /^(?:Readiness|Startup) probe (?:failed|errored)/i);
  if (ready?.status !== 'False') return failing && keepsFailing(failing, cluster) ? byEvent(failing) : undefined;
  const gate = text(ready.reason) === 'ReadinessGatesNotReady';
  if (gate)
    return told('its readiness gates are not fulfilled', 0.6, {
      quote: text(ready.message) || 'ReadinessGatesNotReady',
    });
  if (failing === undefined)
    return told('it runs but is not ready', 0.6, { quote: text(ready.message) || 'Ready False' });
  const owner = cluster.ownerOf(pod);
  const probe = /^startup/i.test(failing.message) ? 'startupProbe' : 'readinessProbe';
  const container = containersOf(owner ?? pod).find((c) => c[probe] !== undefined);
  const fault = probeFault(failing.message, container?.[probe], container);
  if (fault)
    return told(
      `its ${probe === 'startupProbe' ? 'startup' : 'readiness'} probe is wrong: ${fault}`,
      0.85,
      saidBy(failing),
    );
  const plain = stated(failing);
  // That it is not ready is the kubelet's word, whoever told why.
  if (plain) return { ...plain, field: { path: READY, is: 'False' } };
  return told('it runs but its readiness probe fails', 0.65, saidBy(failing));

  function told(rule: string, strength: number, quote: Pick<Told, 'quote' | 'quoted'>): Told {
    const wrong = / is wrong: /.test(rule);
    return {
      rule: `Unhealthy: ${rule}`,
      category: 'config-change',
      strength,
      ...quote,
      ...(quote.quoted === undefined ? { field: { path: READY, is: 'False' } } : {}),
      ...(wrong ? {} : { symptom: true as const }),
    };
  }
}

const keepsFailing = (e: KubeEvent, cluster: Cluster): boolean => e.count >= OFTEN && cluster.newest - e.last <= FRESH;

/** Of a pod that is ready in between, the kubelet's own event tells that its probe keeps failing. */
function byEvent(failing: KubeEvent): Told | undefined {
  const told = stated(failing);
  if (!told || failing.name === '') return told;
  const of = { kind: 'events', object: failing.name };
  return { ...told, field: { path: ['reason'], is: failing.reason, of } };
}

/** A probe whose answer names a condition plainly: too many connections, no space left. */
function stated(failing: KubeEvent): Told | undefined {
  const said = readText(failing.message);
  if (!said) return undefined;
  return {
    rule: `Unhealthy: its probe is answered by ${said.what}`,
    category: said.category,
    strength: said.strength,
    ...(said.ofServer === true ? { refuses: true as const } : {}),
    ...(readText(ownWords(failing.reason, failing.message))?.what === said.what ? {} : { foreign: true as const }),
    ...saidBy(failing),
  };
}
