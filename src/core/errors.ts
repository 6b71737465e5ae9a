/** Failures by meaning. Anything that is none of these is a bug and flies to cli.ts. */

/** Exit codes, the whole list (`inquest help exit-codes`). */
export const EXIT = {
  done: 0,
  /** A bug; of commands that compare or are told to fail (`diff`, `ci --fail-on cause`): it is as they ask. */
  bug: 1,
  usage: 2,
  credentials: 3,
  sources: 4,
  inconclusive: 10,
  waiting: 11,
  budget: 12,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something that the user can mend: what happened, what still works, how to fix it. Never shown with a stack. */
export class UserError extends Error {
  override name = 'UserError';
  readonly hints: string[];
  readonly exit: ExitCode;
  constructor(message: string, { hints = [], exit = EXIT.usage }: { hints?: string[]; exit?: ExitCode } = {}) {
    super(message);
    this.hints = hints;
    this.exit = exit;
  }
}

/** The run was stopped from outside (Ctrl-C, SIGTERM); what is journalled is safe. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** The code of a Node or system error (`ENOENT`, `ECONNREFUSED` …), looked for in its causes too. */
export function errorCode(e: unknown): string | undefined {
  let x = e;
  for (let depth = 0; depth < 8 && x instanceof Error; depth++, x = x.cause) {
    const code = (x as { code?: unknown }).code;
    if (typeof code === 'string') return code;
  }
  return undefined;
}

/** For the end of a `switch` over a union. */
export function unreachable(x: never): never {
  throw new Error(`unreachable: ${JSON.stringify(x)}`);
}
