/** The last gate before a stream: whatever is written, no configured key or token leaves in any encoding. */
import { knownValues } from './redact-known.ts';
import { replace, union } from './redact-spans.ts';

/** A function that masks these values wherever they stand, or undefined where there are none. */
export function scrubber(known: readonly string[]): ((text: string) => string) | undefined {
  const rule = knownValues(known, 'known');
  if (!rule) return undefined;
  return (text) => {
    const spans = union(rule(text, () => {}));
    return spans.length === 0 ? text : replace(text, spans);
  };
}

/** Puts the scrubber before everything that is written to the stream from now on. Bytes are passed as they are. */
export function guardStream(stream: NodeJS.WritableStream, known: readonly string[]): void {
  const scrub = scrubber(known);
  if (!scrub) return;
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
  stream.write = ((chunk: unknown, ...rest: unknown[]) =>
    write(typeof chunk === 'string' ? scrub(chunk) : chunk, ...rest)) as typeof stream.write;
}
