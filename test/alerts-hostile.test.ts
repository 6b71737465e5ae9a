/** Whatever bytes come in, the answer is an alert or one clear message; foreign text stays data within bounds. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../src/core/errors.ts';
import { scanJson } from '../src/core/scan-json.ts';
import { intake, payload, payloadJson } from './_alerts.ts';

/** The refusal as text, or undefined where an alert came out. Everything but a UserError flies. */
function refusal(input: unknown): string | undefined {
  try {
    intake(input);
    return undefined;
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    expect(e.message).not.toBe('');
    return [e.message, ...e.hints].join('\n');
  }
}

test('an empty file, binary, gzip, UTF-16, Latin-1 and ten megabytes are told apart', () => {
  const first = (input: unknown): string | undefined => refusal(input)?.split('\n')[0];
  expect(first('')).toBe('stdin is empty');
  expect(first(' \r\n\t')).toBe('stdin is empty');
  expect(first(new Uint8Array([1, 2, 0, 3]))).toBe('stdin is binary data (4 B), not JSON');
  expect(first(new Uint8Array([0x1f, 0x8b, 8, 0]))).toBe('stdin is gzip, not JSON');
  expect(first(Buffer.from('\ufeff{}', 'utf16le'))).toBe('stdin is UTF-16 text, not JSON');
  expect(first(Buffer.from('{"title":"caf\u00e9"}', 'latin1'))).toBe(
    'stdin is not UTF-8 text: it breaks at byte 14 of 16',
  );
  expect(first(new Uint8Array(10 * 1024 * 1024).fill(0x61))).toContain(
    'stdin is not JSON: a value should stand here (line 1, column 1',
  );
  expect(first(new Uint8Array(10 * 1024 * 1024 + 1))).toBe('stdin is larger than 10 MiB: that is no alert');
});

test('truncated and broken JSON is located by line and column', () => {
  const whole = payload('pagerduty').toString();
  expect(refusal(whole.slice(0, 200))).toMatchInlineSnapshot(`
    "stdin is cut off: it ends inside a string (line 9, column 10)
    The end is missing. Copy or send the whole payload again.
    Or say it: inquest investigate --text "checkout is slow" --service checkout"
  `);
  expect(refusal('{\n  "title": "x",\n  "service": checkout\n}')).toMatchInlineSnapshot(`
    "stdin is not JSON: a value should stand here (line 3, column 14, at "c")
    Mend that place, or send the payload again as its sender posted it.
    Or say it: inquest investigate --text "checkout is slow" --service checkout"
  `);
  expect(refusal('<!DOCTYPE html><html>')).toContain('HTML or XML');
  expect(refusal('payload=%7B%22a%22%3A1%7D')).toContain('content type application/json');
  expect(refusal(`${JSON.stringify(payloadJson('pagerduty'))}\n{"a":`)).toContain('cut off');
});

test('every prefix of a payload is refused as cut off or empty', () => {
  const whole = payload('datadog').toString().trim();
  for (let n = 0; n < whole.length; n++) expect(refusal(whole.slice(0, n))).toMatch(/is (cut off|empty)/);
});

test('nesting is read to a depth of 64 and refused beyond, without overflow', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  expect(refusal(nested(64))).toContain('This does not look like an alert');
  expect(refusal(nested(65))).toContain('nested deeper than 64');
  expect(refusal('['.repeat(5_000_000))).toContain('nested deeper than 64');
  expect(refusal('{"a":'.repeat(1_000_000))).toContain('nested deeper than 64');
  const alarm = { ...payloadJson('cloudwatch'), Message: `{"AlarmName":${nested(100_000)}}` };
  expect(refusal(alarm)).toContain('no AlarmName');
});

test('hundreds of thousands of alerts, keys or tags neither overflow nor stall', () => {
  const many = <T>(n: number, make: (i: number) => T): string => Array.from({ length: n }, (_, i) => make(i)).join(',');
  expect(refusal(`[${many(300_000, () => '{"labels":{"alertname":"a"}}')}]`)).toContain('more than 10,000');
  expect(refusal(`[${many(1_000_000, () => '{}')}]`)).toContain('more than 10,000');
  expect(refusal(`{"labels":{"alertname":"a",${many(100_000, (i) => `"k${i}":"1"`)}}}`)).toBeUndefined();
  expect(refusal({ ...payloadJson('datadog'), tags: many(100_000, (i) => `a:${i}`) })).toBeUndefined();
});

