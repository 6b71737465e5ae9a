/** `npm run demo`: makes the clone ready, then watches inquest solve a recorded real incident. No key, no network. */
import { spawnSync } from 'node:child_process';

await import('./setup.mjs');
const program = new URL('../bin/inquest.js', import.meta.url).pathname;
const { status } = spawnSync(process.execPath, [program, 'demo', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
