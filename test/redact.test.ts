/** Secrets go, everything that an investigation needs stays; errors and credentials never print a secret. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../src/core/errors.ts';
import { createRedactor } from '../src/safety/redact.ts';
import { loadRuleSet } from '../src/safety/redact-ruleset.ts';
import { toSafeError } from '../src/safety/safe-error.ts';
import { Secret } from '../src/safety/secret.ts';
import { HOSTILE_PIECES } from './_redaction.ts';

const KEY = 'k3y/With+odd "chars"&=\\ü-0123456789';
const plain = createRedactor([]);
/** Beside our own rules those of the kept rule set, as in a run. */
const full = createRedactor([], { rules: await loadRuleSet() });

describe('known values', () => {
  const redactor = createRedactor([KEY, 'short-one']);
  const basic = (at: number) => Buffer.from(`${'u'.repeat(at)}:${KEY}@rest`).toString('base64');
  const forms: Record<string, string> = {
    raw: KEY,
    json: JSON.stringify({ a: KEY }),
    'json in json': JSON.stringify(JSON.stringify({ a: KEY })),
    url: `?q=${encodeURIComponent(KEY)}`,
    form: new URLSearchParams({ q: KEY }).toString(),
    hex: Buffer.from(KEY).toString('hex'),
    HEX: Buffer.from(KEY).toString('hex').toUpperCase(),
    base64: Buffer.from(KEY).toString('base64'),
    base64url: Buffer.from(KEY).toString('base64url'),
    'inside base64, alignment 0': basic(2),
    'inside base64, alignment 1': basic(3),
    'inside base64, alignment 2': basic(4),
  };
  for (const [name, text] of Object.entries(forms))
    test(`a configured key is masked: ${name}`, () => {
      const out = redactor.text(`before ${text} after`);
      expect(out.hits).toBeGreaterThan(0);
      for (const piece of ['With+odd', 'With%2Bodd', '0123456789', text.slice(8, 40)])
        expect(out.text).not.toContain(piece);
      expect(out.text).toMatch(/^before .* after$/);
    });

  test('it is masked in keys, in values and at any depth, and the shape stays', () => {
    const { value, hits } = redactor.value({ a: [{ [`x ${KEY}`]: `y ${KEY}` }], n: 1, t: null });
    expect(value).toEqual({ a: [{ 'x ⟨secret:known⟩': 'y ⟨secret:known⟩' }], n: 1, t: null });
    expect(hits).toBe(2);
  });

  test('a key that was cut off on its way here is masked as far as it goes', () => {
    expect(redactor.text('said k3y/With+odd "ch… and k3y/Wi… and k3…').text).toBe(
      'said ⟨secret:known⟩… and ⟨secret:known⟩… and k3…',
    );
  });

  test('any key of six characters or more, wherever it stands, in every encoding', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 6, maxLength: 60, unit: 'grapheme' }),
        fc.string(),
        fc.string(),
        (key, a, b) => {
          fc.pre(key.trim().length >= 6 && !'⟨secret:known⟩'.includes(key.trim()));
          const r = createRedactor([key]);
          const k = key.trim();
          for (const form of [
            k,
            Buffer.from(k).toString('base64'),
            Buffer.from(k).toString('hex'),
            encodeURIComponent(k),
          ])
            expect(r.text(`${a}${form}${b}`).text.slice(a.length)).not.toContain(form);
        },
      ),
      { numRuns: 300 },
    );
  });
});

