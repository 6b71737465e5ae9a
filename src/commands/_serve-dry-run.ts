/** `inquest serve --dry-run payload.json`: what would become of it now, and why. Nothing is written, asked or started. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadPlugins } from '../app/plugins.ts';
import { paths } from '../config/paths.ts';
import { loadServe } from '../config/serve.ts';
import type { AlertNormaliser } from '../core/alerts.ts';
import { errorCode, UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { cut, nearest } from '../core/text.ts';
import { peekSegments } from '../journal/segments-read.ts';
import { createRedactor } from '../safety/redact.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';
import { safeJson } from '../safety/safe-json.ts';
import { safeText } from '../safety/safe-text.ts';
import { decide, keyOf } from '../serve/decide.ts';
import type { Decision, InboxEvent } from '../serve/events.ts';
import { readDelivery } from '../serve/intake.ts';
import { Ledger, skippingCarried, timeOf } from '../serve/ledger.ts';
import type { Hook } from '../serve/rules.ts';
import { ledgerLimits, rulesOf, type ServeFlags } from './_serve-setup.ts';
import { configFor } from './_session.ts';

export async function dryRun(io: Io, flags: ServeFlags): Promise<void> {
  const serve = await loadServe(flags, io.env, io.cwd, paths(io.env).userConfig);
  const rules = rulesOf(serve, await configFor(io, flags, flags.bundle));
  const bytes = await payload(io, flags.dryRun!);
  const read = readDelivery(bytes, {
    form: !/^\s*[[{]/.test(bytes.toString('utf8', 0, 200)) && bytes.includes('='),
    normalisers: Object.fromEntries(await loadPlugins<AlertNormaliser>(io.root, 'alerts', 'alerts', 'alert format')),
    now: io.now(),
  });
  if ('broken' in read) throw new UserError(read.broken);
  const now = io.now();
  const ledger = new Ledger(ledgerLimits(rules));
  const fold = skippingCarried((e: InboxEvent) => ledger.fold(e, timeOf(e)));
  for (const e of await peekSegments<InboxEvent>(join(paths(io.env).runs, '..', 'inbox'))) fold(e);
  ledger.prune(now);
  const told =
    'nothing' in read
      ? []
      : read.alerts.map((alert) => {
          const hook = hookOf(rules.hooks, flags.hook, alert.source);
          const decision = decide(ledger, rules, hook, alert, now);
          // The next alert of the payload meets what this one left.
          ledger.fold({ type: 'alert.taken', hook: hook.name, key: keyOf(hook.name, alert), alert, decision }, now);
          return { hook: hook.name, alert, decision };
        });
  const { value: shown } = createRedactor(serve.secrets, { rules: await loadRuleSet() }).value(told);
  if (flags.json) {
    io.stdout.write(`${safeJson('nothing' in read ? { ignored: read.nothing } : shown, 2)}\n`);
    return;
  }
  if ('nothing' in read) io.stdout.write(`ignored: ${safeText(read.nothing)}\n`);
  for (const { hook, alert, decision } of shown) {
    const what = [alert.status, alert.severity, alert.service, cut(alert.title, 80)].filter(Boolean).join('  ');
    io.stdout.write(safeLine(`${word(decision)}  ${what}`));
    io.stdout.write(safeLine(`    ${decision.why}  (hook ${hook}, fingerprint ${alert.fingerprint.slice(0, 16)})`));
  }
}

const safeLine = (text: string): string => `${safeText(text)}\n`;

function word(d: Decision): string {
  switch (d.do) {
    case 'start':
      return d.urgent ? 'start now' : 'hold, then start';
    case 'attach':
      return `${d.as}: joins run ${shortId(d.run)}`;
    case 'repeat':
      return `repeated: run ${shortId(d.run)} answers for it`;
    case 'shed':
      return `not taken (${d.status}, come back in ${d.retryAfter}s)`;
    case 'ignore':
      return 'ignored';
  }
}

/** The hook of this name; else the one that the payload's format comes to. */
function hookOf(hooks: readonly Hook[], name: string | undefined, source: string): Hook {
  const found =
    hooks.find((h) => h.name === name) ?? (name === undefined ? hooks.find((h) => h.type === source) : undefined);
  if (found) return found;
  if (name === undefined) return { name: source, type: source };
  const names = hooks.map((h) => h.name);
  const near = nearest(name, names);
  throw new UserError(`--hook: there is no hook "${name}"`, {
    hints: [...(near ? [`Did you mean "${near}"?`] : []), `Configured: ${names.join(', ') || 'none'}`],
  });
}

async function payload(io: Io, name: string): Promise<Buffer> {
  if (name === '-') {
    const parts: Buffer[] = [];
    for await (const part of io.stdin) parts.push(part as Buffer);
    return Buffer.concat(parts);
  }
  return readFile(resolve(io.cwd, name)).catch((e: unknown) => {
    throw new UserError(`--dry-run: cannot read ${name}: ${errorCode(e) ?? e}`, {
      hints: ['Name the file of a payload, or - for standard input.'],
    });
  });
}
