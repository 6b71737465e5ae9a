/** Processes that write one journal against each other. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { readJournal } from '../src/journal/read.ts';

export interface Writer {
  child: ChildProcess;
  /** Texts of the events that it was told are safe. */
  acknowledged: string[];
  order(o: object): Promise<{ wrote: number; refused?: string }>;
  end(): void;
}

export function startWriter(): Writer {
  const tsx = resolve(import.meta.dirname, '../node_modules/tsx/dist/loader.mjs');
  const child = spawn(process.execPath, ['--import', tsx, resolve(import.meta.dirname, '_writer.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const acknowledged: string[] = [];
  let answered: (answer: { wrote: number; refused?: string }) => void = () => {};
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const told = JSON.parse(line) as { acknowledged?: string; wrote: number; refused?: string };
    if (told.acknowledged === undefined) answered(told);
    else acknowledged.push(told.acknowledged);
  });
  return {
    child,
    acknowledged,
    order: (o) =>
      new Promise((done) => {
        answered = done;
        child.stdin!.write(`${JSON.stringify(o)}\n`);
      }),
    end: () => void child.stdin!.end(),
  };
}

const textsOf = (folder: string): string[] => {
  const file = join(folder, 'journal.ndjson');
  return readJournal(readFileSync(file), file).events.flatMap((e) => (e.type === 'run.interrupted' ? [e.why] : []));
};

export interface RaceCounts {
  rounds: number;
  refused: number;
  /** Journals that cannot be read back. */
  unreadable: number;
  /** Acknowledged lines that are not in the journal. */
  lost: number;
  /** Changes of the writer beyond one for each that wrote. */
  interleaved: number;
}

/** Two processes race for one run, whose lock a dead process holds. */
export async function race(rounds: number): Promise<RaceCounts> {
  const writers = [startWriter(), startWriter()];
  const counts: RaceCounts = { rounds, refused: 0, unreadable: 0, lost: 0, interleaved: 0 };
  for (let i = 0; i < rounds; i++) {
    const folder = mkdtempSync(join(tmpdir(), 'inquest-race-'));
    if (i % 2 === 0) {
      const dead = { pid: 4_000_000 + i, started: '1', host: 'here', at: 'earlier' };
      writeFileSync(join(folder, 'lock'), JSON.stringify(dead));
    }
    for (const w of writers) w.acknowledged.length = 0;
    const ends = await Promise.all(writers.map((w) => w.order({ folder, events: 25, beatMs: 1000, leaseMs: 10_000 })));
    counts.refused += ends.filter((e) => e.refused !== undefined).length;
    try {
      const texts = textsOf(folder);
      counts.lost += writers.flatMap((w) => w.acknowledged).filter((a) => !texts.includes(a)).length;
      const pids = texts.map((t) => t.split(' ')[0]);
      const turns = pids.filter((p, k) => k > 0 && p !== pids[k - 1]).length;
      counts.interleaved += Math.max(0, turns - (new Set(pids).size - 1));
    } catch {
      counts.unreadable++;
    }
    rmSync(folder, { recursive: true });
  }
  for (const w of writers) w.end();
  return counts;
}

export interface PauseCounts {
  rounds: number;
  takenOver: number;
  unreadable: number;
  lost: number;
  /** Lines of the paused owner behind the first line of the new one. */
  interleaved: number;
  /** Paused owners that did not notice. */
  unnoticed: number;
}

/** An owner is stopped for longer than its lock lives, another one takes over, the first one goes on. */
export async function pauses(rounds: number): Promise<PauseCounts> {
  const counts: PauseCounts = { rounds, takenOver: 0, unreadable: 0, lost: 0, interleaved: 0, unnoticed: 0 };
  const lock = { beatMs: 30, leaseMs: 150 };
  const next = startWriter();
  for (let i = 0; i < rounds; i++) {
    const owner = startWriter();
    const folder = mkdtempSync(join(tmpdir(), 'inquest-pause-'));
    const ended = owner.order({ folder, events: 100_000, pauseMs: 0, ...lock });
    while (owner.acknowledged.length < 20) await new Promise((go) => setTimeout(go, 5));
    // Anywhere in a write: the moment is not chosen.
    await new Promise((go) => setTimeout(go, (i * 7) % 23));
    owner.child.kill('SIGSTOP');
    await new Promise((go) => setTimeout(go, 250));
    next.acknowledged.length = 0;
    const taken = next.order({ folder, events: 30, pauseMs: 5, ...lock });
    while (next.acknowledged.length < 5) await new Promise((go) => setTimeout(go, 5));
    owner.child.kill('SIGCONT');
    const [first, second] = await Promise.all([ended, taken]);
    if (second.wrote === 30) counts.takenOver++;
    if (!/taken over/.test(first.refused ?? '')) counts.unnoticed++;
    try {
      const texts = textsOf(folder);
      const begins = texts.findIndex((t) => t.startsWith(`${next.child.pid} `));
      counts.interleaved += texts.slice(begins).filter((t) => t.startsWith(`${owner.child.pid} `)).length;
      const all = new Set(texts);
      counts.lost += [...owner.acknowledged, ...next.acknowledged].filter((a) => !all.has(a)).length;
    } catch {
      counts.unreadable++;
    }
    owner.end();
    rmSync(folder, { recursive: true });
  }
  next.end();
  return counts;
}
