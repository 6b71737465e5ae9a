/** Builds dist/: one bundle with splitting, a file of its own for every plug-in, and the playbooks parsed. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const PLUGIN_FOLDERS = ['alerts', 'sources', 'steps', 'reports'];
const root = new URL('..', import.meta.url).pathname;
const plugins = PLUGIN_FOLDERS.flatMap((folder) =>
  readdirSync(`${root}src/${folder}`)
    .filter((f) => /^[a-z][a-z0-9-]*\.tsx?$/.test(f))
    .map((f) => `${root}src/${folder}/${f}`),
);
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  entryPoints: [`${root}src/cli.ts`, `${root}src/eval/worker.ts`, `${root}src/workflow/parse-playbook.ts`, ...plugins],
  outdir: `${root}dist`,
  outbase: `${root}src`,
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: true,
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    PROGRAM_VERSION: JSON.stringify(version),
  },
  // Ink asks for the React devtools only when DEV is set.
  alias: { 'react-devtools-core': `${root}scripts/empty.mjs` },
  // CommonJS packages inside an ESM bundle ask for require().
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

const { parsePlaybook } = await import(`${root}dist/workflow/parse-playbook.js`);
const steps = readdirSync(`${root}src/steps`).flatMap((f) => /^([a-z][a-z0-9-]*)\.ts$/.exec(f)?.[1] ?? []);
const files = readdirSync(`${root}playbooks`)
  .filter((f) => f.endsWith('.md'))
  .sort();
const playbooks = files.map((f) =>
  parsePlaybook(readFileSync(`${root}playbooks/${f}`, 'utf8'), `playbooks/${f}`, steps),
);
writeFileSync(`${root}dist/playbooks.json`, JSON.stringify(playbooks));
