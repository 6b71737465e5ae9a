/** `metrics.range` of a bundle: the recorded series of one service, node or metric, inside a window. */
import type { Questions } from '../../core/capabilities.ts';
import type { Series } from '../../core/telemetry.ts';
import { count, plural } from '../../core/text.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import { fitSeries } from '../_fit.ts';
import { sampleOf } from '../_series-text.ts';
import type { BundleData } from './_data.ts';
import { reading, recorded, sentences } from './_recorded.ts';
import { type Names, searchedIn } from './_service.ts';
import { within } from './_timed.ts';

type Question = Questions['metrics.range'];

export function metricsTool(name: string, data: BundleData, read: () => Promise<Series[]>, names: Names): Tool {
  const about =
    'Series of a service (its own, its instances, the calls it makes and serves) or of a node; `query` names one metric.';
  return tool(name, 'metrics.range', about, (question, ctx) => {
    ctx.signal.throwIfAborted();
    const { service, node, query, kinds } = question;
    const searched = searchedIn('metrics.jsonl', data.info.name, question, {
      service,
      node,
      query,
      kinds: kinds?.join('|'),
    });
    return reading(searched, async () => {
      const all = await read();
      const found = select(all, question, names);
      if (query !== undefined && found.length === 0) {
        return answer.problem('failed', {
          summary: 'no recorded series has the name of a metric in the query',
          searched,
          problem: sentences([
            'A bundle holds series and cannot evaluate an expression; ask for the service instead',
            ...[data.trouble('metrics')?.problem].filter((t) => t !== undefined),
          ]),
        });
      }
      const inside = found.map((s) => part(s, question, data.now)).filter((s) => s.times.length > 0);
      const { series, truncated } = fitSeries(inside);
      const samples = inside.reduce((n, s) => n + s.times.length, 0);
      if (samples === 0) {
        const known =
          found.length > 0 ? `, though ${plural(found.length, 'series', 'series')} exist outside of it` : '';
        const rest = { summary: `no sample in this window${known}`, searched, trust: 'clean' as const };
        return recorded(data, 'metrics', [question], answer.empty<'metrics.range'>({ series: [] }, rest));
      }
      const complete = answer.ok<'metrics.range'>(
        { series },
        {
          summary: `${plural(inside.length, 'series', 'series')}, ${count(samples)} samples`,
          searched,
          sample: sampleOf(inside),
          trust: 'clean',
          ...(truncated && { truncated }),
        },
      );
      return recorded(data, 'metrics', [question], complete);
    });
  });
}

function select(all: Series[], { service, node, query, kinds }: Question, names: Names): Series[] {
  const wanted = service === undefined ? undefined : names(service);
  const metrics = query === undefined ? undefined : new Set(query.match(/[a-zA-Z_:][\w:.]*/g));
  const equal = query === undefined ? [] : equalities(query);
  const isOf = ({ labels }: Series): boolean =>
    wanted === undefined ||
    [labels.service, labels.caller, labels.callee].some((n) => n !== undefined && wanted.has(n));
  return all.filter(
    (s) =>
      isOf(s) &&
      (node === undefined || s.labels.node === node) &&
      (metrics === undefined || s.labels.__name__ === query || metrics.has(s.labels.__name__ ?? '')) &&
      equal.every(([label, value]) => s.labels[label] === undefined || s.labels[label] === value) &&
      // A series whose kind was not recorded may be any: the reader judges by its name.
      (kinds === undefined || s.kind === undefined || kinds.includes(s.kind)),
  );
}

/** `label="value"` of an expression: what a series says otherwise is not meant. */
const equalities = (query: string): [string, string][] =>
  [...query.matchAll(/(\w+)\s*=\s*"([^"\\]*)"/g)].map((m) => [m[1] as string, m[2] as string]);

function part(s: Series, question: Question, now: number): Series {
  const [first, last] = within(s.times, question, now);
  return { ...s, times: s.times.slice(first, last), values: s.values.slice(first, last) };
}
