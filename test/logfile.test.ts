/** Log files of any shape become records by time, without reading more of them than the question needs. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answers, Questions } from '../src/core/capabilities.ts';
import { UserError } from '../src/core/errors.ts';
import type { LogRecord } from '../src/core/telemetry.ts';
import type { Answer } from '../src/core/types.ts';
import { ask, type LogSource } from '../src/sources/_logfile-ask.ts';
import { type LogfileConfig, source } from '../src/sources/logfile.ts';
import type { ServiceConfig, SourceEnv } from '../src/tools/tool.ts';
import { tempFolder } from './_temp.ts';

const signal = new AbortController().signal;
const DAY = '2026-03-02T';
const HOUR_10 = { from: `${DAY}10:00:00Z`, to: `${DAY}11:00:00Z` };

function files(all: Record<string, string | Buffer>): string {
  const folder = tempFolder();
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const environment = (
  cwd: string,
  services: Record<string, ServiceConfig> = {},
  now = `${DAY}12:00:00Z`,
): SourceEnv => ({
  cwd,
  fetch: () => Promise.reject(new Error('no network')),
  now: () => Date.parse(now),
  services,
});

type Config = Omit<LogfileConfig, 'paths'> & { paths?: string[] };

async function search(
  cwd: string,
  question: Partial<Questions['logs.search']> = {},
  config: Config = {},
  env = environment(cwd),
): Promise<Answer<'logs.search'> & { records: LogRecord[] }> {
  const opened = await source.open('logs', { paths: ['.'], ...config }, env);
  const tool = opened.tools.find((t) => t.capability === 'logs.search')!;
  const said = (await tool.run({ ...HOUR_10, limit: 1000, ...question }, { signal })) as Answer<'logs.search'>;
  return { ...said, records: said.data?.records ?? [] };
}

/** The one record of a file with this content. */
async function one(text: string, name = 'shop.log', config: Config = {}): Promise<LogRecord> {
  const said = await search(files({ [name]: text }), { from: SECOND }, config);
  expect([said.status, said.records.length, said.problem]).toEqual(['ok', 1, undefined]);
  return said.records[0]!;
}

