/** What a container that ends again and again said before: the plain reasons that programs of any kind give at their start. */
import type { StateReading } from './kube-objects.ts';

/** The first that some line matches: what is most special comes first. */
const WORDS: [RegExp, string][] = [
  [
    /access denied for user|(?:password )?authentication failed|invalid credentials|login failed/i,
    'it is refused with its credentials',
  ],
  [
    /address already in use|EADDRINUSE|port \d+ (?:is|was) already in use|failed to bind|could not bind/i,
    'its port is already in use',
  ],
  [
    /unknown ?host|no such host|name or service not known|ENOTFOUND|name resolution/i,
    'a host name that it needs is not resolved',
  ],
  [/OutOfMemoryError|heap out of memory|cannot allocate memory/i, 'it finds no memory'],
  [/unknown database|database .* does not exist|no such table/i, 'the database that it names does not exist'],
  [
    /communications link failure|connection refused|ECONNREFUSED|could not connect|connect(?:ion)? timed out/i,
    'a server that it needs is not reached at the address that it has',
  ],
  [
    /(?:environment variable|env var|required (?:property|setting|configuration)|could not resolve placeholder)/i,
    'a setting that it needs is missing',
  ],
  [
    /no such file or directory|FileNotFound|cannot find module|ModuleNotFound|ClassNotFound/i,
    'a file or module that it needs is missing',
  ],
  [/permission denied|EACCES|read-only file system/i, 'it may not read or write what it needs'],
];

const QUOTE_MAX = 160;

/** The reason in the lines of a service that crashes, as words and as a quote; undefined where none is plain. */
export function lastWords(bodies: string[]): { what: string; quote: string } | undefined {
  for (const [pattern, what] of WORDS) {
    for (const body of bodies) {
      const m = pattern.exec(body);
      if (!m) continue;
      const line = body.slice(m.index).split('\n', 1)[0]!;
      return { what, quote: line.slice(0, QUOTE_MAX).trim() };
    }
  }
  return undefined;
}

/** A crash of which the object tells no more than an exit code. */
export const isUnexplainedCrash = (r: StateReading): boolean =>
  r.kind === 'pods' && r.symptom === true && /ends with exit code \d+$/.test(r.rule);
