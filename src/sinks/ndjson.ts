/** `--events`: the stream as the journal holds it, one JSON line an event. */
import type { Event } from '../core/events.ts';
import type { Sink } from '../core/ports.ts';
import { quietWriter } from './quiet-writer.ts';

export interface NdjsonOptions {
  stream: NodeJS.WritableStream;
  /** The journal's own line for an event, so that both are equal byte for byte. */
  line(event: Event): string;
  /** The reader is gone. */
  onClosed?: () => void;
}

/** Opens it; the stream stays open when the sink closes. */
export function openNdjson({ stream, line, onClosed }: NdjsonOptions): Sink {
  const out = quietWriter(stream, onClosed);
  return {
    on(event) {
      const text = line(event);
      return out.write(text.endsWith('\n') ? text : `${text}\n`);
    },
  };
}