const AT = `${DAY}10:20:30.456Z`;
const SECOND = `${DAY}10:20:30.000Z`;
const seconds = Date.parse(SECOND) / 1000;
const trace = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('JSON shapes', () => {
  const shapes: [name: string, line: unknown, wanted: Partial<LogRecord>][] = [
    [
      'pino',
      { level: 50, time: seconds * 1000 + 456, pid: 1, hostname: 'h1', name: 'orders', msg: 'boom', reqId: 7 },
      { severityText: 'ERROR', service: 'orders', instance: 'h1' },
    ],
    [
      'bunyan',
      { name: 'orders', hostname: 'h1', pid: 1, level: 40, msg: 'boom', time: AT, v: 0 },
      { severityText: 'WARN', service: 'orders' },
    ],
    [
      'winston',
      { level: 'error', message: 'boom', timestamp: AT, service: 'orders' },
      { severityText: 'ERROR', service: 'orders' },
    ],
    [
      'zap',
      { level: 'info', ts: seconds + 0.456, caller: 'a.go:1', msg: 'boom' },
      { severityText: 'INFO', service: 'shop' },
    ],
    ['logrus', { level: 'warning', msg: 'boom', time: AT, app: 'orders' }, { severityText: 'WARN', service: 'orders' }],
    [
      'log4j',
      {
        instant: { epochSecond: seconds, nanoOfSecond: 456_000_000 },
        level: 'FATAL',
        loggerName: 'a.B',
        message: 'boom',
      },
      { severityText: 'FATAL' },
    ],
    [
      'ECS',
      {
        '@timestamp': AT,
        'log.level': 'ERROR',
        message: 'boom',
        service: { name: 'orders' },
        trace: { id: trace },
        host: { name: 'h1' },
      },
      { severityText: 'ERROR', service: 'orders', traceId: trace, instance: 'h1' },
    ],
    [
      'ECS with dots',
      { '@timestamp': AT, log: { level: 'error' }, message: 'boom', 'service.name': 'orders', 'trace.id': trace },
      { severityText: 'ERROR', service: 'orders', traceId: trace },
    ],
    [
      'OpenTelemetry',
      {
        timeUnixNano: `${seconds}456000000`,
        severityNumber: 17,
        body: { stringValue: 'boom' },
        resource: { attributes: { 'service.name': 'orders', 'k8s.pod.name': 'orders-1' } },
        traceId: trace,
      },
      { severityText: 'ERROR', service: 'orders', instance: 'orders-1', traceId: trace },
    ],
    [
      'OpenTelemetry, flat',
      { timestamp: AT, severityText: 'Error', body: 'boom', resource: { 'service.name': 'orders' } },
      { severityText: 'ERROR', service: 'orders' },
    ],
    ['docker json-file', { log: 'boom\n', stream: 'stderr', time: `${DAY}10:20:30.456123456Z` }, { service: 'shop' }],
    [
      'pino inside of docker',
      {
        log: `${JSON.stringify({ level: 50, time: seconds * 1000 + 456, msg: 'boom', service: 'orders' })}\n`,
        stream: 'stdout',
        time: `${DAY}10:20:31Z`,
      },
      { severityText: 'ERROR', service: 'orders' },
    ],
    [
      'journald',
      {
        __REALTIME_TIMESTAMP: `${seconds}456000`,
        PRIORITY: '3',
        MESSAGE: 'boom',
        SYSLOG_IDENTIFIER: 'orders',
        _HOSTNAME: 'h1',
      },
      { severityText: 'ERROR', service: 'orders', instance: 'h1' },
    ],
    [
      'journald in bytes',
      {
        __REALTIME_TIMESTAMP: `${seconds}456000`,
        PRIORITY: '4',
        MESSAGE: [98, 111, 111, 109],
        _SYSTEMD_UNIT: 'orders.service',
      },
      { severityText: 'WARN', service: 'orders' },
    ],
    ['serilog', { '@t': AT, '@m': 'boom', '@l': 'Warning' }, { severityText: 'WARN' }],
    ['GELF', { timestamp: seconds + 0.456, short_message: 'boom', level: 'error', host: 'h1' }, { instance: 'h1' }],
    ['structlog', { event: 'boom', level: 'critical', timestamp: AT, logger: 'x' }, { severityText: 'FATAL' }],
    [
      'a time with blanks and comma',
      { asctime: `${DAY.slice(0, 10)} 10:20:30,456`, levelname: 'ERROR', message: 'boom' },
      { severityText: 'ERROR' },
    ],
  ];
  for (const [name, line, wanted] of shapes)
    test(`${name}`, async () => {
      const record = await one(`${JSON.stringify(line)}\n`);
      expect(record).toMatchObject({ timestamp: AT, body: 'boom', ...wanted });
    });

  test('a stack in a field belongs to the body, what else was said to the attributes', async () => {
    const stack = 'Error: boom\n    at f (/srv/app.js:1:2)';
    const record = await one(
      JSON.stringify({
        time: AT,
        level: 'error',
        msg: 'failed',
        err: { type: 'Error', stack },
        code: 502,
        route: '/x',
      }),
    );
    expect(record.body).toBe(`failed\n${stack}`);
    expect(record.attributes).toMatchObject({ code: 502, route: '/x' });
  });
});

