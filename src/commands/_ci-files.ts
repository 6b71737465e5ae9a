/** What a CI job leaves behind: summary of the job, outputs for later steps, a folder of reports with the journal. */
import { randomUUID } from 'node:crypto';
import { appendFile, cp, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPlugin, pluginNames } from '../app/plugins.ts';
import { renderSafely } from '../app/render.ts';
import type { Finished } from '../app/run.ts';
import { paths } from '../config/paths.ts';
import { errorCode, UserError } from '../core/errors.ts';
import type { Io, Report } from '../core/ports.ts';
import { bytes, oneLine, plural } from '../core/text.ts';
import { runName } from '../core/wording.ts';
import { makeFolder } from '../journal/folders.ts';

/** Above 1 MiB a whole summary is thrown away by its host. */
const SUMMARY_MAX = 900 * 1024;

async function rendered(io: Io, format: string, { state, load, gates }: Finished): Promise<string> {
  return renderSafely(await loadPlugin<Report>(io.root, 'reports', format, 'report', 'report format'), state, load, {
    gates,
  });
}

/** Appends the Markdown report to the summary of the job; gives the line that says so. */
export async function writeSummary(io: Io, file: string, finished: Finished): Promise<string> {
  const text = `${await rendered(io, 'markdown', finished)}\n`;
  const there = await stat(file).then(
    (s) => s.size,
    () => 0,
  );
  const size = Buffer.byteLength(text);
  if (there + size > SUMMARY_MAX) {
    return `summary  not written: it would be larger than ${bytes(SUMMARY_MAX)} with what is there (${bytes(there)})`;
  }
  await appendFile(file, text).catch(cannotWrite(file));
  return `summary  ${bytes(size)}`;
}

/** Tells later steps how it ended. */
export async function writeOutputs(file: string, { state, exit }: Finished): Promise<string> {
  const { verdict } = state;
  const values = {
    run: state.run,
    outcome: verdict?.outcome ?? '',
    confidence: verdict?.confidence.toFixed(2) ?? '',
    entity: verdict?.entity?.name ?? '',
    change: verdict?.change ?? '',
    headline: oneLine(verdict?.headline ?? '', 500),
    exit: String(exit),
  };
  // A value may hold anything: the mark that ends it is one that nobody can know.
  const mark = randomUUID();
  const text = Object.entries(values).map(([name, value]) => `${name}<<${mark}\n${oneLine(value, 1000)}\n${mark}\n`);
  await appendFile(file, text.join('')).catch(cannotWrite(file));
  return `outputs  ${Object.keys(values).join(', ')}`;
}

/** File names of the reports by format; a format without a name here is for other places. */
const FILES: Record<string, string> = {
  html: 'report.html',
  json: 'report.json',
  junit: 'junit.xml',
  markdown: 'report.md',
  text: 'report.txt',
};

/** Writes every report and the run itself into the folder, so that it can be looked at, resumed and replayed elsewhere. */
export async function writeArtifacts(io: Io, folder: string, finished: Finished): Promise<string> {
  await makeFolder(folder).catch(cannotWrite(folder));
  const formats = (await pluginNames(io.root, 'reports')).filter((name) => FILES[name] !== undefined);
  for (const format of formats) {
    const file = join(folder, FILES[format]!);
    await writeFile(file, await rendered(io, format, finished)).catch(cannotWrite(file));
  }
  const run = join(folder, `run-${runName(finished.state)}`);
  await cp(join(paths(io.env).runs, finished.state.run), run, { recursive: true }).catch(cannotWrite(run));
  return `artifact ${plural(formats.length, 'report')} and the journal in ${folder}`;
}

const cannotWrite =
  (what: string) =>
  (e: unknown): never => {
    throw new UserError(`cannot write ${what}: ${errorCode(e) ?? e}`, { hints: ['The run is stored: inquest list'] });
  };
