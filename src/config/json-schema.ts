/** The config's shape as JSON Schema, for editors: from the same source as our own messages. */
import { isObject } from '../core/fields.ts';
import { plainJsonSchema } from './schema.ts';

/** Draft 2020-12; every object may hold a remark under the key "//". */
export const configJsonSchema = (): object => withRemarks(plainJsonSchema()) as object;

function withRemarks(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withRemarks);
  if (!isObject(schema)) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withRemarks(value)]));
  if (schema.type !== 'object' || !isObject(schema.properties)) return inner;
  const remark = { description: 'a remark', type: ['string', 'array'], items: { type: 'string' } };
  return { ...inner, properties: { '//': remark, ...(inner.properties as object) } };
}
