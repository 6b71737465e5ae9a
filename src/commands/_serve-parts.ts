/** Parts of `serve` that its ports are made of: processes of this machine, pages of our own store, who tells others. */
import { join, resolve } from 'node:path';
import { loadPlugin, pluginNames } from '../app/plugins.ts';
import { renderSafely } from '../app/render.ts';
import { endOfRun, isBusy, joinRun, stateOfRun } from '../app/served.ts';
import { paths } from '../config/paths.ts';
import type { ServeConfig } from '../config/serve.ts';
import { isRunId } from '../core/ids.ts';
import type { Io, Report } from '../core/ports.ts';
import { loader } from '../engines/local.ts';
import { folderBlobs } from '../journal/blobs.ts';
import { listRuns } from '../journal/runs.ts';
import type { Ledger } from '../serve/ledger.ts';
import type { Log } from '../serve/log.ts';
import { listPage, type Pages, textPage } from '../serve/pages.ts';
import type { Runs } from '../serve/runs.ts';
import { Tellers } from '../serve/tellers.ts';
import { runCommand, startWorker, type WorkerSetup } from '../serve/worker.ts';
import type { ServeFlags } from './_serve-setup.ts';

/** Who tells others, with the config that we have. */
export function tellersOf(io: Io, flags: ServeFlags, serve: ServeConfig, log: Log): Tellers {
  const config = flags.config === undefined ? [] : ['--config', resolve(io.cwd, flags.config)];
  const to = serve.notify.flatMap((name) => ['--to', name]);
  return new Tellers((run) => runCommand(io.root, io.cwd, ['notify', run, ...to, ...config]), log);
}

/** Investigations in processes of this machine. */
export function ownRuns(io: Io, setup: WorkerSetup): Runs {
  const { runs } = paths(io.env);
  return {
    start: (job) => startWorker(io.root, io.cwd, job, setup),
    ended: (run) => endOfRun(runs, run),
    busy: (run) => isBusy(runs, run, io),
    join: (run, joined) => joinRun(runs, run, joined, io),
  };
}

/** Pages of the runs of this machine. */
export function pagesOf(io: Io, ledger: Ledger): Pages {
  const { runs } = paths(io.env);
  return {
    list: async () => listPage(ledger, await listRuns(runs, 100), io.now()),
    async run(id) {
      const state = isRunId(id) ? await stateOfRun(runs, id) : undefined;
      if (!state) return undefined;
      const named = (await pluginNames(io.root, 'reports')).includes('html') ? 'html' : 'markdown';
      const report = await loadPlugin<Report>(io.root, 'reports', named, 'report', 'report format');
      const text = await renderSafely(report, state, loader(folderBlobs(join(runs, id, 'blobs'))));
      const mime = 'text/html; charset=utf-8';
      return { mime, text: named === 'html' ? text : textPage(`run ${id.slice(-6)}`, text) };
    },
  };
}
