/** Builds the worker with Datadog's client: a file of its own, with the models of the APIs that src names. */
import { readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { datadogModels } from './_datadog-models.mjs';

const root = new URL('..', import.meta.url).pathname;
const common = { bundle: true, platform: 'node', target: 'node20', minify: true, logLevel: 'warning' };

/** Writes `<folder>/datadog-worker.cjs`, which main-thread code finds beside it or one folder above. */
export const buildWorker = async (folder) => writeFileSync(`${folder}/datadog-worker.cjs`, await workerCode());

/** The worker's program. For measurements: `all` takes every model, `external` leaves the client in node_modules. */
export async function workerCode({ all = false, external = false } = {}) {
  const client = readFileSync(`${root}src/sources/datadog/_package.ts`, 'utf8');
  const apis = { v1: [], v2: [] };
  for (const [, v, api] of client.matchAll(/datadog-api-client-(v[12])\/apis\/(\w+)\.js/g)) apis[v].push(api);
  const { outputFiles } = await build({
    ...common,
    entryPoints: [`${root}src/sources/datadog/_worker.ts`],
    write: false,
    format: 'cjs',
    ...(external && { packages: 'external' }),
    plugins: all || external ? [] : [datadogModels(apis)],
    // The worker opens no connection: what would is left out.
    alias: external ? {} : { 'cross-fetch': `${root}scripts/empty.mjs` },
  });
  return outputFiles[0].text;
}

/** The worker and, as `open.js`, the main thread's side alone: for tests and measurements of what ships. */
export async function bundleDatadog(folder) {
  await buildWorker(folder);
  await build({
    ...common,
    entryPoints: [`${root}src/sources/datadog/_open.ts`],
    outfile: `${folder}/open.js`,
    format: 'esm',
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
}
