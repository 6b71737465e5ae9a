/** The crash harness: kills a run in every way, resumes it, and counts at the source's wire what was asked again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonical } from '../src/core/canonical.ts';
import type { Event } from '../src/core/events.ts';
import { encodeLine, GENESIS, hashLine } from '../src/journal/line.ts';
import { openJournal } from '../src/journal/open.ts';
import { readJournal } from '../src/journal/read.ts';
import { DEMO, ROOT, stable } from './_program.ts';

const FAULTS = new URL('./_faults.mjs', import.meta.url).href;

/** A copy of the built program: whoever builds anew meanwhile changes nothing here. */
const copy = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'inquest-program-'));
for (const part of ['bin', 'dist', 'package.json']) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
const PROGRAM = join(copy, 'bin/inquest.js');
export const removeCopy = (): void => rmSync(copy, { recursive: true, force: true });

/** A source whose every request is counted; each answer is asked of the real one once and then kept. */
export interface Wire {
  url: string;
  /** Requests since the last call, in order. */
  take(): string[];
  stop(): Promise<void>;
}

export async function openWire(upstream: string): Promise<Wire> {
  const kept = new Map<string, Promise<{ status: number; type: string; text: string }>>();
  let heard: string[] = [];
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const key = `${request.method} ${request.url} ${body}`;
      heard.push(key);
      const type = String(request.headers['content-type'] ?? '');
      const init = body ? { method: 'POST', body, headers: { 'content-type': type } } : {};
      const answer =
        kept.get(key) ??
        fetch(`${upstream}${request.url}`, init).then(async (r) => ({
          status: r.status,
          type: r.headers.get('content-type') ?? '',
          text: await r.text(),
        }));
      kept.set(key, answer);
      void answer.then(({ status, type: t, text }) => {
        response.writeHead(status, { 'content-type': t });
        response.end(text);
      });
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    take() {
      const all = heard;
      heard = [];
      return all;
    },
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  ms: number;
}

/** Runs the program, with faults if any are named; so long after it opened its journal it is killed from outside. */
export function program(
  args: string[],
  home: string,
  more: { faults?: Record<string, string>; killAfter?: number; started?: (child: ChildProcess) => void } = {},
): Promise<Ended> {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    INQUEST_HOME: home,
    TERM: 'dumb',
    ...(more.faults ?? {}),
  };
  const load = more.faults ? ['--import', FAULTS] : [];
  const begun = performance.now();
  const child = spawn(process.execPath, [...load, PROGRAM, ...args], {
    cwd: home,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  more.started?.(child);
  let timer: ReturnType<typeof setTimeout> | undefined;
  // From the first sign of the journal on: how long the program takes to start is nobody's question here.
  const begin =
    more.killAfter === undefined
      ? undefined
      : setInterval(() => {
          if (!existsSync(join(home, 'runs'))) return;
          clearInterval(begin);
          timer = setTimeout(() => child.kill('SIGKILL'), more.killAfter);
        }, 2);
  return new Promise((resolve, reject) => {
    const out = { stdout: '', stderr: '' };
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      out.stdout += part;
    });
    child.stderr!.setEncoding('utf8').on('data', (part: string) => {
      out.stderr += part;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(begin);
      clearTimeout(timer);
      resolve({ code, signal, ...out, ms: performance.now() - begun });
    });
  });
}

/** The journal of the only run of a home; undefined where none was begun. */
export function journalOf(home: string): { id: string; file: string; events: Event[] } | undefined {
  const runs = join(home, 'runs');
  const [id] = existsSync(runs) ? readdirSync(runs) : [];
  const file = join(runs, id ?? '', 'journal.ndjson');
  if (id === undefined || !existsSync(file)) return undefined;
  return { id, file, events: readJournal(readFileSync(file), file).events };
}

const finishedIn = (events: Event[]): Set<string> =>
  new Set(events.flatMap((e) => (e.type === 'call.finished' ? [e.key] : [])));

export interface Counts {
  kills: number;
  /** Killed before anything was journalled that could be resumed. */
  beforeStart: number;
  /** Killed after the seal. */
  afterSeal: number;
  resumed: number;
  unreadable: number;
  /** Requests of finished calls that were put again. */
  finishedRepeated: number;
  /** Requests that were put more than once by the resuming process. */
  twicePerKill: number;
  differentReports: number;
  notes: string[];
}

export const newCounts = (): Counts => ({
  kills: 0,
  beforeStart: 0,
  afterSeal: 0,
  resumed: 0,
  unreadable: 0,
  finishedRepeated: 0,
  twicePerKill: 0,
  differentReports: 0,
  notes: [],
});

/** What an undisturbed run is: its arguments, report, duration, events, and which requests each call makes. */
export interface Baseline {
  args: string[];
  report: string;
  /** From the first to the last line of the journal. */
  ms: number;
  events: Event[];
  requestsOf: Map<string, Set<string>>;
  /** How often one process makes each request. */
  requests: Map<string, number>;
}

function tally(requests: string[]): Map<string, number> {
  const out = new Map<string, number>();
  for (const r of requests) out.set(r, (out.get(r) ?? 0) + 1);
  return out;
}

export const scratch = (): string => mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'inquest-crash-'));

