/** One delivery to a hook, from its first byte to its answer: who sends it, what it holds, what becomes of it. */
import type { Readable } from 'node:stream';
import type { AlertNormaliser } from '../core/alerts.ts';
import { sha256 } from '../core/canonical.ts';
import { slackText } from '../safety/safe-markup.ts';
import { Bodies } from './body.ts';
import type { Dispatcher, Told } from './dispatcher.ts';
import { type Read, readDelivery } from './intake.ts';
import type { Log } from './log.ts';
import { Rate } from './rate.ts';
import type { Hook } from './rules.ts';
import { type CertificateOf, snsFault } from './sns.ts';
import { isFrom, sameText } from './verify.ts';

export interface HookRequest {
  name: string;
  /** What follows the name in the URL. */
  path: string;
  address: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Readable | undefined;
}

export interface HookAnswer {
  status: number;
  body: Record<string, unknown>;
  retryAfter?: number;
  /** The rest of the body is not wanted. */
  close?: boolean;
}

export interface ReceiverOptions {
  hooks: readonly Hook[];
  normalisers: Readonly<Record<string, AlertNormaliser>>;
  /** The first gate. */
  redact: <T>(json: T) => T;
  certificateOf: CertificateOf;
  dispatcher: Dispatcher;
  log: Log;
  now: () => number;
}

/** Decisions that one answer lists. */
const LISTED = 20;
/** Deliveries that are remembered as read, and the largest of them, bytes. */
const RECENT = 128;
const RECENT_BYTES = 64 * 1024;

export class Receiver {
  readonly #o: ReceiverOptions;
  readonly #bodies = new Bodies();
  readonly #rate = new Rate();
  readonly #recent = new Map<string, Read>();

  constructor(o: ReceiverOptions) {
    this.#o = o;
  }

  /** Throws `Gone` where the sender leaves before its body is whole. */
  async receive(request: HookRequest): Promise<HookAnswer> {
    const { hooks, now, log } = this.#o;
    const hook = hooks.find((h) => h.name === request.name);
    if (!hook) return refused(404, 'no such hook');
    if (!this.#rate.take(`${hook.name} ${request.address}`, now())) {
      return { ...refused(429, 'too many requests'), retryAfter: 5 };
    }
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') return refused(415, 'send it without compression');
    // Who does not know the secret path is not read at all.
    if (!sameText(request.path, hook.path ?? '')) return refused(401, 'not accepted');
    const length = request.headers['content-length'];
    const body = request.body
      ? await this.#bodies.read(request.body, typeof length === 'string' ? length : undefined)
      : Buffer.alloc(0);
    if (!Buffer.isBuffer(body)) {
      const { refused: status } = body;
      if (status === 413) log.warn('delivery.too-large', { hook: hook.name });
      return status === 413 ? refused(413, 'too large') : { ...refused(503, 'busy'), retryAfter: 5 };
    }
    const fault = await this.#fault(hook, request, body);
    if (fault !== undefined) {
      log.warn('delivery.refused', { hook: hook.name, why: fault, address: request.address });
      return refused(401, 'not accepted');
    }
    return this.#take(hook, body, isForm(request));
  }

  async #take(hook: Hook, body: Buffer, form: boolean): Promise<HookAnswer> {
    const { dispatcher, log } = this.#o;
    const accepted = hook.type === 'slack' ? 200 : 202;
    const read = this.#read(body, form);
    if ('broken' in read) {
      log.warn('delivery.broken', { hook: hook.name, why: read.broken });
      return { status: 400, body: { status: 'not readable', why: read.broken } };
    }
    if ('nothing' in read) {
      await dispatcher.ignored(hook, 'the delivery', read.nothing);
      log.info('delivery.ignored', { hook: hook.name, why: read.nothing });
      return { status: accepted, body: { status: 'ignored', why: read.nothing, ...spoken(hook, read.nothing) } };
    }
    const told = await dispatcher.take(hook, read.alerts);
    for (const { title, decision } of told) {
      if (decision.do === 'start' || decision.do === 'attach')
        log.info('alert', { hook: hook.name, title, ...decision });
    }
    const shed = told.flatMap(({ decision }) => (decision.do === 'shed' ? [decision] : []));
    const list = told.slice(0, LISTED).map(({ title, decision }) => ({ title, ...decision }));
    const [first] = shed;
    if (first) {
      const retryAfter = Math.max(...shed.map((d) => d.retryAfter));
      return { status: first.status, body: { status: 'come back later', alerts: list }, retryAfter };
    }
    return { status: accepted, body: { status: 'accepted', alerts: list, ...spoken(hook, sentence(told)) } };
  }

  /** A storm is mostly the same bytes: they are read once. */
  #read(body: Buffer, form: boolean): Read {
    const { normalisers, redact, now } = this.#o;
    const hash = `${form} ${sha256(body)}`;
    const known = this.#recent.get(hash);
    if (known) return known;
    const fresh = readDelivery(body, { form, normalisers, now: now() });
    const read = 'alerts' in fresh ? fresh : redact(fresh);
    if (body.length > RECENT_BYTES) return read;
    if (this.#recent.size >= RECENT) this.#recent.delete(this.#recent.keys().next().value!);
    this.#recent.set(hash, read);
    return read;
  }

  /** Why a delivery is not from this sender; undefined where it is. */
  async #fault(hook: Hook, request: HookRequest, body: Buffer): Promise<string | undefined> {
    const { now, certificateOf, log } = this.#o;
    if (hook.credentials) {
      const from = isFrom(hook.credentials, { headers: request.headers, body, now: now() });
      return from ? undefined : 'it does not hold a secret of this hook';
    }
    let message: unknown;
    try {
      message = JSON.parse(body.toString('utf8'));
      const fault = await snsFault(message, hook.topics ?? [], certificateOf, now());
      const { Type, SubscribeURL: url } = message as Record<string, unknown>;
      if (fault === undefined && Type === 'SubscriptionConfirmation') {
        log.warn('sns.confirm', {
          hook: hook.name,
          say: 'open this address yourself to confirm the subscription',
          url,
        });
      }
      return fault;
    } catch (e) {
      return `it cannot be checked: ${e instanceof Error ? e.message : e}`;
    }
  }
}

const refused = (status: number, why: string): HookAnswer => ({ status, body: { status: why }, close: status !== 401 });

const isForm = ({ headers }: HookRequest): boolean =>
  /^application\/x-www-form-urlencoded\b/i.test(String(headers['content-type'] ?? ''));

/** What Slack shows to whoever typed the command. */
const spoken = (hook: Hook, text: string): Record<string, string> =>
  hook.type === 'slack' ? { response_type: 'ephemeral', text: slackText(text) } : {};

function sentence(told: readonly Told[]): string {
  const [first] = told;
  if (!first) return 'nothing to do';
  const { decision: d } = first;
  const run = 'run' in d ? ` (run ${d.run.slice(-6)})` : '';
  return `${d.do === 'start' ? 'investigating' : d.do}${run}: ${d.why}`;
}
