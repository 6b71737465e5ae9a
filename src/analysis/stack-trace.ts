/**
 * Stack traces of the usual runtimes (JVM, Python, Node, Go, .NET): exception type, message and the first frame of our
 * own code, without rules per product. Of a chain the innermost cause counts, since the outer ones only carry it upward.
 */

export interface TraceInfo {
  type: string;
  message: string;
  /** `Class.method(File.java:12)`, `module.py:12 in f`, `f (file.ts:12:3)`: the first frame that is not a library's. */
  frame?: string;
}

/** What comes later of a record is not looked at: a recursion prints the same frames a thousand times. */
const LOOKED_AT = 64 * 1024;

/** `some.pkg.FooException: text`, `TypeError: text`. */
const THROWN =
  /(?:^|[\s;[(:"'])((?:[A-Za-z_$][\w$]*\.)*[A-Z][\w$]*(?:Exception|Error|Throwable|Interrupt))(?::\s*([^\n\r]*))?/;
/** `Error: text` is the name of an exception only where frames follow; elsewhere it is a word. */
const BARE = /^\s*(?:Uncaught )?((?:Error|Exception))(?::\s*([^\n\r]*))?(?=(?:\r?\n[^\n]*){0,3}\n\s+at\s)/m;
const PANIC = /^panic: ([^\n\r]*)/m;
const CAUSED_BY = /^\s*(?:Caused by|Causing|\[cause\]):\s*/gm;
/** .NET prints the inner exception inside of the outer one. */
const INNER = ' ---> ';
const INNER_END = '--- End of inner exception stack trace';

const TRACEBACK = 'Traceback (most recent call last)';
/** Python prints the cause first, and what came of it after such a line. */
const PYTHON_LATER = /\n(?:During handling of the above exception|The above exception was the direct cause)/;
/** The line after the last frame: `psycopg2.OperationalError: text`. */
const PYTHON_THROWN = /^([A-Za-z_][\w.]*)(?::\s([^\n\r]*))?\r?$/gm;

const FRAMES: { pattern: RegExp; show: (m: RegExpExecArray) => string }[] = [
  { pattern: /^\s+at\s+(.+?)\s*$/, show: (m) => m[1]! },
  {
    pattern: /^\s*File "([^"]+)", line (\d+)(?:, in (\S+))?/,
    show: (m) => `${m[1]}:${m[2]}${m[3] ? ` in ${m[3]}` : ''}`,
  },
  { pattern: /^\s+(\/?\S+\.(?:go|rb|rs|php)):(\d+)/, show: (m) => `${m[1]}:${m[2]}` },
];

/** Frames of runtimes and of packages that a team installs but does not write. */
const LIBRARY = new RegExp(
  [
    String.raw`^(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|akka|groovy|clojure|reactor|okhttp3|feign|System|Microsoft)\.`,
    String.raw`^org\.(?:springframework|apache|hibernate|eclipse|jboss|glassfish|postgresql|mongodb|slf4j|junit)\.`,
    String.raw`^com\.(?:zaxxer|fasterxml|mysql|google\.common|netflix)\.`,
    String.raw`^io\.(?:netty|grpc|micrometer|opentelemetry|vertx|undertow|lettuce|reactivex|quarkus)\.`,
    String.raw`node:|\bnode_modules\b|internal/|^new Promise|^async Promise|\(<anonymous>\)$`,
    String.raw`site-packages|dist-packages|<frozen |/usr/(?:lib|local)/|/go/pkg/mod/|/vendor/|\bruntime/`,
  ].join('|'),
);

/** A line that continues the record before it: a frame, a cause, an indented line. */
export const isContinuation = (line: string): boolean => /^[\s.CgT]/.test(line) && CONTINUATION.test(line);

const CONTINUATION =
  /^(?:\t|\s{2,}|\s*\.{3} \d+ (?:more|common frames)|Caused by: |goroutine \d+ \[|Traceback \(most recent)/;

/** What was thrown, from a record's whole text; undefined where nothing was. */
export function parseTrace(record: string): TraceInfo | undefined {
  if (!/Exception|Error|Throwable|panic: |Traceback/.test(record)) return undefined;
  const text = unescaped(record.slice(0, LOOKED_AT));
  const python = text.includes(TRACEBACK);
  const inner = python ? firstTraceback(text) : innermost(text);
  const thrown = python ? pythonThrown(inner) : (THROWN.exec(nestedMost(inner)) ?? BARE.exec(inner));
  const panic = PANIC.exec(text);
  if (!thrown && !panic) return undefined;
  const frames = framesOf(inner, python);
  // A cause often shares its lower frames with what it caused, and does not print them again.
  const frame = frames.find(isOwn) ?? framesOf(text, python).find(isOwn) ?? frames[0];
  const type = thrown ? thrown[1]! : 'panic';
  const message = (thrown ? (thrown[2] ?? '') : panic![1]!).trim();
  return { type, message, ...(frame === undefined ? {} : { frame }) };
}

const isOwn = (frame: string): boolean => !LIBRARY.test(frame);

/** A stack inside of a JSON text has its line breaks written as `\n`. */
const unescaped = (text: string): string =>
  text.includes('\n') ? text : text.replace(/\\r?\\n|\\n/g, '\n').replace(/\\t/g, '\t');

/** The part of a chain that tells of its innermost cause. */
function innermost(text: string): string {
  const last = [...text.matchAll(CAUSED_BY)].at(-1);
  const part = last ? text.slice(last.index + last[0].length) : text;
  const at = part.lastIndexOf(INNER);
  if (at < 0) return part;
  const end = part.indexOf(INNER_END, at);
  return part.slice(at + INNER.length, end < 0 ? undefined : end);
}

function firstTraceback(text: string): string {
  const rest = text.slice(text.indexOf(TRACEBACK) + TRACEBACK.length);
  const later = rest.search(PYTHON_LATER);
  return later < 0 ? rest : rest.slice(0, later);
}

/** The last line that names an exception: one with a suffix that says so before any other. */
function pythonThrown(block: string): RegExpExecArray | undefined {
  const named = [...block.matchAll(PYTHON_THROWN)];
  return named.findLast((m) => THROWN.test(m[0])) ?? named.find((m) => m[1] !== 'File');
}

/** Innermost first; Python prints them the other way round. */
function framesOf(text: string, python: boolean): string[] {
  const frames = text.split('\n').flatMap((line) => {
    for (const { pattern, show } of FRAMES) {
      const m = pattern.exec(line);
      if (m) return [show(m)];
    }
    return [];
  });
  return python ? frames.reverse() : frames;
}

/** Some frameworks write the chain on one line: `…; nested exception is X: text`. */
function nestedMost(text: string): string {
  const at = text.lastIndexOf('nested exception is ');
  return at < 0 ? text : text.slice(at);
}
