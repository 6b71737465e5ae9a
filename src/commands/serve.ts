/** `inquest serve`: takes alerts over HTTP and investigates them, until it is stopped. */

import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { loadPlugins } from '../app/plugins.ts';
import { paths } from '../config/paths.ts';
import { loadServe, type ServeConfig } from '../config/serve.ts';
import type { AlertNormaliser } from '../core/alerts.ts';
import { UserError } from '../core/errors.ts';
import { isLoopback } from '../core/loopback.ts';
import type { Io } from '../core/ports.ts';
import { PROGRAM } from '../core/program.ts';
import { MINUTE } from '../core/time.ts';
import { openSegments } from '../journal/segments.ts';
import { guardStream } from '../safety/guard.ts';
import { createRedactor } from '../safety/redact.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';
import { Dispatcher } from '../serve/dispatcher.ts';
import type { InboxBody, InboxEvent } from '../serve/events.ts';
import { Ledger, skippingCarried, timeOf } from '../serve/ledger.ts';
import { type Log, openLog } from '../serve/log.ts';
import { Metrics } from '../serve/metrics.ts';
import { sendMetrics } from '../serve/otlp.ts';
import { Receiver } from '../serve/receiver.ts';
import type { Rules } from '../serve/rules.ts';
import { within } from '../serve/running.ts';
import { openServer } from '../serve/server.ts';
import { certificates } from '../serve/sns.ts';
import { Viewers } from '../serve/viewers.ts';
import { targetsFor } from './_notify.ts';
import { engineRuns, sameRun, watchEngine } from './_serve-engine.ts';
import { ownRuns, pagesOf, tellersOf } from './_serve-parts.ts';
import { INBOX, ledgerLimits, rulesOf, type ServeFlags, workerFlags } from './_serve-setup.ts';
import { configFor, sourcesFor } from './_session.ts';

/** How often due alerts, counts and old cases are looked after, ms. */
const TICK = 250;
/** So long a stop waits for messages on their way, ms; what is left is told at the next start. */
const TELLING = 5000;

export async function serveCommand(io: Io, flags: ServeFlags): Promise<void> {
  const serve = await loadServe(flags, io.env, io.cwd, paths(io.env).userConfig);
  guardStream(io.stderr, serve.secrets);
  const config = await configFor(io, flags, flags.bundle);
  const rules = rulesOf(serve, config);
  if (rules.hooks.length === 0) throw noHooks(serve.file);
  // What an investigation would lack is said now, not at night; with an engine the workers have the sources.
  if (flags.engine !== 'restate') await (await sourcesFor(io, config, io.now(), '')).close();
  const log = openLog((line) => io.stderr.write(line), io.now);
  const metrics = new Metrics();
  const ledger = new Ledger(ledgerLimits(rules));
  let broken: unknown;
  let stop = (): void => {};
  const stopped = new Promise<void>((done) => {
    stop = done;
    io.signal.addEventListener('abort', () => done(), { once: true });
  });
  const { runs } = paths(io.env);
  const writer = { pid: io.pid, host: hostname(), program: PROGRAM, now: io.now, alive: io.alive };
  const inbox = await openSegments<InboxEvent, InboxBody>(join(runs, '..', 'inbox'), writer, INBOX, foldOf(ledger));
  if (inbox.torn !== undefined) log.warn('inbox.torn', { bytes: inbox.torn.length });
  const setup = { flags: workerFlags(io, flags), ...(serve.otlp ? { otlp: serve.otlp } : {}) };
  const redact = firstGate([...serve.secrets, ...config.secrets], await loadRuleSet());
  // A name that is none is said now, not at night.
  await targetsFor(io, config, serve.notify);
  const tellers = tellersOf(io, flags, serve, log);
  const dispatcher = new Dispatcher({
    ...(serve.notify.length > 0 ? { changed: (run: string) => tellers.tell(run) } : {}),
    ledger,
    rules,
    inbox,
    metrics,
    log,
    now: io.now,
    redact,
    ...(flags.engine === 'restate'
      ? { runs: engineRuns(io, config, flags, log), newRun: sameRun(rules.windowMs) }
      : { runs: ownRuns(io, setup) }),
    onBroken(e) {
      broken ??= e;
      stop();
    },
  });
  const receiver = new Receiver({
    hooks: rules.hooks,
    normalisers: Object.fromEntries(await loadPlugins<AlertNormaliser>(io.root, 'alerts', 'alerts', 'alert format')),
    redact,
    certificateOf: certificates(fetch),
    dispatcher,
    log,
    now: io.now,
  });
  const app = openServer({
    receiver,
    dispatcher,
    metrics,
    pages: pagesOf(io, ledger),
    viewers: new Viewers({ host: serve.host, secrets: serve.viewers, hosts: serve.hosts }),
    log,
    now: io.now,
    unready: () => (broken || io.signal.aborted ? 'stopping' : undefined),
  });
  const over = new AbortController();
  if (flags.engine === 'restate') watchEngine(config, log, metrics, over.signal);
  const timer = setInterval(() => dispatcher.tick(), TICK);
  const lastMetrics = exportMetrics(serve, metrics, log, io.now);
  try {
    await dispatcher.recover();
    dispatcher.tick();
    await app.listen({ host: serve.host, port: serve.port }).catch((e: unknown) => {
      throw new UserError(`cannot listen on ${serve.host}:${serve.port}: ${e instanceof Error ? e.message : e}`, {
        hints: ['Name another address: inquest serve --listen 127.0.0.1:8788'],
      });
    });
    greet(serve, rules, log, app.server.address());
    await stopped;
  } finally {
    clearInterval(timer);
    over.abort();
    log.info('stopping', { running: dispatcher.running, waiting: dispatcher.waiting });
    await Promise.all([app.close(), dispatcher.stop()]);
    await within(tellers.drained(), TELLING);
    await lastMetrics();
    await inbox.close();
  }
  if (broken) throw broken;
  log.info('stopped');
}

