/** What a pod says plainly: killed, waiting for an image or a setting, crashing, not scheduled, not ready. */
import type { Category } from '../core/types.ts';
import { at, list, nameOf, type Reading, text, workloadOf } from './kube-objects.ts';

const WAITING: [RegExp, string, Category, number][] = [
  [
    /^(?:ImagePullBackOff|ErrImagePull|InvalidImageName|ErrImageNeverPull)$/,
    'the image cannot be pulled',
    'config-change',
    0.9,
  ],
  [/^CreateContainer(?:Config)?Error$/, 'the container cannot be created', 'config-change', 0.9],
  [/^RunContainerError$/, 'the container cannot be started', 'config-change', 0.85],
  // The same image ran before: without a release, which would be accused itself, its settings or surroundings differ.
  [/^CrashLoopBackOff$/, 'the container crashes again and again', 'config-change', 0.7],
];

export function readPod(pod: unknown): Reading[] {
  if (/Succeeded|Completed/.test(text(at(pod, 'status', 'phase')))) return [];
  const base = { object: nameOf(pod), service: workloadOf(pod), level: 'service' as const };
  const out: Reading[] = [];
  const statuses = [
    ...list(at(pod, 'status', 'containerStatuses')),
    ...list(at(pod, 'status', 'initContainerStatuses')),
  ];
  for (const c of statuses) {
    const ready = at(c, 'ready') === true;
    const killed = [at(c, 'state', 'terminated'), at(c, 'lastState', 'terminated')].find(
      (t) => at(t, 'reason') === 'OOMKilled' || at(t, 'exitCode') === 137,
    );
    if (killed && (!ready || at(killed, 'reason') === 'OOMKilled')) {
      const strength = ready ? 0.5 : 0.9;
      out.push({
        ...base,
        rule: 'the container was killed for its memory',
        category: 'resource-exhaustion',
        strength,
        quote: text(at(killed, 'reason')) || 'exit code 137',
      });
      continue;
    }
    const reason = text(at(c, 'state', 'waiting', 'reason'));
    const known = WAITING.find(([pattern]) => pattern.test(reason));
    if (known) {
      const message = text(at(c, 'state', 'waiting', 'message'));
      out.push({ ...base, rule: known[1], category: known[2], strength: known[3], quote: message || reason });
    }
  }
  if (out.length > 0) return out;
  const scheduled = list(at(pod, 'status', 'conditions')).find(
    (c) => c.type === 'PodScheduled' && c.status === 'False',
  );
  if (scheduled) {
    const why = text(scheduled.message);
    const category: Category = /insufficient|exceeded|quota/i.test(why) ? 'resource-exhaustion' : 'config-change';
    const field = { path: ['status', 'conditions', 'PodScheduled', 'status'], is: 'False' };
    const quote = why || 'PodScheduled False';
    return [{ ...base, rule: 'the pod cannot be scheduled', category, strength: 0.85, quote, field }];
  }
  const unready = list(at(pod, 'status', 'conditions')).find((c) => c.type === 'Ready' && c.status === 'False');
  if (unready && text(at(pod, 'status', 'phase')) === 'Running') {
    return [
      {
        ...base,
        rule: 'the pod runs but is not ready',
        category: 'config-change',
        strength: 0.6,
        quote: text(unready.message) || 'Ready False',
        field: { path: ['status', 'conditions', 'Ready', 'status'], is: 'False' },
      },
    ];
  }
  return [];
}
