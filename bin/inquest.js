#!/usr/bin/env node
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli.js', import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  process.stderr.write('inquest is not built yet.\nFix: npm run setup (installs what is missing, then builds)\n');
  process.exitCode = 2;
}
