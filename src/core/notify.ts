/** The port of those who are told of a run: what they get, what they give back, how they fail. They see text, never a State. */

/** A report that passed gate 3, and what a notifier may know of its run. */
export interface Message {
  run: string;
  text: string;
  /** Changes with the text: the same hash was told already. */
  hash: string;
  /** ISO. */
  startedAt?: string;
  /** Same fingerprint = the same thing alerting; text of outsiders. */
  fingerprint?: string;
}

/** What a notifier wants to remember of a delivery, to edit it the next time. */
export type Receipt = Record<string, string>;

export interface Delivered {
  how: 'created' | 'edited';
  receipt: Receipt;
  /** Where a person finds it. */
  where?: string;
}

export interface Delivery {
  /** Of the last delivery about this run to this target. */
  before?: Receipt;
  /** An earlier try may have arrived although it failed. */
  unsure: boolean;
  signal: AbortSignal;
}

/** One target, opened. */
export interface Notifier {
  /** For people: `github acme/shop#12`. No secret is in it. */
  target: string;
  /** The report format that it takes. */
  format: string;
  /** It finds out whether an earlier try has arrived, or telling twice does no harm. */
  looks: boolean;
  /** Throws `Undelivered`. */
  deliver(message: Message, delivery: Delivery): Promise<Delivered>;
}

export interface NotifierEnv {
  fetch: typeof fetch;
  /** ms */
  now(): number;
  cwd: string;
}

export interface NotifierPlugin {
  title: string;
  /** Throws UserError for a config that cannot work; asks the network nothing. */
  open(name: string, config: Record<string, unknown>, env: NotifierEnv): Notifier;
}

/** A message that did not arrive, or may not have. */
export class Undelivered extends Error {
  override name = 'Undelivered';
  /** Trying again may help. */
  readonly retryable: boolean;
  /** It may have arrived all the same. */
  readonly maybeSent: boolean;
  /** The medium wants to be left alone for so long, ms. */
  readonly pauseMs: number | undefined;
  readonly fix: string | undefined;
  constructor(
    message: string,
    o: { retryable?: boolean; maybeSent?: boolean; pauseMs?: number | undefined; fix?: string | undefined } = {},
  ) {
    super(message);
    this.retryable = o.retryable ?? false;
    this.maybeSent = o.maybeSent ?? false;
    this.pauseMs = o.pauseMs;
    this.fix = o.fix;
  }
}
