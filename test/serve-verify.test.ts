/** Who is heard: signatures over the raw bytes, tokens, Amazon SNS. */
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { certificates, snsFault } from '../src/serve/sns.ts';
import { type Credentials, isFrom } from '../src/serve/verify.ts';

const SECRET = 'a secret of the tests';
const BODY = '{"n":1}';
const NOW = Date.UTC(2026, 2, 1, 12);
const SECONDS = String(NOW / 1000);

const hex = (text: string, secret = SECRET): string => createHmac('sha256', secret).update(text).digest('hex');

const GENUINE: [Credentials['scheme'], headers: (body: string, secret: string) => Record<string, string>][] = [
  ['github', (b, s) => ({ 'x-hub-signature-256': `sha256=${hex(b, s)}` })],
  ['sentry', (b, s) => ({ 'sentry-hook-signature': hex(b, s) })],
  ['pagerduty', (b, s) => ({ 'x-pagerduty-signature': `v1=${'0'.repeat(64)},v1=${hex(b, s)}` })],
  ['grafana', (b, s) => ({ 'x-grafana-alerting-signature': hex(b, s) })],
  [
    'slack',
    (b, s) => ({ 'x-slack-request-timestamp': SECONDS, 'x-slack-signature': `v0=${hex(`v0:${SECONDS}:${b}`, s)}` }),
  ],
  ['bearer', (_, s) => ({ authorization: `Bearer ${s}` })],
  ['basic', (_, s) => ({ authorization: `Basic ${Buffer.from(s).toString('base64')}` })],
];

describe('a sender', () => {
  const heard = (scheme: Credentials['scheme'], secrets: string[], headers: Record<string, string>, body = BODY) =>
    isFrom({ scheme, secrets }, { headers, body: Buffer.from(body), now: NOW });

  test.each(GENUINE)('of %s is heard with any secret of its list, and with no other', (scheme, headers) => {
    expect(heard(scheme, ['another', SECRET], headers(BODY, SECRET))).toBe(true);
    expect(heard(scheme, [SECRET, 'another'], headers(BODY, SECRET))).toBe(true);
    expect(heard(scheme, ['another', 'third'], headers(BODY, SECRET))).toBe(false);
    expect(heard(scheme, [], headers(BODY, SECRET))).toBe(false);
    expect(heard(scheme, [SECRET], {})).toBe(false);
  });

  test.each(GENUINE.filter(([s]) => s !== 'bearer' && s !== 'basic'))(
    'of %s is not heard for other bytes',
    (scheme, headers) => {
      expect(heard(scheme, [SECRET], headers(BODY, SECRET), '{"n":2}')).toBe(false);
      expect(heard(scheme, [SECRET], headers(BODY, SECRET), `${BODY}\n`)).toBe(false);
    },
  );

  test('with a time in its signature is heard for five minutes only', () => {
    const at = (now: number) =>
      isFrom(
        { scheme: 'slack', secrets: [SECRET] },
        { headers: GENUINE[4]![1](BODY, SECRET), body: Buffer.from(BODY), now },
      );
    expect([at(NOW), at(NOW + 299_000), at(NOW + 301_000), at(NOW - 301_000)]).toEqual([true, true, false, false]);
  });

  test('whose header came twice or is absurdly long is not heard', () => {
    const headers = { authorization: [`Bearer ${SECRET}`, 'Bearer x'] as unknown as string };
    expect(heard('bearer', [SECRET], headers)).toBe(false);
    const long = 'x'.repeat(5000);
    expect(heard('bearer', [long], { authorization: `Bearer ${long}` })).toBe(false);
  });

  test('with an empty secret in the config is not heard by an empty header', () => {
    expect(heard('header', [''], { 'x-token': '' })).toBe(false);
  });
});

interface Vector {
  id: string;
  vendor: string;
  secret: string;
  now?: number;
  opts?: { timestampHeader?: string };
  headers: Record<string, string>;
  body: string;
  valid: boolean;
}

