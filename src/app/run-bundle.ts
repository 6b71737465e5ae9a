/** One recorded incident from alert to verdict, in memory: what eval runs. */
import { resolve } from 'node:path';
import type { Config } from '../config/load.ts';
import type { Load, Log } from '../core/ports.ts';
import type { State } from '../core/run-state.ts';
import { range, toIso, toMs } from '../core/time.ts';
import type { Alert, Finding, Step, Window } from '../core/types.ts';
import type { Verdict } from '../core/verdict.ts';
import { memoryBlobs } from '../journal/blobs.ts';
import { choosePlaybook } from '../workflow/match.ts';
import { planWindow } from '../workflow/window.ts';
import type { Further } from './agent.ts';
import { takeIn } from './intake.ts';
import { loadPlaybooks } from './playbooks.ts';
import { loadPlugins } from './plugins.ts';
import { recordingSources } from './recording.ts';
import { runWired } from './run.ts';
import { openSource } from './sources.ts';

export interface BundleRun {
  verdict: Verdict;
  findings: Finding[];
  state: State;
  load: Load;
}

const forgetful: Log = { append: () => Promise.resolve() };

/**
 * Investigates the bundle in `dir` with no model, no network and no trace on disk.
 * @param opts.shiftMs moves the alert's start
 * @param opts.cutAt ms; the investigation is asked then, and nothing later is visible
 * @param opts.gate other thresholds than the usual ones
 * @param opts.without parts of the analysis that are left out
 * @param opts.lookback how many times as long the window before the alert is, as far as the recording goes
 */
export async function runBundle(
  dir: string,
  opts: {
    root: string;
    shiftMs?: number;
    cutAt?: number;
    gate?: Config['gate'];
    /** Looks further where the gate escalates. */
    further?: Further;
    /** The model alone: no step is taken before it. */
    agentOnly?: boolean;
    log?: Log;
    lookback?: number;
    without?: string[];
    now: () => number;
  },
): Promise<BundleRun> {
  const { root, shiftMs = 0, cutAt, gate = {}, lookback = 1, now: clock } = opts;
  const folder = resolve(dir);
  const none = (): Promise<Uint8Array> => Promise.resolve(new Uint8Array());
  const subject = await takeIn(undefined, { bundle: folder }, { root, cwd: folder, now: clock, readStdin: none });
  const now = Math.min(subject.now, cutAt ?? subject.now);
  const alert = moved(subject.alert, shiftMs, now);
  const [steps, source] = await Promise.all([
    loadPlugins<Step>(root, 'steps', 'step', 'step'),
    openSource(
      root,
      'bundle',
      {
        type: 'bundle',
        config: {
          dir: folder,
          ...(cutAt === undefined ? {} : { until: toIso(cutAt) }),
          // Spans are joined with their logs where both are read: without logs they are not.
          ...(opts.without?.includes('logs') ? { logs: false } : {}),
        },
        from: folder,
      },
      {
        cwd: folder,
        fetch: () => Promise.reject(new Error('no network in eval')),
        now: () => now,
        services: {},
      },
    ),
  ]);
  const taped = await recordingSources(folder, source);
  const playbooks = await loadPlaybooks(root, [], [...steps.keys()]);
  const named = playbooks.find((p) => p.name === taped?.recording.playbook)?.name;
  const chosen = choosePlaybook(alert, playbooks, named);
  const playbook = opts.agentOnly ? { ...chosen, playbook: { ...chosen.playbook, steps: [] } } : chosen;
  // What was asked was asked of this window; another one would be another question.
  const untouched = shiftMs === 0 && cutAt === undefined && lookback === 1;
  const recorded = subject.recorded ? { recorded: subject.recorded } : {};
  const planned = planWindow({ alert, now, ...recorded });
  const { verdict, findings, state, load } = await runWired(
    {
      run: 'eval',
      config: {
        sources: {},
        services: {},
        gate,
        playbooks: [],
        secrets: [],
        files: [],
        wallMs: 600_000,
        timeoutMs: 600_000,
      },
      sources: taped?.sources ?? [source],
      unavailable: taped?.recording.unavailable ?? [],
      steps,
      playbook: { ...playbook, playbook: { ...playbook.playbook, budget: { wallMs: 600_000, stepMs: 600_000 } } },
      baselines: subject.baselines,
      past: [],
      log: opts.log ?? forgetful,
      blobs: memoryBlobs(),
      sinks: [],
      signal: new AbortController().signal,
      now: clock,
      provisional: false,
      ...(opts.further ? { further: opts.further } : {}),
      ...(opts.without && { without: new Set(opts.without) }),
    },
    {
      alert,
      window: (untouched && taped?.recording.window) || stretched(planned, toMs(alert.startsAt), lookback),
      now: toIso(now),
      origin: subject.origin,
      settings: {},
    },
  );
  await source.close?.();
  return { verdict, findings, state, load };
}

/** The window with the time before the alert `by` times as long; a quarter of what there is stays to compare with. */
function stretched(window: Window, startsAt: number, by: number): Window {
  if (by === 1) return window;
  const first = toMs(window.baseline.from);
  const from = Math.max(startsAt - by * (startsAt - toMs(window.from)), first + (startsAt - first) / 4);
  return { ...range(from, toMs(window.to)), baseline: range(first, from) };
}

/** The alert with its start moved, but never into the future. */
function moved(alert: Alert, shiftMs: number, now: number): Alert {
  return { ...alert, startsAt: toIso(Math.min(toMs(alert.startsAt) + shiftMs, now)) };
}