/** Sends the metrics once a minute and at the end, where somebody collects them. */
function exportMetrics({ otlp }: ServeConfig, metrics: Metrics, log: Log, now: () => number): () => Promise<void> {
  if (!otlp) return () => Promise.resolve();
  const since = now();
  const send = (): Promise<void> =>
    sendMetrics(otlp, metrics, { since, now: now() }, fetch).catch((e: unknown) => {
      log.warn('otlp.failed', { why: e instanceof Error ? e.message : String(e) });
    });
  const timer = setInterval(() => void send(), MINUTE);
  return () => {
    clearInterval(timer);
    return send();
  };
}

/** Deliveries that one redactor sees: it remembers texts and secrets for a run, and this one never ends. */
const RENEWED = 2000;

function firstGate(secrets: string[], rules: Awaited<ReturnType<typeof loadRuleSet>>): <T>(json: T) => T {
  let seen = 0;
  let redactor = createRedactor(secrets, { rules });
  return (json) => {
    if (++seen % RENEWED === 0) redactor = createRedactor(secrets, { rules });
    return redactor.value(json).value;
  };
}

const foldOf = (ledger: Ledger) => ({
  fold: skippingCarried((e: InboxEvent) => ledger.fold(e, timeOf(e))),
  carry: (through: number) => ({ type: 'inbox.carried', through, state: ledger.carried() }),
});

type Address = ReturnType<ReturnType<typeof openServer>['server']['address']>;

function greet(serve: ServeConfig, rules: Rules, log: Log, address: Address): void {
  const port = typeof address === 'object' ? address?.port : serve.port;
  log.info('listening', { host: serve.host, port, hooks: rules.hooks.map((h) => h.name) });
  for (const { name, credentials, path } of rules.hooks) {
    const signs = credentials && !['bearer', 'basic', 'header'].includes(credentials.scheme);
    if (credentials && !signs && path === undefined && !isLoopback(serve.host)) {
      log.warn('hook.unsigned', { hook: name, say: 'its sender signs nothing: give it a secret "path" as well' });
    }
  }
  if (!isLoopback(serve.host))
    log.warn('no.tls', { say: 'put a proxy with TLS in front: what is sent here is not encrypted' });
}

const noHooks = (file: string): UserError =>
  new UserError('no hook is configured: nobody could send an alert', {
    hints: [
      `Add to ${resolve(file)}:`,
      '  "serve": { "hooks": { "alertmanager": { "type": "alertmanager", "secrets": [{ "env": "ALERTMANAGER_TOKEN" }] } } }',
      'All senders and settings: inquest help serve-config',
    ],
  });