test('JSON that is no alert is answered with what was read, what was seen and what comes closest', () => {
  expect(refusal({ items: [], next_page: 2 })).toMatchInlineSnapshot(`
    "This does not look like an alert
    Read 26 B of JSON from stdin; no title, monitor, service or time in it.
    Keys seen: items, next_page (a list response?)
    Known senders: alertmanager, cloudwatch, datadog, datadog-monitor, github, grafana, inquest, newrelic, opsgenie, pagerduty, sentry, slack.
    Or say it: inquest investigate --text "checkout is slow" --service checkout"
  `);
  expect(refusal({ id: 1, name: 'm', query: 'q' })).toMatchInlineSnapshot(`
    "This does not look like an alert
    Read 31 B of JSON from stdin; no service or time in it.
    Keys seen: id, name, query
    Closest: Datadog monitor (API); it lacks overall_state.
    Or say it: inquest investigate --text "checkout is slow" --service checkout"
  `);
  expect(refusal('"hello"')).toContain('Seen: a string.');
  expect(refusal('1 2')).toContain('there is text after the end of the JSON (line 1, column 3');
  expect(refusal('0\n'.repeat(10_001))).toContain('more than 10,000 JSON values');
});

test('control characters of a payload do not reach the message', () => {
  const said = refusal({ '\u001b[2J\u202ekey': 1, alerts: [] }) ?? '';
  expect(said).toContain('key');
  expect(said).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});

test('titles, labels and links are kept within bounds, and names of the prototype are only names', () => {
  const labels = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, 'v'.repeat(5000)]));
  const hostile = JSON.parse('{"__proto__":"p","constructor":"c","alertname":"A"}') as object;
  const { alert } = intake({
    ...payloadJson('inquest'),
    title: `${'\u{1f600}'.repeat(400)}`,
    labels: { ...labels, ...hostile },
    links: Array.from({ length: 50 }, () => ({ rel: 'x', url: 'https://a.example/' })),
    query: 'q'.repeat(20_000),
  });
  expect([...alert.title]).toHaveLength(300);
  expect(Object.keys(alert.labels)).toHaveLength(200);
  expect(Math.max(...Object.values(alert.labels).map((v) => v.length))).toBe(1000);
  expect(alert.labels.constructor).toBe('c');
  expect(({} as Record<string, unknown>).p).toBeUndefined();
  expect(alert.links).toHaveLength(20);
  expect(alert.query).toBeUndefined();
});

const NAMES = [
  'inquest',
  'alertmanager',
  'datadog',
  'datadog-monitor',
  'pagerduty',
  'grafana',
  'opsgenie',
  'github-deployment',
  'github-workflow',
  'cloudwatch',
  'newrelic',
  'sentry',
];

