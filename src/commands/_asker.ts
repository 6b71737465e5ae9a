/**
 * Questions to the person at the terminal, on node:readline: a line with a default, yes or no, a key that is not shown.
 * Answers can come from a file or a pipe instead, a line each; or be the defaults.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { errorCode, Interrupted, UserError } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import { safeText } from '../safety/safe-text.ts';

export interface Asker {
  /** Whether nobody is asked: every answer is the default. */
  readonly auto: boolean;
  /** A line; the default where it is empty. */
  ask(question: string, otherwise?: string): Promise<string>;
  yes(question: string, otherwise: boolean): Promise<boolean>;
  /** A line that is shown nowhere; undefined where it is empty, and `empty` says what that means. */
  secret(question: string, empty: string): Promise<string | undefined>;
  /** One of these letters, each with what it means. */
  choose<T extends string>(question: string, letters: Partial<Record<T, string>>, otherwise: NoInfer<T>): Promise<T>;
  /** Gives the terminal back. */
  close(): void;
}

type Line = (prompt: string, hidden: boolean) => Promise<string>;

/** Who answers: nobody with --yes, a file, or whoever sits at the terminal. */
export async function askerFor(io: Io, flags: { yes?: boolean; print?: boolean; answers?: string }): Promise<Asker> {
  if (flags.yes) return defaultsAsker(io);
  if (flags.answers !== undefined) {
    const origin = flags.answers === '-' ? 'stdin' : flags.answers;
    return linesAsker(io, await answersOf(io, flags.answers), origin);
  }
  if (io.stdin.isTTY && io.stderr.isTTY) return terminalAsker(io);
  if (flags.print) return defaultsAsker(io);
  throw new UserError('init asks questions, and there is no terminal to ask at', {
    hints: [
      'Take what is found:       inquest init --yes',
      'Only look at it:          inquest init --print',
      'Answers from a pipe:      inquest init --answers -   (a line each)',
      'Or write it by hand:      inquest help config',
    ],
  });
}

async function answersOf(io: Io, name: string): Promise<string> {
  if (name !== '-') {
    return readFile(resolve(io.cwd, name), 'utf8').catch((e: unknown) => {
      throw new UserError(`cannot read the answers ${name}: ${errorCode(e) ?? e}`);
    });
  }
  const parts: Buffer[] = [];
  for await (const part of io.stdin) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts).toString('utf8');
}

/** Somebody at a terminal. */
export function terminalAsker(io: Io): Asker {
  const { next, close } = openTerminal(io);
  return asker(io, next, close, false);
}

/** Answers that were written down beforehand, in their order. Their end is an error that names the question. */
function linesAsker(io: Io, text: string, origin: string): Asker {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const next: Line = async (prompt, hidden) => {
    const line = lines.shift();
    if (line === undefined) {
      throw new UserError(`the answers of ${origin} ended at: ${prompt.trim()}`, { hints: ['Nothing was written.'] });
    }
    io.stderr.write(`${prompt}${hidden ? '' : safeText(line)}\n`);
    return line;
  };
  return asker(io, next, () => {}, false);
}

/** Nobody: the defaults. */
const defaultsAsker = (io: Io): Asker =>
  asker(
    io,
    () => Promise.resolve(''),
    () => {},
    true,
  );

function asker(io: Io, line: Line, close: () => void, auto: boolean): Asker {
  const said = async (prompt: string, hidden = false): Promise<string> => {
    if (io.signal.aborted) throw io.signal.reason;
    return (await line(prompt, hidden)).trim();
  };
  const one: Asker = {
    auto,
    close,
    async ask(question, otherwise) {
      const shown = otherwise ? ` [${otherwise}]` : '';
      return (await said(`${safeText(`${question}${shown}`)}: `)) || (otherwise ?? '');
    },
    async yes(question, otherwise) {
      for (;;) {
        const answer = await said(`${safeText(question)} ${otherwise ? '[Y/n]' : '[y/N]'} `);
        if (answer === '') return otherwise;
        if (/^(?:y|yes)$/i.test(answer)) return true;
        if (/^(?:n|no)$/i.test(answer)) return false;
        io.stderr.write('  y or n\n');
      }
    },
    async secret(question, empty) {
      // A key is one word; what is pasted around it is none of it.
      return (await said(`${safeText(question)} (not shown; enter = ${empty}): `, true)) || undefined;
    },
    async choose(question, letters, otherwise) {
      const known = Object.entries<string | undefined>(letters);
      const shown = known.map(([letter, meaning]) => `${letter} ${meaning}`).join(', ');
      for (;;) {
        const answer = (await said(`${safeText(`${question} ${shown}`)} [${otherwise}] `)).toLowerCase();
        const found = answer === '' ? otherwise : known.find(([letter]) => letter === answer)?.[0];
        if (found !== undefined) return found as typeof otherwise;
        io.stderr.write(`  one of ${known.map(([letter]) => letter).join(' ')}\n`);
      }
    },
  };
  return one;
}

function openTerminal(io: Io): { next: Line; close(): void } {
  let shown = false;
  const output = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      if (shown) io.stderr.write(chunk);
      done();
    },
  });
  Object.defineProperty(output, 'columns', { get: () => io.stderr.columns });
  const rl: Interface = createInterface({ input: io.stdin, output, terminal: true, historySize: 0 });
  let waiting: { done(line: string): void; fail(e: unknown): void } | undefined;
  const gone = (): void => waiting?.fail(io.signal.aborted ? io.signal.reason : new Interrupted('end of input'));
  // A line that nobody asked for (typed ahead, the rest of a paste) answers nothing.
  rl.on('line', (line) => waiting?.done(line));
  rl.on('SIGINT', () => io.stop());
  rl.on('close', gone);
  io.signal.addEventListener('abort', gone, { once: true });
  const next: Line = (prompt, hidden) =>
    new Promise((done, fail) => {
      // What was typed before the question stood there is no answer to it.
      rl.write(null, { ctrl: true, name: 'e' });
      rl.write(null, { ctrl: true, name: 'u' });
      const end = (): void => {
        if (hidden) io.stderr.write('\n');
        shown = false;
        waiting = undefined;
      };
      waiting = {
        done: (line) => {
          end();
          done(line);
        },
        fail: (e) => {
          io.stderr.write('\n');
          shown = false;
          waiting = undefined;
          fail(e as Error);
        },
      };
      shown = true;
      if (hidden) {
        io.stderr.write(prompt);
        shown = false;
      } else {
        rl.setPrompt(prompt);
        rl.prompt();
      }
    });
  return { next, close: () => rl.close() };
}
