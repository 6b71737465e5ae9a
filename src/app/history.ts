/** Our own past runs as a source: `incidents.similar`. A similar run is a prior for people, never evidence of a cause. */

import type { SimilarRun } from '../core/capabilities.ts';
import { UserError } from '../core/errors.ts';
import { plural } from '../core/text.ts';
import type { RunSummary } from '../journal/runs.ts';
import { answer, type OpenSource, tool } from '../tools/tool.ts';

const SCANNED = 500;
const SHOWN = 5;

/** The newest runs of a folder, or of an engine. */
export type PastRuns = (limit: number) => Promise<RunSummary[]>;

/** Past runs as a source. `self` is the run that asks and never finds itself. */
export function historySource(past: PastRuns, self: string): OpenSource {
  return {
    name: 'history',
    tools: [
      tool(
        'history',
        'incidents.similar',
        'Earlier investigations of ours with the same fingerprint, or the same service and title.',
        async (q) => {
          const searched = `our finished runs with fingerprint ${q.fingerprint}, or service ${q.service ?? 'any'} and the same title`;
          const all = await past(SCANNED).catch((e: unknown) => {
            if (e instanceof UserError) return e;
            throw e;
          });
          if (all instanceof UserError)
            return answer.problem('failed', {
              summary: 'the list of runs cannot be read',
              searched,
              problem: all.message,
            });
          const runs = all.filter((r) => r.id !== self && r.state === 'finished' && r.startedAt <= q.to);
          const found = runs.filter(
            (r) => r.fingerprint === q.fingerprint || (r.service === q.service && r.title === q.title),
          );
          const rest = { searched, trust: 'clean' as const };
          if (found.length === 0)
            return answer.empty<'incidents.similar'>(
              { runs: [] },
              { ...rest, summary: `no similar run among ${runs.length}` },
            );
          const shown = found.slice(0, SHOWN).map(toSimilar);
          return answer.ok<'incidents.similar'>(
            { runs: shown },
            { ...rest, summary: `${plural(found.length, 'similar run')}` },
          );
        },
      ),
    ],
    check: () => Promise.resolve([]),
  };
}

const toSimilar = (r: RunSummary): SimilarRun => ({
  id: r.id,
  at: r.startedAt,
  title: r.title,
  ...(r.service ? { service: r.service } : {}),
  outcome: r.outcome ?? 'unknown',
  ...(r.headline ? { claim: r.headline } : {}),
  confidence: r.confidence ?? 0,
  ...(r.feedback ? { feedback: r.feedback } : {}),
});
