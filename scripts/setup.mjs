/** Makes a fresh clone ready: installs packages and builds, each only where something is missing or newer. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`inquest needs Node 20.19 or newer; this is ${process.version}\n`);
  process.exit(2);
}

/** Newest modification below the given files and folders, ms; 0 where nothing is there. */
function newest(...paths) {
  let time = 0;
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const stat = statSync(path);
    if (!stat.isDirectory()) time = Math.max(time, stat.mtimeMs);
    else for (const name of readdirSync(path)) time = Math.max(time, newest(join(path, name)));
  }
  return time;
}

function run(what, command, args) {
  process.stderr.write(`setup: ${what}\n`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    process.stderr.write(`setup: "${command} ${args.join(' ')}" failed; mend that and run the same command again\n`);
    process.exit(1);
  }
}

const installed = `${root}node_modules/.inquest-installed`;
if (newest(installed) < newest(`${root}package-lock.json`)) {
  run('installing packages (once)', 'npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error']);
  mkdirSync(`${root}node_modules`, { recursive: true });
  writeFileSync(installed, '');
}
const build = ['build.mjs', '_datadog-models.mjs', '_datadog-worker.mjs'].map((f) => `${root}scripts/${f}`);
const sources = newest(`${root}src`, `${root}playbooks`, ...build, `${root}package.json`);
if (newest(`${root}dist/playbooks.json`) < sources) run('building', process.execPath, [`${root}scripts/build.mjs`]);