describe('plain text', () => {
  const lines: [name: string, line: string, wanted: Partial<LogRecord>][] = [
    ['ISO', `${AT} ERROR boom`, { timestamp: AT, severityText: 'ERROR', body: 'ERROR boom' }],
    ['ISO with zone', '2026-03-02T11:20:30.456+01:00 [main] WARN boom', { timestamp: AT, severityText: 'WARN' }],
    [
      'log4j, logback, Python',
      '2026-03-02 10:20:30,456 [main] ERROR c.a.Main - boom',
      { timestamp: AT, severityText: 'ERROR' },
    ],
    ['brackets', '[2026-03-02 10:20:30.456] [error] boom', { timestamp: AT, severityText: 'ERROR' }],
    ['PostgreSQL', '2026-03-02 10:20:30.456 UTC [42] ERROR:  deadlock', { timestamp: AT, severityText: 'ERROR' }],
    [
      'nginx access',
      '10.0.0.1 - - [02/Mar/2026:11:20:30 +0100] "GET /cart HTTP/1.1" 502 12 "-" "curl/8"',
      { timestamp: SECOND, severityText: 'ERROR', body: '10.0.0.1 - - "GET /cart HTTP/1.1" 502 12 "-" "curl/8"' },
    ],
    [
      'nginx error',
      '2026/03/02 10:20:30 [error] 7#7: *1 connect() failed (111)',
      { timestamp: SECOND, severityText: 'ERROR' },
    ],
    ['Apache error', '[Mon Mar 02 10:20:30.456789 2026] [proxy:error] [pid 7] boom', { timestamp: AT }],
    ['Tomcat', '02-Mar-2026 10:20:30.456 SEVERE [main] boom', { timestamp: AT, severityText: 'ERROR' }],
    ['redis', '7:M 02 Mar 2026 10:20:30.456 * boom', { timestamp: AT, body: '7:M * boom' }],
    [
      'syslog',
      'Mar  2 10:20:30 h1 orders[77]: boom',
      { timestamp: SECOND, service: 'orders', instance: 'h1', body: 'boom' },
    ],
    [
      'syslog with priority',
      '<27>Mar  2 10:20:30 h1 orders[77]: boom',
      { timestamp: SECOND, service: 'orders', severityText: 'ERROR' },
    ],
    [
      'RFC 5424',
      `<27>1 ${AT} h1 orders 77 ID47 [a b="c"] boom`,
      { timestamp: AT, service: 'orders', instance: 'h1', severityText: 'ERROR', body: 'boom' },
    ],
    [
      'klog',
      'E0302 10:20:30.456000      12 file.go:12] boom',
      { timestamp: AT, severityText: 'ERROR', body: '12 file.go:12] boom' },
    ],
    [
      'logfmt',
      `time="${AT}" level=error msg="it \\"broke\\"" err=EOF traceID=${trace} n=1`,
      { timestamp: AT, severityText: 'ERROR', body: 'it "broke": EOF', traceId: trace, attributes: { n: '1' } },
    ],
    ['CRI', `${AT} stderr F panic: boom`, { timestamp: AT, body: 'panic: boom', severityText: 'FATAL' }],
    [
      'JSON inside of CRI',
      `${AT} stdout F {"level":"error","msg":"boom","service":"orders"}`,
      { timestamp: AT, body: 'boom', service: 'orders' },
    ],
    ['Spark', '26/03/02 10:20:30 INFO executor.Executor: boom', { timestamp: SECOND, severityText: 'INFO' }],
    ['Android', '03-02 10:20:30.456  1702  2395 D WindowManager: boom', { timestamp: AT }],
    ['epoch', `${seconds}.456 boom`, { timestamp: AT, body: 'boom' }],
    ['a trace id in the text', `${AT} INFO boom trace_id=${trace}`, { traceId: trace }],
  ];
  for (const [name, line, wanted] of lines)
    test(`${name}`, async () => {
      expect(await one(`${line}\n`)).toMatchObject(wanted);
    });

  test('a stamp without zone is UTC, or what the config says', async () => {
    const record = await one('2026-03-02 12:20:30.456 boom\n', 'a.log', { utcOffset: '+02:00' });
    expect(record.timestamp).toBe(AT);
  });

  test('a stamp without year is of the last such day before the window ends', async () => {
    const folder = files({ 'shop.log': 'Dec 31 23:59:50 h a: old\nJan  1 00:00:10 h a: new\n' });
    const question = { from: '2025-12-31T23:00:00Z', to: '2026-01-01T01:00:00Z' };
    const said = await search(folder, question);
    expect(said.records.map((r) => r.timestamp)).toEqual(['2025-12-31T23:59:50.000Z', '2026-01-01T00:00:10.000Z']);
  });

  test('a stack trace is one record with the line that it follows', async () => {
    const text = [
      `${DAY}10:20:30Z ERROR request failed`,
      'java.lang.IllegalStateException: boom',
      '\tat a.B.c(B.java:1)',
      'Caused by: java.io.IOException: inner',
      '\t... 3 more',
      `${DAY}10:20:31Z INFO next`,
    ].join('\r\n');
    const said = await search(files({ 'shop.log': text }));
    expect(said.records.map((r) => r.body.split('\n').length)).toEqual([5, 1]);
    expect(said.records[0]?.body).toContain('Caused by: java.io.IOException');
  });

  test('so are the lines of one that a container runtime cut into records', async () => {
    const log = (text: string, ms: number) =>
      JSON.stringify({ log: `${text}\n`, stream: 'stderr', time: `${DAY}10:20:30.00${ms}Z` });
    const text = [log('TypeError: boom', 1), log('    at f (a.js:1:2)', 2), log('next', 3)].join('\n');
    expect((await search(files({ 'shop.log': text }))).records.map((r) => r.body)).toEqual([
      'TypeError: boom\n    at f (a.js:1:2)',
      'next',
    ]);
  });

  test('a crash printed between JSON lines is a record at the time of the line before', async () => {
    const text = `{"time":"${AT}","msg":"ok"}\n/srv/app.js:7\nError: boom\n    at f (a.js:1:2)\n{"time":"${DAY}10:30:00Z","msg":"started"}\n`;
    const said = await search(files({ 'shop.log': text }));
    expect(said.records.map((r) => [r.timestamp, r.body.split('\n')[1] ?? r.body])).toEqual([
      [AT, 'Error: boom'],
      [AT, 'ok'],
      [`${DAY}10:30:00.000Z`, 'started'],
    ]);
  });
});