describe('no input throws anything but a UserError', () => {
  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void refusal(bytes)),
      { numRuns: 500 },
    );
  });

  test('any JSON', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => void refusal(text)),
      { numRuns: 500 },
    );
  });

  test('any vendor payload with any of its values replaced by any other or removed', () => {
    const change = fc.tuple(fc.constantFrom(...NAMES), fc.nat(), fc.option(fc.jsonValue({ maxDepth: 3 })));
    fc.assert(
      fc.property(change, fc.boolean(), ([name, at, value], asList) => {
        const body = payloadJson(name);
        const places: [Record<string, unknown>, string][] = [];
        const walk = (x: unknown): void => {
          if (typeof x !== 'object' || x === null) return;
          for (const [k, v] of Object.entries(x)) {
            places.push([x as Record<string, unknown>, k]);
            walk(v);
          }
        };
        walk(body);
        const [holder, key] = places[at % places.length]!;
        if (value === null) delete holder[key];
        else holder[key] = value;
        refusal(asList ? [body, body] : body);
      }),
      { numRuns: 3000 },
    );
  });

  test('any bytes changed in any payload', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.nat(), fc.nat({ max: 255 }), (name, at, byte) => {
        const bytes = new Uint8Array(payload(name));
        bytes[at % bytes.length] = byte;
        refusal(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});

test('the scanner and JSON.parse agree on what is JSON', () => {
  const agree = (text: string): void => {
    let parses = true;
    try {
      JSON.parse(text);
    } catch {
      parses = false;
    }
    const scan = scanJson(text, 0, 1000);
    expect('end' in scan && /^[ \t\r\n]*$/.test(text.slice(scan.end)), text).toBe(parses);
  };
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"\\u00e',
    '"\\',
    '1',
    '-',
    '0',
    '.5',
    'e+1',
    'true',
    'nul',
    ' ',
    '\n',
    '\u00a0',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (p) => agree(p.join(''))),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(fc.json(), fc.nat(), (text, at) => agree(text.slice(0, at % (text.length + 1)))),
    { numRuns: 1000 },
  );
  fc.assert(fc.property(fc.string(), agree), { numRuns: 500 });
});

const data = process.env.INQUEST_DATA;
if (!data) console.log('SKIP alerts against recorded payloads: INQUEST_DATA is not set');

describe.skipIf(!data)('against recorded payloads', () => {
  const at = (path: string): string => join(data ?? '', path);
  const files = (folder: string): string[] => (existsSync(at(folder)) ? readdirSync(at(folder)).sort() : []);

  test('the JSON parsing suite: what must be refused is refused, and nothing crashes', () => {
    const folder = 'corpora/jsontestsuite/test_parsing';
    expect(files(folder).length).toBeGreaterThan(200);
    for (const file of files(folder)) {
      const said = refusal(readFileSync(at(join(folder, file))));
      expect(said, file).toBeDefined();
      // Valid JSON is refused for what it says, never for how it is written.
      const asJson = /^This does not look like an alert/.test(said ?? '');
      if (file.startsWith('y_')) expect(asJson, `${file}: ${said}`).toBe(true);
      if (file.startsWith('n_')) expect(asJson, `${file}: ${said}`).toBe(false);
    }
  });

  test('naughty strings as title, label and service come through as data', () => {
    const strings = JSON.parse(readFileSync(at('corpora/naughty/blns.json'), 'utf8')) as string[];
    for (const s of strings) {
      const body = {
        schema: 'inquest.alert/v1',
        title: `t ${s}`,
        service: s,
        startsAt: '2026-03-01T12:00:00Z',
        labels: { l: s, [s]: 'v' },
      };
      const { alert } = intake(body);
      expect(alert.labels.l ?? '').toBe([...s.trim()].length > 1000 ? alert.labels.l : s.trim());
      expect(JSON.parse(JSON.stringify(alert))).toEqual(alert);
    }
  });

  test('alerts recorded from a real Alertmanager are read with their service and the query of their rule', () => {
    const recorded = files('captures').filter((f) => /^alertmanager-webhook-\d+\.json$/.test(f));
    expect(recorded.length).toBeGreaterThan(0);
    for (const file of recorded) {
      const { alert } = intake(readFileSync(at(join('captures', file))));
      expect(alert, file).toMatchObject({
        source: 'alertmanager',
        service: expect.stringMatching(/^\w+$/),
        query: expect.stringMatching(/^\w+.* (==|>) 0$/),
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      });
    }
  });

  test('the sample bodies of the vendors are read by their own normaliser, or refused with a reason', () => {
    const folder = 'corpora/webhooks/payloads';
    const read = new Set<string>();
    for (const file of files(folder)) {
      const bytes = readFileSync(at(join(folder, file)));
      const said = refusal(bytes);
      if (said !== undefined) continue;
      const { source } = intake(bytes);
      expect(file.startsWith(`${source}.`), `${file} was read as ${source}`).toBe(true);
      read.add(source);
    }
    expect(read.size).toBeGreaterThanOrEqual(9);
  });
});
