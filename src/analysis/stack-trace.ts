/** Stack traces: exception type, message and the first frame of our own code, without rules per product. */

export interface TraceInfo {
  type: string;
  message: string;
  /** `Class.method(File.java:12)`, `module.py:12 in f`, `f (file.ts:12)`: the first frame that is not a library's. */
  frame?: string;
}

/** `some.pkg.FooException: text`, `TypeError: text`, `panic: text`. */
const THROWN =
  /(?:^|[\s;[(:"'])((?:[A-Za-z_$][\w$]*\.)*[A-Z][\w$]*(?:Exception|Error|Throwable|Interrupt))(?::\s*([^\n\r]*))?/;
const PANIC = /^panic: ([^\n\r]*)/m;
const CAUSED_BY = /^\s*(?:Caused by|Causing):\s*(.*)$/gm;
const FRAME = [
  /^\s+at\s+(.+)$/,
  /^\s*File "([^"]+)", line (\d+)(?:, in (\S+))?/,
  /^\s+(\/?\S+\.(?:go|rb|rs|php)):(\d+)/,
];

/** Frames of runtimes and of packages that a team installs but does not write. */
const LIBRARY =
  /^(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|scala|akka|org\.(?:springframework|apache|hibernate|eclipse|jboss|postgresql)|io\.(?:netty|grpc|micrometer|opentelemetry|vertx)|reactor|System|Microsoft)\.|node:|\bnode_modules\b|site-packages|dist-packages|\/usr\/(?:lib|local)\/|\/go\/pkg\/mod\/|\bruntime\/|<frozen |^new Promise|^async Promise|internal\//;

/** A line that continues the record before it: a frame, a cause, an indented line. */
export const isContinuation = (line: string): boolean => /^[\s.CgT]/.test(line) && CONTINUATION.test(line);

const CONTINUATION =
  /^(?:\t|\s{2,}|\s*\.{3} \d+ (?:more|common frames)|Caused by: |goroutine \d+ \[|Traceback \(most recent)/;

function frameOf(line: string): string | undefined {
  const call = FRAME[0]!.exec(line);
  if (call) return call[1]!.trim();
  const python = FRAME[1]!.exec(line);
  if (python) return `${python[1]}:${python[2]}${python[3] ? ` in ${python[3]}` : ''}`;
  const file = FRAME[2]!.exec(line);
  return file ? `${file[1]}:${file[2]}` : undefined;
}

/**
 * What was thrown, from a record's whole text; undefined where nothing was.
 * Of a chain the innermost cause counts (the last `Caused by`), since the outer ones only carry it upward.
 */
export function parseTrace(text: string): TraceInfo | undefined {
  if (!/Exception|Error|Throwable|panic: |Traceback/.test(text)) return undefined;
  let start = text;
  for (const cause of text.matchAll(CAUSED_BY)) start = text.slice(cause.index);
  const python = text.includes('Traceback (most recent call last)');
  // Python prints the exception last, everybody else first.
  const lines = start.split('\n');
  const thrown = python
    ? lines
        .map((l) => THROWN.exec(l))
        .filter((m) => m !== null)
        .at(-1)
    : THROWN.exec(nestedMost(start));
  const panic = PANIC.exec(text);
  if (!thrown && !panic) return undefined;
  const frames = lines.map(frameOf).filter((f) => f !== undefined);
  const ordered = python ? frames.toReversed() : frames;
  const frame = ordered.find((f) => !LIBRARY.test(f)) ?? ordered[0];
  const type = thrown ? thrown[1]! : 'panic';
  const message = (thrown ? (thrown[2] ?? '') : panic![1]!).trim();
  return { type, message, ...(frame === undefined ? {} : { frame }) };
}

/** Some frameworks write the chain on one line: `…; nested exception is X: text`. */
function nestedMost(text: string): string {
  const at = text.lastIndexOf('nested exception is ');
  return at < 0 ? text : text.slice(at);
}
