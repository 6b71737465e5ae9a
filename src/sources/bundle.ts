/** A recorded incident as a source: each file that is there is a tool, each that is absent does not exist here. */
import { resolve } from 'node:path';
import { UserError } from '../core/errors.ts';
import { plural } from '../core/text.ts';
import type { Check } from '../core/types.ts';
import type { SourcePlugin, Tool } from '../tools/tool.ts';
import { changesTool } from './bundle/_changes.ts';
import { type BundleData, openBundle } from './bundle/_data.ts';
import { eventsTool } from './bundle/_events.ts';
import { logTools } from './bundle/_logs.ts';
import { metricsTool } from './bundle/_metrics.ts';
import { type Names, namesFrom } from './bundle/_service.ts';
import { stateTool } from './bundle/_state.ts';
import { topologyTool } from './bundle/_topology.ts';
import { tracesSummaryTool } from './bundle/_trace-summary.ts';
import { tracesSearchTool } from './bundle/_traces.ts';

export interface BundleConfig {
  /** The folder, absolute or below the working folder. */
  dir: string;
  /** ISO time at which the recording is cut off: nothing later is visible. */
  until?: string;
  /** Characters up to which the records of a file of logs or spans are kept; a larger one is read anew. */
  keptCharacters?: number;
  /** False: as if no log had been recorded, also not joined with spans. */
  logs?: boolean;
}

export const source: SourcePlugin<BundleConfig> = {
  title: 'Recorded incident (a folder, BUNDLE.md)',
  async open(name, config, env) {
    if (typeof config.dir !== 'string' || config.dir === '') {
      throw new UserError(`the source "${name}" needs "dir", the folder of a bundle`);
    }
    const whole = await openBundle(resolve(env.cwd, config.dir), config.until, config.keptCharacters);
    const { logs: _, ...rest } = whole;
    const data = config.logs === false ? rest : whole;
    return {
      name,
      tools: toolsOf(name, data, namesFrom(env.services)),
      check: () => checkAll(data),
    };
  },
};

function toolsOf(name: string, data: BundleData, names: Names): Tool[] {
  const { series, logs, spans, changes, events, kubernetes } = data;
  return [
    ...(series ? [metricsTool(name, data, series, names)] : []),
    ...(logs ? logTools(name, data, logs, names) : []),
    ...(spans ? [tracesSummaryTool(name, data, spans, names), tracesSearchTool(name, data, spans, names)] : []),
    ...(changes ? [changesTool(name, data, changes, names)] : []),
    ...(data.topology || series || logs || spans ? [topologyTool(name, data)] : []),
    ...(events ? [eventsTool(name, data, events, names)] : []),
    ...(kubernetes.length > 0 ? [stateTool(name, data, names)] : []),
  ];
}

/** Reads every file once: what it holds, or where it is broken. */
async function checkAll(data: BundleData): Promise<Check[]> {
  const { info } = data;
  const reads: [string, (() => Promise<number>) | undefined][] = [
    ['metrics', size(data.series, (all) => all.length)],
    ['logs', data.logs?.size],
    ['traces', data.spans?.size],
    ['changes', size(data.changes, (all) => all.records.length)],
    ['events', size(data.events, (all) => all.records.length)],
    ['topology', size(data.topology, () => 1)],
    ...data.kubernetes.map((k): [string, () => Promise<number>] => [
      `kubernetes/${k.kind}`,
      () => k.read().then(() => 1),
    ]),
  ];
  const checks: Check[] = [{ what: 'bundle.json', state: 'ok', detail: `${info.name}, asked at ${info.now}` }];
  for (const [what, read] of reads) {
    if (!read) continue;
    try {
      const detail = plural(await read(), 'line or object', 'lines or objects');
      const trouble = data.trouble(what)?.problem;
      checks.push(
        trouble === undefined
          ? { what, state: 'ok', detail }
          : { what, state: 'warn', detail: trouble, fix: 'Mend the file or record the bundle again.' },
      );
    } catch (e) {
      if (!(e instanceof UserError)) throw e;
      checks.push({ what, state: 'fail', detail: e.message, fix: e.hints.join(' ') });
    }
  }
  return checks;
}

const size = <T>(read: (() => Promise<T>) | undefined, of: (all: T) => number): (() => Promise<number>) | undefined =>
  read && (() => read().then(of));
