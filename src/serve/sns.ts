/**
 * Amazon SNS: the message carries its signature and names the certificate. Version 2 (RSA over SHA-256) only, from
 * topics that the config lists, with a certificate from a host of Amazon SNS. Its links are never followed.
 * After https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
import { createPublicKey, createVerify } from 'node:crypto';

/** Keys of the signed text, in this order; a key that the message does not have is left out. */
const SIGNED: Record<string, readonly string[]> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
};

/**
 * A file of the SNS service in a region. The shape of the region matters: a bucket named `sns` answers at
 * `sns.s3-us-west-2.amazonaws.com`.
 */
const CERTIFICATE =
  /^https:\/\/sns\.[a-z]{2}(?:-[a-z]+){1,3}-\d\.amazonaws\.com(?:\.cn)?\/SimpleNotificationService-[0-9a-f]{8,64}\.pem$/;

/** Messages older than this, and more than 5 minutes from the future, are refused: SNS itself retries for less. */
const OLDEST = 60 * 60_000;
const FUTURE = 5 * 60_000;

/** Gives the PEM text behind a certificate's URL, or throws. */
export type CertificateOf = (url: string) => Promise<string>;

/** Why a message is not from one of these topics; undefined where it is. */
export async function snsFault(
  message: unknown,
  topics: readonly string[],
  certificateOf: CertificateOf,
  now: number,
): Promise<string | undefined> {
  if (typeof message !== 'object' || message === null) return 'it is no SNS message';
  const said = message as Record<string, unknown>;
  const field = (name: string): string | undefined => {
    const value = Object.hasOwn(said, name) ? said[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const keys = SIGNED[field('Type') ?? ''];
  if (!keys) return 'it is no SNS message';
  if (!topics.includes(field('TopicArn') ?? '')) return 'its topic is not in the config';
  if (field('SignatureVersion') !== '2') return 'its SignatureVersion is not 2';
  const url = field('SigningCertURL') ?? '';
  if (!CERTIFICATE.test(url)) return 'its certificate does not come from Amazon SNS';
  const at = Date.parse(field('Timestamp') ?? '');
  if (!(at >= now - OLDEST && at <= now + FUTURE)) return 'its time is too far away';
  const text = keys.flatMap((key) => (field(key) === undefined ? [] : [`${key}\n${field(key)}\n`])).join('');
  const pem = await certificateOf(url);
  const signature = Buffer.from(field('Signature') ?? '', 'base64');
  const genuine = createVerify('RSA-SHA256').update(text, 'utf8').verify(createPublicKey(pem), signature);
  return genuine ? undefined : 'its signature does not fit';
}

/** Certificates fetched once and kept: a topic has one, and it changes rarely. */
export function certificates(fetch: typeof globalThis.fetch, timeoutMs = 3000): CertificateOf {
  const kept = new Map<string, Promise<string>>();
  const load = async (url: string): Promise<string> => {
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    const text = await answer.text();
    if (!answer.ok || text.length > 64 * 1024) throw new Error(`the certificate cannot be read: ${answer.status}`);
    return text;
  };
  return (url) => {
    const known = kept.get(url);
    if (known) return known;
    if (kept.size >= 20) kept.clear();
    const loading = load(url);
    kept.set(url, loading);
    loading.catch(() => kept.delete(url));
    return loading;
  };
}
