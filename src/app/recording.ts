/** The sources of a bundle that was recorded from a run: its answers first, its files for what was never asked. */
import type { ToolSpec } from '../core/types.ts';
import type { OpenSource } from '../tools/tool.ts';
import { openRecording, type Recording } from './record.ts';
import { recordedSources } from './recorded.ts';

/** Undefined where the folder holds no recorded answers. */
export async function recordingSources(
  dir: string,
  bundle: OpenSource,
): Promise<{ sources: OpenSource[]; recording: Recording } | undefined> {
  const recording = await openRecording(dir);
  if (!recording) return undefined;
  const sources = recordedSources(recording.tools, recording.lookup, {
    async otherwise(spec: ToolSpec, question: unknown, signal: AbortSignal) {
      const tool = bundle.tools.find((t) => t.capability === spec.capability);
      return tool?.run(question as never, { signal });
    },
  });
  return { sources, recording };
}