describe('files', () => {
  const line = (at: string, msg: string, more: object = {}) =>
    `${JSON.stringify({ time: `${DAY}${at}Z`, msg, ...more })}\n`;

  test('rotated and gzip files are one log in time order, whatever their numbers', async () => {
    const folder = files({
      'orders.log': line('10:40:00', 'd'),
      'orders.log.1': line('10:30:00', 'c'),
      'orders.log.2.gz': gzipSync(line('10:20:00', 'b')),
      'orders.log.10.gz': gzipSync(line('10:10:00', 'a')),
      'orders-20260301.log': line('10:05:00', 'dated'),
      'readme.md': 'no log',
    });
    const said = await search(folder);
    expect(said.records.map((r) => r.body)).toEqual(['dated', 'a', 'b', 'c', 'd']);
    expect(new Set(said.records.map((r) => r.service))).toEqual(new Set(['orders']));
    const checks = await (await source.open('logs', { paths: ['.'] }, environment(folder))).check({ signal });
    expect(checks).toMatchObject([
      { state: 'ok', detail: expect.stringMatching(/^5 files, .*JSON lines, of orders; newest record 1h20m ago/) },
    ]);
  });

  test('files, folders and patterns may be named; each file counts once', async () => {
    const folder = files({
      'a/x/one.log': line('10:10:00', '1'),
      'b/x/two.log': line('10:20:00', '2'),
      'c/three.log': line('10:30:00', '3'),
    });
    const said = await search(
      folder,
      {},
      { paths: ['*/x/*.log', 'a/x/one.log', 'c', join(folder, 'b/x/tw?.log'), 'nothing/*.log'] },
    );
    expect(said.records.map((r) => r.body)).toEqual(['1', '2', '3']);
  });

  test('whose a record is: its own field, else the config, else the name of the file or folder', async () => {
    const pod = `/pods/checkout-7d9f_shop_checkout-${'a'.repeat(64)}.log`;
    const folder = files({
      'own.log': line('10:10:00', 'own', { service: 'orders' }) + line('10:10:01', 'none'),
      'gateway/app.log': line('10:20:00', 'folder'),
      [`containers${pod}`]: line('10:30:00', 'pod'),
    });
    const paths = ['.', 'gateway', 'containers/pods'];
    const by = async (config: Config) =>
      (await search(folder, {}, { paths, ...config })).records.map((r) => [r.body, r.service, r.instance]);
    expect(await by({})).toEqual([
      ['own', 'orders', undefined],
      ['none', 'own', undefined],
      ['folder', 'gateway', undefined],
      ['pod', 'checkout', 'checkout-7d9f'],
    ]);
    expect((await by({ service: 'shop' })).map((r) => r[1])).toEqual(['orders', 'shop', 'shop', 'shop']);
  });

  test('a search is by service and its aliases, text, level or worse, and trace', async () => {
    const folder = files({
      'orders.log':
        line('10:10:00', 'Payment refused', { level: 'error', traceId: trace }) +
        line('10:11:00', 'slow', { level: 'warn' }) +
        line('10:12:00', 'ok', { level: 'info' }),
      'gateway.log': line('10:13:00', 'up', { level: 'info' }),
    });
    const bodies = async (q: Partial<Questions['logs.search']>, env = environment(folder)) =>
      (await search(folder, q, {}, env)).records.map((r) => r.body);
    expect(await bodies({ service: 'orders' })).toEqual(['Payment refused', 'slow', 'ok']);
    expect(
      await bodies({ service: 'order-api' }, environment(folder, { 'order-api': { aliases: ['orders'] } })),
    ).toHaveLength(3);
    expect(await bodies({ text: 'payment REFUSED' })).toEqual(['Payment refused']);
    expect(await bodies({ level: 'warning' })).toEqual(['Payment refused', 'slow']);
    expect(await bodies({ traceId: trace })).toEqual(['Payment refused']);
    const limited = await search(folder, { limit: 2 });
    expect(limited.records.map((r) => r.body)).toEqual(['Payment refused', 'slow']);
    expect(limited.truncated).toEqual({ kept: 2, of: 4, what: 'records (the oldest)' });
    expect(limited.trust).toBe('outsider-writable');
  });

  test('patterns are mined over window and baseline', async () => {
    const text = Array.from({ length: 120 }, (_, i) =>
      line(`${i < 60 ? '09' : '10'}:${String(i % 60).padStart(2, '0')}:00`, i < 60 ? `served ${i}` : `refused ${i}`, {
        level: i < 60 ? 'info' : 'error',
      }),
    ).join('');
    const folder = files({ 'orders.log': text });
    const opened = await source.open('logs', { paths: ['orders.log'] }, environment(folder));
    const tool = opened.tools.find((t) => t.capability === 'logs.patterns')!;
    const question: Questions['logs.patterns'] = {
      ...HOUR_10,
      service: 'orders',
      baseline: [{ from: `${DAY}09:00:00Z`, to: `${DAY}10:00:00Z` }],
    };
    const said = (await tool.run(question, { signal })) as Answer<'logs.patterns'>;
    expect(said).toMatchObject({
      status: 'ok',
      summary: '2 templates in 60 records (60 before), 1 of errors that rose',
    });
    const data = said.data as Answers['logs.patterns'];
    expect(data.patterns.map((p) => [p.template, p.before, p.after, p.level])).toEqual([
      ['refused <*>', 0, 60, 'ERROR'],
      ['served <*>', 60, 0, 'INFO'],
    ]);
  });

  test('where the logs begin within the baseline, its rates are of the time that they hold', async () => {
    const text = Array.from({ length: 80 }, (_, i) => {
      const at = new Date(Date.parse(`${DAY}09:40:00Z`) + i * 60_000).toISOString().slice(11, 19);
      return line(at, `served ${i}`);
    }).join('');
    const opened = await source.open('logs', { paths: ['.'] }, environment(files({ 'orders.log': text })));
    const question = { ...HOUR_10, baseline: [{ from: `${DAY}09:00:00Z`, to: `${DAY}10:00:00Z` }] };
    const said = (await opened.tools[0]!.run(question, { signal })) as Answer<'logs.patterns'>;
    expect(said).toMatchObject({ status: 'partial', problem: expect.stringContaining('the logs begin at') });
    expect(said.data?.patterns).toMatchObject([{ before: 20, after: 60, perMinuteBefore: 1, perMinuteAfter: 1 }]);
  });

  test('nothing later than the moment of the investigation exists', async () => {
    const folder = files({ 'orders.log': line('10:10:00', 'before') + line('10:30:00', 'after') });
    const said = await search(folder, {}, {}, environment(folder, {}, `${DAY}10:20:00Z`));
    expect(said.records.map((r) => r.body)).toEqual(['before']);
  });
});

