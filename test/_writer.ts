/**
 * A process that writes journals when told: one command a line on stdin, one JSON answer a line on stdout.
 *   {"folder","events","pauseMs"?,"beatMs","leaseMs"} → {"wrote":n} or {"refused":message,"wrote":n}
 */
import { createInterface } from 'node:readline';
import type { Event } from '../src/core/events.ts';
import { openJournal } from '../src/journal/open.ts';

interface Order {
  folder: string;
  events: number;
  pauseMs?: number;
  beatMs: number;
  leaseMs: number;
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function obey({ folder, events, pauseMs = 0, beatMs, leaseMs }: Order): Promise<object> {
  let wrote = 0;
  try {
    const lock = { beatMs, leaseMs };
    const writer = { pid: process.pid, host: 'here', program: 'writer', now: Date.now, alive, lock };
    const journal = await openJournal(folder, '0'.repeat(26), writer);
    try {
      const from = journal.past.length;
      for (let i = 1; i <= events; i++) {
        const event: Event = { seq: from + i, at: 'x', type: 'run.interrupted', why: `${process.pid} ${i}` };
        await journal.log.append([event]);
        wrote++;
        process.stdout.write(`${JSON.stringify({ acknowledged: `${process.pid} ${i}` })}\n`);
        if (pauseMs > 0) await new Promise((go) => setTimeout(go, pauseMs));
      }
    } finally {
      await journal.close();
    }
    return { wrote };
  } catch (e) {
    return { refused: e instanceof Error ? e.message : String(e), wrote };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await obey(JSON.parse(line) as Order))}\n`);
}