const masked: [what: string, text: string, secret: string][] = [
  ['a password in a URL', 'connect postgres://app:hunter2@db:5432/orders failed', 'hunter2'],
  ['one with @ in it', 'amqp://app:p@ss/w@mq/vhost', 'p@ss'],
  ['one without a user', 'redis://:s3cr3t@cache:6379/0', 's3cr3t'],
  ['a token as user', 'clone https://abcdef0123456789abcd@git.example.com/x.git', 'abcdef0123456789abcd'],
  ["the MySQL driver's form", 'dial app:hunter2@tcp(db:3306)/orders', 'hunter2'],
  ['an Authorization header', 'GET / Authorization: Bearer abc.def-123 Accept: */*', 'abc.def-123'],
  ['its JSON form', '{"headers":{"authorization":"Basic dXNlcjpwYXNz"}}', 'dXNlcjpwYXNz'],
  ['its escaped form', String.raw`{"m":"{\"Authorization\":\"token 0a1b2c\"}"}`, '0a1b2c'],
  ['a scheme nobody knows', 'curl -H "Authorization: Api-Token 22cb987851bc5659" x', '22cb987851bc5659'],
  ['a bare bearer', 'sent bearer 4f9d0c1b2a3e4d5c6b7a8f90 upstream', '4f9d0c1b2a3e4d5c6b7a8f90'],
  ['cookies, all of them', 'Cookie: sid=31d4d96e407aad42; theme=dark\nnext', '31d4d96e407aad42'],
  ['Set-Cookie', 'Set-Cookie: id=a3fWa; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'a3fWa'],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----', 'MIIEow'],
  ['a private key cut off', 'x -----BEGIN PRIVATE KEY-----\\nMIIEow', 'MIIEow'],
  ['a JWT', 'jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl ok', 'eyJzdWIiOiIxMjM0In0'],
  ['password=', 'login failed user=bob password=hunter2 ip=10.0.0.1', 'hunter2'],
  ['password = with quotes', "password = 'two words' next", 'two words'],
  ['a quote in a quote', String.raw`{"password":"a\"b\\","x":1}`, 'b'],
  ['JSON in a JSON string', String.raw`"{\"client_secret\":\"Zq9\",\"x\":1}"`, 'Zq9'],
  ['XML', '<clientSecret>Zq91</clientSecret>', 'Zq91'],
  ['a query string', '/cb?user=bob&access_token=abc123def&x=1', 'abc123def'],
  ['a flag', 'run --db-password hunter2 --verbose', 'hunter2'],
  ['an environment variable', 'export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG', 'wJalrXUtnFEMI'],
  ['a key that says itself what it is', 'using ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'ghp_abcdef'],
  ['a name that goes on', 'password_of_orders = "two words"', 'two words'],
  ['a comparison', 'if ("hunter2" == password) {', 'hunter2'],
  ['an array of characters', 'char secret[25] = "hunter2";', 'hunter2'],
  ['a token under a plain key', 'using key=4f9d0c1b2a3e4d5c6b7a8f9', '4f9d0c1b2a3e4d5c6b7a8f9'],
  ['a UUID in a constant', 'SNYK_KEY=123e4567-e89b-12d3-a456-426614174000', '123e4567'],
  ['a token that nothing announces', 'sent q7Rf2Lx9Tz4Kp8Wm3Vb6Ns1Hc5Jd0GyAe7 on', 'q7Rf2Lx9Tz4Kp8Wm'],
  ['a sentence', 'the acme token is 4f9d0c1b2a3e4d5c6b7a8f9 and works', '4f9d0c1b2a3e4d5c6b7a8f9'],
  [
    'a segment of a path',
    'POST https://acme.example/hooks/q7Rf2Lx9Tz4Kp8Wm3Vb6Ns1Hc5Jd0GyAe7/send',
    'q7Rf2Lx9Tz4Kp8Wm',
  ],
  [
    'a Kubernetes Secret',
    'kind: Secret\nmetadata:\n  name: a\ndata:\n  blob: |\n    YWRtaW4=\ntype: Opaque',
    'YWRtaW4=',
  ],
  ['one as JSON', '{"kind":"Secret","data":{"blob":"YWRtaW4="}}', 'YWRtaW4='],
  ['a copy of what was found', 'token=Zx81kQ9w2m then Zx81kQ9w2m again', 'Zx81kQ9w2m'],
];

describe('structure', () => {
  for (const [what, text, secret] of masked)
    test(`is masked: ${what}`, () => {
      const out = plain.text(text);
      expect(out.text).not.toContain(secret);
      expect(out.hits).toBeGreaterThan(0);
      expect(plain.text(out.text)).toEqual({ text: out.text, hits: 0 });
    });

  test('what stands around a secret stays', () => {
    expect(plain.text('login failed user=bob password=hunter2 ip=10.0.0.1').text).toBe(
      'login failed user=bob password=⟨secret:password⟩ ip=10.0.0.1',
    );
    expect(plain.text('postgres://app:hunter2@db:5432/orders').text).toBe('postgres://app:⟨secret:url⟩@db:5432/orders');
    expect(plain.text(String.raw`{"m":"{\"Authorization\":\"token 0a1b2c\"}"}`).text).toBe(
      String.raw`{"m":"{\"Authorization\":\"token ⟨secret:authorization⟩\"}"}`,
    );
  });

  test('fields of a JSON value are judged by their names', () => {
    const { value, hits } = plain.value({
      user: 'bob',
      password: 12345,
      tokens: 512,
      max_token: 512,
      headers: [{ name: 'Cookie', value: 'sid=1' }],
      env: { API_KEY: ['one-of-two', 'two-of-two'], key: 'value' },
      note: 'used one-of-two',
    });
    expect(value).toEqual({
      user: 'bob',
      password: '⟨secret:password⟩',
      tokens: 512,
      max_token: 512,
      headers: [{ name: 'Cookie', value: '⟨secret:cookie⟩' }],
      env: { API_KEY: ['⟨secret:key⟩', '⟨secret:key⟩'], key: 'value' },
      note: 'used ⟨secret:copy⟩',
    });
    expect(hits).toBe(5);
  });
});

const untouched = [
  'sha256-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'integrity sha512-q7Rf2Lx9Tz4Kp8Wm3Vb6Ns1Hc5Jd0GyAe7q7Rf2Lx9Tz4Kp8Wm3Vb6Ns1Hc5Jd0GyAe7==',
  'partition_key=4f9d0c1b2a3e4d5c6b7a8f9 cache key 4f9d0c1b2a3e4d5c6b7a8f9',
  'order_key=123e4567-e89b-12d3-a456-426614174000',
  'pod/checkout-7d9f8b6c5-x2k4q on ip-10-0-0-1.eu-west-1.compute.internal',
  'password_changed_at = "2026-01-01" secret_name: "orders-tls-2026" token_count=512',
  'the token of orders is rejected; secret manager unavailable; password authentication failed for orders-7d9f8b6c5-x2k4q',
  '/var/lib/AddressBook2/SourceSync9/CardDAVPlugin3/getPrincipalInfo4',
  'deployed 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b by ci',
  'image@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'traceId=4bf92f3577b34da6a3ce929d0e0e4736 spanId=00f067aa0ba902b7',
  '{"key":"region","value":"eu-west-1","partition_key":"order-123456","public_key":"MFkwEwYHKoZIzj0CAQ"}',
  'http_requests_total{key="checkout",route="/api/keys/:key"} 12',
  'SyntaxError: Unexpected token < in JSON at position 0',
  "Access denied for user 'app'@'10.0.0.1' (using password: YES)",
  'prompt_tokens=512 token_count: 17 tokens: 9 secretName: orders-tls',
  'GET http://host:8080/path?email=a@b.example 200',
  'git@github.com:acme/orders.git ssh://git@github.com/acme/orders',
  'password authentication failed for user "app"',
  'req 123e4567-e89b-12d3-a456-426614174000 took 12ms at o.s.b.a.e.web.EndpointLinksResolver',
];

describe('utility', () => {
  for (const text of untouched)
    test(`stays as it is: ${text.slice(0, 60)}`, () => expect(plain.text(text)).toEqual({ text, hits: 0 }));
});

test('a name in the query of a URL, and a key below a field that says "secret", are looked at too', () => {
  const { text, value } = createRedactor([]);
  expect(text('login: https://h.example/cb?pat=abcdefgh01234567ABCDEFGH9876').text).toMatch(/\?pat=⟨secret:/);
  const token = 'ghp_0123456789abcdefABCDEF0123456789abcd';
  expect(JSON.stringify(value({ password: { [token]: 'x1y2' } }))).not.toContain(token);
});

describe('limits', () => {
  test('past 256 KiB the text is withheld and says so, and a secret that crosses the limit goes whole', () => {
    const limit = 256 * 1024;
    const head = 'a '.repeat(limit / 2 - 10);
    const out = plain.text(`${head} password=hunter2hunter2hunter2 tail ${'b '.repeat(1000)}`).text;
    expect(out.length).toBeLessThan(limit + 200);
    expect(out).not.toContain('hunter');
    expect(out).toMatch(/⟨withheld:\d+ characters past the limit of redaction⟩$/);
  });

  test('what cannot be looked through in time is withheld and says so; names and levels stay', () => {
    let ms = 0;
    const slow = createRedactor(['k3y-of-the-house'], { now: () => (ms += 50), limitMs: 200 });
    const long = `${'a '.repeat(1500)} k3y-of-the-house`;
    expect(slow.text(long).text).toBe('⟨withheld:3017 characters that redaction had no time for⟩');
    const { value, hits } = slow.value({ level: 'error', note: 'k3y-of-the-house', body: long });
    expect(value).toEqual({
      level: 'error',
      note: '⟨secret:known⟩',
      body: '⟨withheld:3017 characters that redaction had no time for⟩',
    });
    expect(hits).toBe(2);
  });

  test('a secret longer than a pattern may be is found again', () => {
    const key = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEow'.repeat(60_000 / 6)}\n-----END RSA PRIVATE KEY-----`;
    expect(createRedactor([key]).text(`a ${key} b ${key}`)).toMatchObject({
      text: 'a ⟨secret:known⟩ b ⟨secret:known⟩',
    });
  });

  test('values nested deeper than 64 levels are withheld, not walked', () => {
    let deep: unknown = 'password=hunter2';
    for (let i = 0; i < 10_000; i++) deep = [deep];
    expect(JSON.stringify(plain.value(deep).value)).toContain('⟨withheld:nested deeper than 64⟩');
  });

  // Units of work that grow with the square of the length would take minutes here; linear ones take milliseconds.
  test('no input makes it slow: 256 KiB of each hostile piece, in less than 2 s each', () => {
    const slow = HOSTILE_PIECES.map((piece) => {
      const text = piece.repeat(Math.ceil((256 * 1024) / piece.length)).slice(0, 256 * 1024);
      const start = performance.now();
      full.text(text);
      return { piece, ms: performance.now() - start };
    }).filter((x) => x.ms > 2000);
    expect(slow).toEqual([]);
  });

  test('no text makes it throw, and what changed was counted', () => {
    const piece = fc.oneof(
      fc.constantFrom(...HOSTILE_PIECES, 'hunter2', '"', "'", '@', '=', ':', ',', '⟨secret:x⟩', '\n'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
        const once = plain.text(parts.join(''));
        expect(once.hits === 0).toBe(once.text === parts.join(''));
      }),
    );
  });

  test('what one call found does not change the next: the order of answers does not matter', () => {
    const r = createRedactor([]);
    const before = r.text('plain Zx81kQ9w2m');
    r.text('token=Zx81kQ9w2m');
    expect(r.text('plain Zx81kQ9w2m')).toEqual(before);
  });
});

