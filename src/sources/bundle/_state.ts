/** `state.list` of a bundle: Kubernetes objects as `kubectl get <kind> -o json` printed them. */
import { byText, canonical } from '../../core/canonical.ts';
import { plural } from '../../core/text.ts';
import { toMs } from '../../core/time.ts';
import type { Answer } from '../../core/types.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import { fitItems } from '../_fit.ts';
import type { BundleData } from './_data.ts';
import { isObject } from './_info.ts';
import { readable, reading, recorded, sentences } from './_recorded.ts';
import { type Names, searchedIn } from './_service.ts';

type Item = Record<string, unknown>;

/** Where not everything fits: what shows most of a fault comes first. */
const FIRST = ['pods', 'events', 'deployments', 'statefulsets', 'nodes', 'daemonsets', 'replicasets', 'services'];

export function stateTool(name: string, data: BundleData, names: Names): Tool {
  const kinds = data.kubernetes.map((k) => k.kind).sort(byText);
  const about = `Kubernetes objects as they stood at the end; kinds: ${kinds.join(', ')}. With a service: its own only.`;
  return tool(name, 'state.list', about, (question, ctx) => {
    ctx.signal.throwIfAborted();
    const { kind, service } = question;
    const searched = searchedIn('kubernetes', data.info.name, question, { kind, service });
    return reading(searched, async () => {
      const asked = data.kubernetes.filter((k) => kind === undefined || sameKind(k.kind, kind));
      if (asked.length === 0) {
        return answer.problem('failed', {
          summary: `${kind} were not recorded`,
          searched,
          problem: `The bundle holds these kinds: ${kinds.join(', ')}.`,
        });
      }
      const all: { kind: string; item: Item }[] = [];
      const broken: string[] = [];
      for (const k of asked.sort((a, b) => place(a.kind) - place(b.kind) || byText(a.kind, b.kind))) {
        const file = await readable(k.read);
        if (file.problem !== undefined) broken.push(file.problem);
        const items = itemsOf(file.read)
          .filter((item) => happened(item) <= data.now)
          .filter((item) => service === undefined || [...names(service)].some((n) => belongs(item, n)));
        all.push(...inOrder(items).map((item) => ({ kind: k.kind, item: withoutHistory(item) })));
      }
      const kept = fitItems(all, 'first');
      const objects = asked
        .map((k) => ({ kind: k.kind, items: kept.filter((x) => x.kind === k.kind).map((x) => x.item as unknown) }))
        // A kind of which nothing fits is named all the same: it can be asked for alone.
        .filter((o) => all.some((x) => x.kind === o.kind));
      const rest = { searched, trust: 'clean' as const };
      if (broken.length === asked.length) {
        const problem = sentences(broken);
        return answer.problem('failed', { summary: problem, searched, problem });
      }
      if (all.length === 0) {
        const none = answer.empty<'state.list'>({ objects: [] }, { ...rest, summary: 'no object' });
        return without(broken, recorded(data, 'kubernetes', [question], none));
      }
      const complete = answer.ok<'state.list'>(
        { objects },
        {
          ...rest,
          summary: `${plural(all.length, 'object')} of ${plural(objects.length, 'kind')}`,
          ...(kept.length < all.length && { truncated: { kept: kept.length, of: all.length, what: 'objects' } }),
        },
      );
      return without(broken, recorded(data, 'kubernetes', [question], complete));
    });
  });
}

/** The answer, turned to `partial` where the files of some kinds cannot be read. */
const without = (broken: string[], a: Answer<'state.list'>): Answer<'state.list'> =>
  broken.length === 0
    ? a
    : { ...a, status: 'partial', problem: sentences([...(a.problem === undefined ? [] : [a.problem]), ...broken]) };

const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Without who wrote which field when, and the copy of itself that `kubectl apply` keeps: half of many an object. */
function withoutHistory(item: Item): Item {
  if (!isObject(item.metadata)) return item;
  const { managedFields: _, annotations, ...metadata } = item.metadata;
  if (!isObject(annotations)) return { ...item, metadata };
  const { [APPLIED]: _applied, ...kept } = annotations;
  return { ...item, metadata: { ...metadata, annotations: kept } };
}

/** The objects of a file: a List, a plain list, or one object. */
export function itemsOf(file: unknown): Item[] {
  if (Array.isArray(file)) return file.filter(isObject);
  if (!isObject(file)) return [];
  return Array.isArray(file.items) ? file.items.filter(isObject) : [file];
}

function place(kind: string): number {
  const i = FIRST.indexOf(kind);
  return i < 0 ? FIRST.length : i;
}

const sameKind = (file: string, asked: string): boolean => {
  const bare = (s: string): string => s.toLowerCase().replace(/(?<=ss)es$|s$/, '');
  return bare(file) === bare(asked);
};

/** Time of an event; objects without one stood as they are at `now`. */
function happened(item: Item): number {
  const time = item.lastTimestamp ?? item.eventTime;
  const ms = typeof time === 'string' ? toMs(time) : Number.NaN;
  return Number.isNaN(ms) ? Number.NEGATIVE_INFINITY : ms;
}

/** Whether an object is the service's own: by its name, by the usual labels and selectors, or as an event about it. */
function belongs(item: Item, service: string): boolean {
  const at = (value: unknown, ...path: string[]): unknown =>
    path.reduce((v: unknown, key) => (isObject(v) ? v[key] : undefined), value);
  const objects = [at(item, 'metadata', 'name'), at(item, 'involvedObject', 'name'), at(item, 'regarding', 'name')];
  const labels = [
    at(item, 'metadata', 'labels'),
    at(item, 'spec', 'selector'),
    at(item, 'spec', 'selector', 'matchLabels'),
  ];
  return (
    objects.some((n) => typeof n === 'string' && (n === service || n.startsWith(`${service}-`))) ||
    labels.some((l) =>
      ['app', 'app.kubernetes.io/name', 'k8s-app', 'name', 'service'].some((k) => at(l, k) === service),
    )
  );
}

function inOrder(items: Item[]): Item[] {
  const texts = new Map(items.map((i) => [i, canonical(i)]));
  const named = (i: Item): string => {
    const metadata = isObject(i.metadata) ? i.metadata : {};
    return `${String(metadata.namespace ?? '')}/${String(metadata.name ?? '')}`;
  };
  return [...items].sort(
    (a, b) => byText(named(a), named(b)) || byText(texts.get(a) as string, texts.get(b) as string),
  );
}
