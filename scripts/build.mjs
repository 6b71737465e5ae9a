/** Builds dist/: one bundle with splitting, a file of its own for every plug-in, and the playbooks parsed. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { buildWorker } from './_datadog-worker.mjs';

/** Loaded by name, one at a time. */
const PLUGIN_FOLDERS = ['sources', 'reports', 'notifiers', 'models'];
/** Always loaded whole: one file each, which starts faster. */
const WHOLE_FOLDERS = ['alerts', 'steps'];
const root = new URL('..', import.meta.url).pathname;
const namesIn = (folder) =>
  readdirSync(`${root}src/${folder}`).flatMap((f) => /^([a-z][a-z0-9-]*)\.tsx?$/.exec(f)?.[1] ?? []);
const plugins = PLUGIN_FOLDERS.flatMap((folder) => namesIn(folder).map((name) => `${folder}/${name}`));

/** Resolves `folder:x` to a module whose `all` holds every plug-in of src/x by name. */
const wholeFolders = {
  name: 'whole-folders',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^folder:/ }, ({ path }) => ({ path: path.slice('folder:'.length), namespace: 'folder' }));
    onLoad({ filter: /.*/, namespace: 'folder' }, ({ path: folder }) => {
      const names = namesIn(folder).sort();
      const imports = names.map((name, i) => `import * as p${i} from './${name}.ts';`);
      const members = names.map((name, i) => `${JSON.stringify(name)}: p${i}`);
      const contents = `${imports.join('\n')}\nexport const all = { ${members.join(', ')} };`;
      return { contents, loader: 'ts', resolveDir: `${root}src/${folder}` };
    });
  },
};
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  entryPoints: {
    cli: `${root}src/cli.ts`,
    'eval/worker': `${root}src/eval/worker.ts`,
    'workflow/parse-playbook': `${root}src/workflow/parse-playbook.ts`,
    ...Object.fromEntries(plugins.map((name) => [name, `${root}src/${name}.ts`])),
    ...Object.fromEntries(WHOLE_FOLDERS.map((folder) => [folder, `folder:${folder}`])),
  },
  plugins: [wholeFolders],
  outdir: `${root}dist`,
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
  // Optional, and loaded from where it is installed: it reads a file beside itself.
  external: ['@restatedev/restate-sdk'],
  // Ink asks for the React devtools only when DEV is set.
  alias: { 'react-devtools-core': `${root}scripts/empty.mjs` },
  // CommonJS packages inside an ESM bundle ask for require().
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

await buildWorker(`${root}dist`);

const { parsePlaybook } = await import(`${root}dist/workflow/parse-playbook.js`);
const steps = namesIn('steps');
const files = readdirSync(`${root}playbooks`)
  .filter((f) => f.endsWith('.md'))
  .sort();
const playbooks = files.map((f) =>
  parsePlaybook(readFileSync(`${root}playbooks/${f}`, 'utf8'), `playbooks/${f}`, steps),
);
writeFileSync(`${root}dist/playbooks.json`, JSON.stringify(playbooks));