describe('credentials and errors', () => {
  test('a Secret prints its name in every way of printing', () => {
    const s = new Secret('PROM_TOKEN', 'hunter2');
    const all = [
      `${s}`,
      String(s),
      ['', s].join(''),
      JSON.stringify({ s }),
      inspect(s),
      inspect({ s }, { depth: 9, showHidden: true }),
      inspect(s, { customInspect: false, showHidden: true }).replace('Secret {', '[secret:PROM_TOKEN] {'),
      inspect(new Proxy(s, {}), { showProxy: true }),
      inspect(new Error('x', { cause: s })),
      inspect(new AggregateError([s])),
      inspect(new Map([[s, s]])),
      format('%s %o %O %j %d', s, s, s, s, s),
      new Error(`${s}`).stack ?? '',
      encodeURIComponent(s as never).replace(/%../g, decodeURIComponent),
      `[secret:${Object.values(s)}] ${JSON.stringify({ ...s })} ${JSON.stringify(structuredClone({ ...s }))}`,
    ];
    for (const text of all) {
      expect(text).toContain('[secret:PROM_TOKEN]');
      expect(text).not.toContain('hunter2');
    }
    expect(s.reveal()).toBe('hunter2');
  });

  test('an error gives its name, message and code; never headers, request or response', () => {
    const r = createRedactor(['hunter2hunter2']);
    const e = Object.assign(new Error('401 {"echo":"hunter2hunter2"}'), {
      name: 'HttpError',
      request: { headers: { authorization: 'hunter2hunter2' } },
      response: { body: 'x'.repeat(9999) },
    });
    expect(toSafeError(e, r)).toBe('HttpError: 401 {"echo":"⟨secret:known⟩"}');
    expect(toSafeError(new UserError('no such run'), r)).toBe('no such run');
    expect(toSafeError('hunter2hunter2', r)).toBe('thrown: ⟨secret:known⟩');
    expect(toSafeError(new Error('\u001b[2Jgone\nsecond'), r)).toBe('Error: ␛[2Jgone second');
  });

  test('a failed connection says what the system said', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    const e = await fetch(`http://127.0.0.1:${port}/`).catch((x: unknown) => x);
    expect(toSafeError(e, plain)).toMatch(/^TypeError: fetch failed .*ECONNREFUSED/);
  });
});