describe('could not look is not nothing there', () => {
  const quiet = `{"time":"${DAY}09:00:00Z","msg":"a","service":"orders"}\n{"time":"${DAY}11:30:00Z","msg":"b","service":"orders"}\n`;

  test('a covered window without records is empty', async () => {
    const said = await search(files({ 'orders.log': quiet }));
    expect([said.status, said.summary]).toEqual(['empty', 'no log record matches']);
  });

  test('a service that no log is of is failed, and the nearest name is told', async () => {
    const said = await search(files({ 'orders.log': quiet }), { service: 'orders-api' });
    expect(said).toMatchObject({
      status: 'failed',
      problem: expect.stringContaining('services.orders-api.aliases to ["orders"]'),
    });
  });

  test('logs that begin within or after the window, or ended long before, are partial', async () => {
    const folder = files({ 'orders.log': quiet });
    const at = async (from: string, to: string) => (await search(folder, { from, to })).problem;
    expect(await at(`${DAY}08:00:00Z`, `${DAY}10:00:00Z`)).toContain('the logs begin at 2026-03-02T09:00:00.000Z');
    expect(await at('2026-03-01T08:00:00Z', '2026-03-01T09:00:00Z')).toContain('after the window');
    expect(
      (
        await search(
          folder,
          { from: '2026-03-04T08:00:00Z', to: '2026-03-04T08:30:00Z' },
          {},
          environment(folder, {}, '2026-03-04T09:00:00Z'),
        )
      ).problem,
    ).toContain('is the log still written here?');
  });

  test('lines that cannot be read are counted and said, and never fatal', async () => {
    const broken = `{"time":"${DAY}10:00:01Z","msg":"a"}\n{"time":"${DAY}10:00:02Z","ms\n{"no":"time"}\n{"time":"${DAY}10:00:03Z","msg":"b"}\n{"time":"${DAY}09:00:00Z","msg":"z"}\n`;
    const said = await search(files({ 'orders.log': broken }));
    expect(said.records.map((r) => r.body)).toEqual(['a', 'b']);
    expect(said).toMatchObject({
      status: 'partial',
      problem: expect.stringContaining('2 of 5 lines could not be read'),
    });
  });

  test('binary, cut off, foreign and unreadable files are named, the others still answer', async () => {
    const good = `{"time":"${DAY}09:59:59Z","msg":"x"}\n{"time":"${DAY}10:00:00Z","msg":"good"}\n`;
    const many = Array.from(
      { length: 20_000 },
      (_, i) => `{"time":"${DAY}10:00:00Z","msg":"${i} ${Math.sin(i)}"}`,
    ).join('\n');
    const folder = files({
      'good.log': good,
      'binary.log': Buffer.from([1, 2, 0, 4, 5]),
      'zstd.log': Buffer.from('28b52ffd00000000', 'hex'),
      'cut.log.gz': gzipSync(many).subarray(0, 100_000),
      'nonsense.log': 'hello\nworld\n',
      'fake.log.gz': 'no gzip at all',
      'empty.log': '',
    });
    const said = await search(folder, { text: 'good' });
    expect(said.records.map((r) => r.body)).toEqual(['good']);
    expect(said.status).toBe('partial');
    for (const part of ['binary.log is binary', 'cut.log.gz broke off']) expect(said.problem).toContain(part);
    const checks = await (await source.open('logs', { paths: ['.'] }, environment(folder))).check({ signal });
    const of = (name: string) => checks.find((c) => c.what.endsWith(name));
    expect(of('good.log')?.state).toBe('ok');
    expect(of('empty.log')?.state).toBe('warn');
    for (const name of ['binary.log', 'zstd.log', 'nonsense.log', 'fake.log.gz'])
      expect(of(name)).toMatchObject({ state: 'fail', fix: expect.any(String) });
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be read is denied', async () => {
    const folder = files({ 'a.log': quiet });
    const { chmodSync } = await import('node:fs');
    chmodSync(join(folder, 'a.log'), 0);
    expect((await search(folder, {}, { paths: ['*.log'] })).status).toBe('denied');
  });

  test('no file at all is failed; a path that is not there is refused at once', async () => {
    const folder = files({});
    expect(await search(folder, {}, { paths: ['*.log'] })).toMatchObject({
      status: 'failed',
      problem: expect.stringContaining('no file is called *.log'),
    });
    for (const config of [{ paths: ['gone.log'] }, { paths: [] }, { paths: ['*'], utcOffset: 'CET' }])
      await expect(source.open('logs', config, environment(folder))).rejects.toThrow(UserError);
  });

  test('no bytes make it throw', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        `{"time":"${AT}","msg":"x"}`,
        '{"time":',
        `${AT} ERROR x`,
        '\tat a.b(C.java:1)',
        '\r',
        '\u0000',
        'Mar 99 99:99:99 h p: x',
        '[',
        '99/99/9999',
        `{"time":{"epochSecond":"x"},"log":[],"stream":1}`,
      ),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (lines) => {
        const said = await search(files({ 'a.log': lines.join('\n') }));
        for (const r of said.records) expect(Number.isNaN(Date.parse(r.timestamp))).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

describe('large files', () => {
  const megabytes = process.env.INQUEST_BIG === '1' ? 2048 : 64;
  const START = Date.parse(`${DAY}00:00:00Z`);
  const LENGTH = 10 * 3_600_000;
  const count = megabytes * 4096;
  const lineAt = (i: number) => {
    const at = new Date(START + Math.floor((i * LENGTH) / count)).toISOString();
    return `{"time":"${at}","level":"info","service":"orders","msg":"served request ${String(i).padStart(9, '0')}","pad":"${'x'.repeat(140)}"}`;
  };
  /** Blocks of 4,096 lines (1 MB) in this order. */
  const write = (path: string, blocks: number[]): void => {
    const file = openSync(path, 'w');
    for (const block of blocks)
      writeSync(file, Array.from({ length: 4096 }, (_, k) => `${lineAt(block * 4096 + k)}\n`).join(''));
    closeSync(file);
  };
  const ascending = Array.from({ length: megabytes }, (_, block) => block);
  /** Some of the blocks, the one in which the minute begins among them, the newest first. */
  const shuffled = ascending.filter((b) => b % 8 === 5 || b === Math.floor(megabytes * 0.7)).reverse();
  const asSource = (cwd: string, more: Partial<LogSource> = {}): LogSource => ({
    paths: ['*.log'],
    cwd,
    format: 'auto',
    offset: 0,
    now: START + 20 * 3_600_000,
    ...more,
  });
  const bodies = async (asked: Awaited<ReturnType<typeof ask>>) => {
    const out: string[] = [];
    for await (const r of asked.records) out.push(r.timestamp);
    return out;
  };
  const minute = { from: `${DAY}07:00:00.000Z`, to: `${DAY}07:01:00.000Z` };
  const inMinute = (blocks: number[]): number =>
    blocks
      .flatMap((block) =>
        Array.from({ length: 4096 }, (_, k) => START + Math.floor(((block * 4096 + k) * LENGTH) / count)),
      )
      .filter((at) => at >= Date.parse(minute.from) && at < Date.parse(minute.to)).length;

  test(`of ${megabytes} MB in time order only the window is read, and none of its records is missed`, {
    timeout: 300_000,
  }, async () => {
    const folder = tempFolder();
    write(join(folder, 'a.log'), ascending);
    const asked = await ask(asSource(folder), [minute], undefined, signal);
    const begun = performance.now();
    const found = await bodies(asked);
    const expected = inMinute(ascending);
    const size = statSync(join(folder, 'a.log')).size;
    const windowBytes = expected * (size / count);
    console.log(
      `logfile: ${found.length} records of ${(size / 2 ** 20).toFixed(0)} MiB, read ${(asked.reading.bytes / 2 ** 20).toFixed(1)} MiB in ${(performance.now() - begun).toFixed(0)} ms`,
    );
    expect(found.length).toBe(expected);
    expect(asked.problem()).toBeUndefined();
    // The window, two minutes of jitter round it, and the probes.
    expect(asked.reading.bytes).toBeLessThan(windowBytes * 3 + 6 * 2 ** 20);
  });

  test.skipIf(megabytes > 64)(
    'of a file that is not in time order everything is read, and nothing missed',
    async () => {
      const folder = tempFolder();
      write(join(folder, 'a.log'), shuffled);
      const asked = await ask(asSource(folder), [minute], undefined, signal);
      expect((await bodies(asked)).length).toBe(inMinute(shuffled));
    },
  );

  test.skipIf(megabytes > 64)('past its share of bytes a question ends and says so', async () => {
    const folder = tempFolder();
    write(join(folder, 'a.log'), shuffled);
    const asked = await ask(asSource(folder, { readMax: 4 * 2 ** 20 }), [minute], undefined, signal);
    await bodies(asked);
    expect(asked.problem()).toContain('stopped after 4 MiB');
    expect(asked.reading.bytes).toBeLessThan(6 * 2 ** 20);
  });

  test('a line of 3 MB is left out and said; the lines around it are read', async () => {
    const folder = tempFolder();
    const path = join(folder, 'a.log');
    writeFileSync(path, `${lineAt(0)}\n`);
    appendFileSync(path, `{"time":"${DAY}00:00:00Z","msg":"${'y'.repeat(3 * 2 ** 20)}"}\n${lineAt(1)}\n`);
    const asked = await ask(asSource(folder), [{ from: `${DAY}00:00:00Z`, to: `${DAY}01:00:00Z` }], undefined, signal);
    expect((await bodies(asked)).length).toBe(2);
    expect(asked.problem()).toContain('1 line longer than 1 MiB left out');
  });

  test('where a stack trace of megabytes lies in the way of the search, nothing is missed', async () => {
    const folder = tempFolder();
    const blob = '\tat a.B.c(B.java:1)\n'.repeat(200_000);
    const line = (m: number) => `${DAY}07:${String(m).padStart(2, '0')}:00Z INFO line\n`;
    writeFileSync(
      join(folder, 'a.log'),
      Array.from({ length: 10 }, (_, m) => line(m)).join('') +
        blob +
        Array.from({ length: 10 }, (_, m) => line(m + 10)).join(''),
    );
    for (const [from, to, n] of [
      ['07:05', '07:15', 10],
      ['07:12', '07:15', 3],
      ['07:00', '07:03', 3],
    ] as const) {
      const asked = await ask(
        asSource(folder),
        [{ from: `${DAY}${from}:00Z`, to: `${DAY}${to}:00Z` }],
        undefined,
        signal,
      );
      expect((await bodies(asked)).length).toBe(n);
    }
  });
});

const data = process.env.INQUEST_DATA;
const loghub = join(data ?? '', 'benchmarks', 'loghub-2k');
test.skipIf(!data || !existsSync(loghub))(
  "of real systems' logs (INQUEST_DATA) the time of nearly every line is read",
  async () => {
    for (const name of readdirSync(loghub).filter((f) => f.endsWith('.log.gz'))) {
      const text = gunzipSync(readFileSync(join(loghub, name)));
      const total = text
        .toString()
        .split('\n')
        .filter((l) => l !== '').length;
      const folder = files({ 'x.log': text });
      const asked = await ask(
        { paths: ['x.log'], cwd: folder, format: 'auto', offset: 0, now: Date.parse('2026-01-01T00:00:00Z') },
        [{ from: '1990-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }],
        undefined,
        signal,
      ).catch((e: unknown) => e);
      if (asked instanceof Error) {
        console.log(`logfile: ${name}: ${asked.message}`);
        continue;
      }
      let n = 0;
      for await (const _ of (asked as Awaited<ReturnType<typeof ask>>).records) n++;
      console.log(`logfile: ${name}: ${n} records of ${total} lines`);
      expect(n).toBeGreaterThanOrEqual(total * 0.99);
    }
  },
);
if (!data) console.log('SKIP logs of real systems: INQUEST_DATA is not set');
