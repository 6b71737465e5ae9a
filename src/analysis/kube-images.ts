/** Rule: an image that cannot be pulled, and why, in the words of the container runtime. */
import type { Category } from '../core/types.ts';
import { type Cluster, warned } from './kube-cluster.ts';
import { at, type Item, text } from './kube-objects.ts';
import type { Told } from './kube-told.ts';

const WAITING = /^(?:ImagePullBackOff|ErrImagePull|InvalidImageName|ErrImageNeverPull|RegistryUnavailable)$/;

/** Why a pull fails; the first that matches: a name that is not found is no image that is not found. */
const CAUSES: [RegExp, string, Category][] = [
  [
    /no such host|server misbehaving|name resolution|dial tcp: lookup/i,
    'the name of its image registry cannot be resolved (DNS)',
    'infrastructure',
  ],
  [/x509|certificate/i, 'the certificate of its image registry is not accepted', 'infrastructure'],
  [/toomanyrequests|rate limit|status: 429/i, 'its image registry refuses more pulls (rate limit)', 'infrastructure'],
  [/no space left/i, 'there is no space on the node for its image', 'resource-exhaustion'],
  [
    /unauthorized|authori[sz]e|authentication|denied|forbidden|no basic auth|status: 40[13]/i,
    'the pull of its image is not authorised (image pull secret)',
    'config-change',
  ],
  [
    /not found|manifest unknown|does not exist|no match(?:ing manifest)? for platform/i,
    'its image does not exist in the registry (name or tag)',
    'config-change',
  ],
  [
    /timeout|timed out|connection refused|connection reset|unreachable|no route|deadline exceeded|\bEOF\b|50[0234]/i,
    'its image registry cannot be reached',
    'infrastructure',
  ],
];

/** What a container says that waits for its image; undefined where it waits for something else. */
export function readImage(pod: Item, container: Item, cluster: Cluster): Told | undefined {
  const waiting = at(container, 'state', 'waiting');
  const reason = text(at(waiting, 'reason'));
  if (!WAITING.test(reason)) return undefined;
  const events = cluster.eventsOf(pod);
  const image = text(container.image);
  const failed =
    events.find((e) => e.warning && /failed to pull/i.test(e.message) && e.message.includes(image)) ??
    warned(events, /^Failed|InspectFailed/, /failed to pull|invalid|parse/i);
  const own = text(at(waiting, 'message'));
  const said =
    failed && !/pull|parse|invalid/i.test(own.replace(/^Back-off pulling image[^:]*/, '')) ? failed.message : own;
  const why = CAUSES.find(([pattern]) => pattern.test(`${said} ${own}`));
  if (reason === 'InvalidImageName') return told('the name of its image is not valid', 'config-change');
  if (reason === 'ErrImageNeverPull')
    return told('its image is not on the node, and its pull policy is Never', 'config-change');
  const unknown = warned(events, /^FailedToRetrieveImagePullSecret$/);
  if (unknown && why?.[2] === 'config-change')
    return {
      ...told('its image pull secret does not exist', 'config-change'),
      quote: unknown.message,
      quoted: 'events',
    };
  return told(why?.[1] ?? 'its image cannot be pulled', why?.[2] ?? 'config-change');

  function told(rule: string, category: Category): Told {
    const event = said !== own || own === '';
    return {
      rule: `${reason}: ${rule}`,
      category,
      strength: 0.9,
      quote: said || reason,
      ...(event && said ? { quoted: 'events' } : {}),
    };
  }
}