const data = process.env.INQUEST_DATA;
const corpora = join(data ?? '', 'corpora', 'secrets');
describe.skipIf(!data || !existsSync(corpora))('corpora (INQUEST_DATA)', () => {
  /** What is promised. */
  const floors = { gitleaks: 0.998, secretlint: 0.9, 'detect-secrets': 0.9 };
  for (const [name, floor] of Object.entries(floors))
    test(`recall on ${name}`, () => {
      interface Row {
        label: string;
        text: string;
        secrets: string[];
        secrets_curated?: string[];
      }
      const text = gunzipSync(readFileSync(join(corpora, `${name}.jsonl.gz`))).toString();
      const rows = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Row);
      const secret = rows.filter((row) => row.label === 'secret');
      const gone = secret.filter((row) => {
        const out = full.text(row.text);
        const wanted = row.secrets_curated ?? row.secrets;
        return wanted.length > 0 ? wanted.every((s) => !out.text.includes(s)) : out.hits > 0;
      });
      console.log(
        `redact: ${name} recall ${gone.length}/${secret.length} = ${((100 * gone.length) / secret.length).toFixed(1)}%`,
      );
      expect(gone.length / secret.length).toBeGreaterThanOrEqual(floor);
    });

  const logs = join(data ?? '', 'benchmarks', 'loghub-2k');
  test.skipIf(!existsSync(logs))('of real log lines less than 1% of the characters are masked', () => {
    let characters = 0;
    let hidden = 0;
    let lines = 0;
    for (const file of readdirSync(logs).filter((f) => f.endsWith('.log.gz')))
      for (const line of gunzipSync(readFileSync(join(logs, file)))
        .toString()
        .split('\n')) {
        lines++;
        characters += line.length;
        hidden += line.length - full.text(line).text.replace(/⟨secret:[^⟩]*⟩/g, '').length;
      }
    console.log(`redact: ${hidden} of ${characters} characters masked in ${lines} real lines`);
    expect(hidden / characters).toBeLessThan(0.01);
  });
});
if (!data) console.log('SKIP corpora of secrets: INQUEST_DATA is not set');
