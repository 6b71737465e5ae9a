/**
 * Lines that a GitHub Actions runner obeys. It reads `::command::` at the beginning of a line, blanks before it allowed,
 * and `##[command]` anywhere in one, on both streams: what comes from outside must not be able to write either.
 */

/** A message or property of our own command: what the runner decodes again, and no more. */
const message = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
const property = (text: string): string => message(text).replace(/:/g, '%3A').replace(/,/g, '%2C');

/** An annotation of the job, one line. */
export const annotation = (kind: 'notice' | 'warning' | 'error', title: string, text: string): string =>
  `::${kind} title=${property(title)}::${message(text)}\n`;

/** Makes every command in a text plain words; the same text where there is none. */
export const inert = (text: string): string => text.replace(/##(?=\[)/g, '# #').replace(/^([^\S\n]*):(?=:)/gm, '$1: ');

/**
 * Puts `inert` before everything that is written to the stream, and gives back the way around it for our own commands.
 * Where a command would be split over two writes, a blank is put between them.
 */
export function guardCommands(stream: NodeJS.WritableStream): (command: string) => void {
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
  /** What the line that is being written ends with, as far as a command may begin there. */
  let open = '';
  stream.write = ((chunk: unknown, ...rest: unknown[]) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8');
    const split = (open.endsWith('##') && text.startsWith('[')) || (/^\s*:$/.test(open) && text.startsWith(':'));
    const line = (open + text).slice((open + text).lastIndexOf('\n') + 1);
    open = line.length > 200 ? `x${line.slice(-2)}` : line;
    return write((split ? ' ' : '') + inert(text), ...rest);
  }) as typeof stream.write;
  return (command) => void write(command);
}