/** Runs undisturbed, then once for each call with only that call unanswered: what is asked then is what it asks. */
export async function baselineOf(wire: Wire): Promise<Baseline> {
  const { now } = JSON.parse(readFileSync(join(DEMO, 'bundle.json'), 'utf8')) as { now: string };
  const args = ['investigate', join(DEMO, 'alert.json'), '--prometheus', wire.url, '--now', now, '--json', '-q'];
  await inHome((home) => program(args, home));
  wire.take();
  return inHome(async (home) => {
    const whole = await program(args, home);
    const journal = journalOf(home)!;
    const requests = tally(wire.take());
    const requestsOf = new Map<string, Set<string>>();
    for (const key of finishedIn(journal.events)) {
      const without = await inHome(async (other) => {
        const left = sameQuestion(journal.events, key);
        const kept = journal.events.filter(
          (e) =>
            e.type === 'journal.opened' ||
            e.type === 'run.started' ||
            ((e.type === 'call.started' || e.type === 'call.finished') && !left.has(e.key)),
        );
        writeJournal(other, journal.id, kept, join(home, 'runs', journal.id, 'blobs'));
        await program(['resume', '--last', '--json', '-q'], other);
        return wire.take();
      });
      requestsOf.set(key, new Set(without));
    }
    return {
      args,
      report: canonical(stable(whole.stdout)),
      ms: whole.ms,
      events: journal.events,
      requestsOf,
      requests,
    };
  });
}

/** The calls that ask the same tool the same thing: one answer serves them all. */
function sameQuestion(events: Event[], key: string): Set<string> {
  const calls = events.flatMap((e) => (e.type === 'call.finished' ? [e] : []));
  const one = calls.find((e) => e.key === key)!;
  return new Set(calls.flatMap((e) => (e.activity === one.activity && e.inputHash === one.inputHash ? [e.key] : [])));
}

function writeJournal(home: string, id: string, events: Event[], blobs: string): void {
  const folder = join(home, 'runs', id);
  mkdirSync(join(folder, 'blobs'), { recursive: true });
  for (const name of existsSync(blobs) ? readdirSync(blobs) : []) {
    writeFileSync(join(folder, 'blobs', name), readFileSync(join(blobs, name)));
  }
  let head = GENESIS;
  const lines = events.map((e, i) => {
    const line = encodeLine({ ...e, seq: i + 1 }, head);
    head = hashLine(line);
    return `${line}\n`;
  });
  writeFileSync(join(folder, 'journal.ndjson'), lines.join(''));
}

async function inHome<T>(work: (home: string) => Promise<T>): Promise<T> {
  const home = scratch();
  try {
    return await work(home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** One kill and one resume, counted. */
export async function killOnce(
  wire: Wire,
  base: Baseline,
  counts: Counts,
  how: { faults?: Record<string, string>; killAfter?: number },
): Promise<void> {
  await inHome(async (home) => {
    wire.take();
    const killed = await program(base.args, home, how);
    counts.kills++;
    wire.take();
    const label = JSON.stringify(how);
    let journal: ReturnType<typeof journalOf>;
    try {
      journal = journalOf(home);
    } catch (e) {
      counts.unreadable++;
      counts.notes.push(`${label}: ${String(e)}`);
      return;
    }
    if (!journal?.events.some((e) => e.type === 'run.started')) {
      counts.beforeStart++;
      return;
    }
    const finished = finishedIn(journal.events);
    const sealed = journal.events.some((e) => e.type === 'run.finished');
    if (sealed) counts.afterSeal++;
    const resumed = await program(['resume', journal.id, '--json', '-q'], home);
    counts.resumed++;
    const asked = wire.take();
    const allowed = new Set(
      [...base.requestsOf].filter(([key]) => !finished.has(key)).flatMap(([, requests]) => [...requests]),
    );
    const repeated = asked.filter((request) => !allowed.has(request));
    if (repeated.length > 0) counts.notes.push(`${label}: repeated ${repeated[0]?.slice(0, 200)}`);
    counts.finishedRepeated += repeated.length;
    for (const [request, times] of tally(asked)) {
      // What several calls need (names, metadata) may be asked by each of them.
      const owners = [...base.requestsOf.values()].filter((all) => all.has(request)).length;
      if (owners > 1 || times <= (base.requests.get(request) ?? 1)) continue;
      counts.twicePerKill += times - (base.requests.get(request) ?? 1);
      counts.notes.push(`${label}: ${times} times ${request.slice(0, 200)}`);
    }
    let report = '';
    try {
      report = canonical(stable(resumed.stdout));
    } catch {
      report = resumed.stderr;
    }
    if (report !== base.report) {
      counts.differentReports++;
      const where = firstDifference(base.report, report);
      counts.notes.push(`${label}: killed ${killed.signal}, resume ${resumed.code}: ${where}`);
    }
  });
}

/** Cuts the last record of a journal at every byte and opens it for writing each time. */
export async function cutEverywhere(events: Event[]): Promise<{ cuts: number; unreadable: number; lost: number }> {
  const counts = { cuts: 0, unreadable: 0, lost: 0 };
  await inHome(async (home) => {
    writeJournal(home, 'whole', events, '');
    const whole = readFileSync(join(home, 'runs/whole/journal.ndjson'));
    const begins = whole.lastIndexOf(10, whole.length - 2) + 1;
    const writer = { pid: process.pid, host: 'here', program: 'cut', now: Date.now, alive: () => true };
    for (let cut = begins; cut < whole.length; cut++) {
      counts.cuts++;
      const folder = join(home, 'runs', `cut-${cut}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'journal.ndjson'), whole.subarray(0, cut));
      try {
        const journal = await openJournal(folder, 'cut', writer);
        await journal.close();
        // All but the cut one, and our own header.
        if (journal.past.length !== events.length) counts.lost++;
        const again = readJournal(readFileSync(join(folder, 'journal.ndjson')), folder);
        if (again.torn || again.events.length !== events.length) counts.lost++;
      } catch {
        counts.unreadable++;
      }
      rmSync(folder, { recursive: true });
    }
  });
  return counts;
}

function firstDifference(a: string, b: string): string {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return `${a.slice(Math.max(0, i - 80), i + 80)} | ${b.slice(Math.max(0, i - 80), i + 80)}`;
}
