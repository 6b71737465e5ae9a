/**
 * The program of the worker thread: Datadog's client, which takes a second to load and never sees a key. What it wants to
 * send goes to the main thread as a letter, and the answer comes back as one.
 */
import { parentPort } from 'node:worker_threads';
import { oneLine } from '../../core/text.ts';
import type { ToMain, ToWorker } from './_mail.ts';
import { runOperation } from './_operations.ts';
import type { Answered, Asked } from './_package.ts';
import { Unreadable } from './_read.ts';

interface Waiting {
  answer(answered: Answered): void;
  refuse(why: Error): void;
}

/** The main thread knows why. */
class NotAnswered extends Error {}

const waiting = new Map<number, Waiting>();
const tell = (letter: ToMain): void => parentPort?.postMessage(letter);

function send(call: number, asked: Asked): Promise<Answered> {
  return new Promise((answer, refuse) => {
    waiting.set(call, { answer, refuse });
    tell({ kind: 'ask', call, asked });
  });
}

async function run({ call, operation, input }: ToWorker & { kind: 'start' }): Promise<void> {
  try {
    const out = await runOperation(operation, input as never, (asked) => send(call, asked));
    tell({ kind: 'done', call, out });
  } catch (e) {
    const bug = !(e instanceof Unreadable || e instanceof NotAnswered);
    tell({ kind: 'failed', call, message: oneLine((e as Error).message, 300), bug });
  }
}

parentPort?.on('message', (letter: ToWorker) => {
  if (letter.kind === 'start') void run(letter);
  else {
    const asked = waiting.get(letter.call);
    waiting.delete(letter.call);
    if (letter.kind === 'answered') asked?.answer({ status: letter.status, text: letter.text });
    else asked?.refuse(new NotAnswered('refused'));
  }
});
tell({ kind: 'loaded' });