const file = join(process.env.INQUEST_DATA ?? '/nowhere', 'corpora/webhooks/vectors.jsonl.gz');
describe.skipIf(!existsSync(file))('the collected vectors (INQUEST_DATA)', () => {
  const lines = existsSync(file) ? gunzipSync(readFileSync(file)).toString().trim().split('\n') : [];
  const vectors = lines.map((line) => JSON.parse(line) as Vector);

  test('every valid one is heard and every forged one is not', () => {
    const wrong = vectors.filter((v) => {
      const scheme = (
        v.vendor === 'grafana-nots' ? 'grafana' : v.vendor.replace('standardw', 'standard-w')
      ) as Credentials['scheme'];
      const who = { scheme, secrets: [v.secret], ...v.opts };
      const now = (v.now ?? Date.now() / 1000) * 1000;
      return isFrom(who, { headers: v.headers, body: Buffer.from(v.body), now }) !== v.valid;
    });
    expect(wrong.map((v) => v.id)).toEqual([]);
    expect(vectors.filter((v) => v.valid).length).toBeGreaterThanOrEqual(20);
    expect(vectors.filter((v) => !v.valid).length).toBeGreaterThanOrEqual(200);
  });
});

describe('Amazon SNS', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alarms';
  const message = (more: Record<string, string> = {}): Record<string, string> => {
    const m: Record<string, string> = {
      Type: 'Notification',
      MessageId: 'm1',
      TopicArn: TOPIC,
      Message: '{"AlarmName":"x"}',
      Timestamp: new Date(NOW).toISOString(),
      SignatureVersion: '2',
      SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem',
      ...more,
    };
    const keys = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'].filter((k) => m[k] !== undefined);
    const text = keys.map((k) => `${k}\n${m[k]}\n`).join('');
    return { Signature: createSign('RSA-SHA256').update(text).sign(privateKey, 'base64'), ...m };
  };
  const fault = (m: Record<string, unknown>, topics = [TOPIC]) => snsFault(m, topics, () => Promise.resolve(pem), NOW);

  test('is heard with a fitting signature, of a topic in the config, from a host of SNS', async () => {
    expect(await fault(message())).toBeUndefined();
    expect(await fault(message({ Subject: 'ALARM' }))).toBeUndefined();
    expect(await fault(message(), ['arn:aws:sns:eu-west-1:1:other'])).toMatch(/topic/);
    expect(await fault({ ...message(), Message: '{"AlarmName":"y"}' })).toMatch(/signature/);
    expect(await fault(message({ SignatureVersion: '1' }))).toMatch(/SignatureVersion/);
    expect(await fault(message({ Timestamp: new Date(NOW - 2 * 3_600_000).toISOString() }))).toMatch(/time/);
  });

  test.each([
    'https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem',
    'https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef.pem',
    'http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem',
    'https://evil.example/https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem',
    'https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0123456789abcdef.pem',
    'https://sns.eu-west-1.amazonaws.com/../SimpleNotificationService-0123456789abcdef.pem',
    'file:///etc/passwd',
  ])('is not asked for a certificate at %s', async (url) => {
    let asked = 0;
    const why = await snsFault(
      message({ SigningCertURL: url }),
      [TOPIC],
      () => Promise.reject(new Error(String(asked++))),
      NOW,
    );
    expect(why).toMatch(/certificate/);
    expect(asked).toBe(0);
  });

  test('has its certificate fetched once, without following redirects; a failure is forgotten', async () => {
    const asked: RequestInit[] = [];
    let up = false;
    const of = certificates((async (_url: string, init: RequestInit) => {
      asked.push(init);
      return new Response(pem, { status: up ? 200 : 500 });
    }) as typeof fetch);
    await expect(of('u')).rejects.toThrow(/500/);
    up = true;
    expect([await of('u'), await of('u')]).toEqual([pem, pem]);
    expect(asked.map((a) => a.redirect)).toEqual(['error', 'error']);
  });
});
