/** Spans, what is counted in them, and whole traces. */
import { defined } from '../../core/defined.ts';
import { type Answers, APMTraceApi, SpansApi } from './_package.ts';
import { at, list, number, object, page, text, texts, time, word } from './_read.ts';
import { bucketOf, computeOf, filterOf, groupsOf, moreOf, searchOf } from './_searching.ts';
import type { DatadogSpan } from './_shapes.ts';

export const listSpans: Answers<'v2.listSpans'> = async (input, { config }) => {
  const answer = await new SpansApi(config).listSpans({
    body: { data: { type: 'search_request', attributes: searchOf(input) } },
  });
  return page(
    answer.data,
    'data',
    ({ attributes: a }) => {
      const custom = object(a?.custom);
      const [start, end] = [time(a?.startTimestamp), time(a?.endTimestamp)];
      if (!a?.traceId || !a.spanId || start === undefined) return undefined;
      const nanos = number(custom.duration);
      return spanOf({
        traceId: a.traceId,
        spanId: a.spanId,
        parentId: a.parentId,
        service: a.service ?? '',
        name: text(a.additionalProperties?.operation_name) ?? text(custom.operation_name),
        resource: text(a.resourceName),
        type: text(a.type),
        env: text(a.env),
        host: text(a.host),
        version: text(custom.version),
        start,
        durationMs: nanos === undefined ? (end ?? start) - start : nanos / 1e6,
        error: word(a.additionalProperties?.status) === 'error' || custom.error !== undefined,
        tags: texts(a.tags),
        attributes: { ...object(a.attributes), ...custom },
      });
    },
    moreOf(answer.meta),
  );
};

/** The root of a trace has the parent "0". */
const spanOf = ({ parentId, ...span }: { [K in keyof DatadogSpan]: DatadogSpan[K] | undefined }): DatadogSpan =>
  defined({ ...span, parentId: parentId === '0' || parentId === '' ? undefined : parentId });

/**
 * A whole trace. Ids are 64 bits and sent as JSON numbers, which lose their last digits in JavaScript: they are read from
 * the text, in which they are made strings first. A key cannot be mistaken: inside of a JSON string its quotes are escaped.
 */
export const getTraceByID: Answers<'v2.getTraceByID'> = async ({ traceId }, { config, raw }) => {
  const { data } = await new APMTraceApi(config).getTraceByID({ traceId });
  const quoted = raw((text) => text.replace(/(?<!\\)"(spanID|parentID|traceID)"\s*:\s*(\d+)/g, '"$1":"$2"'));
  const exact = at(quoted, 'data', 'attributes', 'spans') as unknown[];
  const { items } = page(list(data.attributes.spans, 'spans'), 'spans', (s, i) => {
    const [id, parent] = [text(at(exact[i], 'spanID')), text(at(exact[i], 'parentID'))];
    if (id === undefined) return undefined;
    return spanOf({
      traceId: s.traceIdFull,
      spanId: id,
      parentId: parent,
      service: s.service,
      name: text(s.name),
      resource: text(s.resource),
      type: text(s.type),
      env: text(s.meta.env),
      host: text(s.meta.hostname),
      version: text(s.meta.version),
      start: s.startTime / 1e6,
      durationMs: s.duration / 1e6,
      error: s.error === 1,
      tags: [],
      attributes: { ...s.metrics, ...s.meta },
    });
  });
  return { spans: items, truncated: data.attributes.isTruncated };
};

export const aggregateSpans: Answers<'v2.aggregateSpans'> = async (input, { config }) => {
  const attributes = defined<object>({
    compute: input.compute.map(computeOf),
    filter: filterOf(input),
    groupBy: groupsOf(input.groupBy),
  });
  const answer = await new SpansApi(config).aggregateSpans({
    body: { data: { type: 'aggregate_request', attributes } },
  });
  // Its description says "computes", the real one sends "compute".
  const read = (b: { attributes?: { by?: unknown; computes?: unknown; compute?: unknown } }) =>
    bucketOf(b.attributes?.by, b.attributes?.computes ?? b.attributes?.compute);
  return page(answer.data, 'data', read, { meta: answer.meta });
};
