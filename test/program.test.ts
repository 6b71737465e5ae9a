/** The program from outside: verdict, exit codes, streams, bad input, resume after a kill. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROVISIONAL_CAP } from '../src/workflow/gate.ts';
import { BIN, DEMO, inquest, stable } from './_program.ts';
import { tempFolder } from './_temp.ts';

const truth = JSON.parse(readFileSync(join(DEMO, 'truth.json'), 'utf8')) as {
  entity: string;
  change: string;
  category: string;
};

describe('the demo', () => {
  test('reaches the right verdict with no key and no network, and says it on stdout', async () => {
    const { code, stdout, stderr } = await inquest(['demo', '--json'], { home: tempFolder() });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: {
        kind: 'cause',
        change: truth.change,
        category: truth.category,
        entity: { name: truth.entity },
        confirmed: true,
      },
    });
    expect(stderr).toMatch(/verdict/);
  });

  test('gives the same report twice, but for run id and times', async () => {
    const home = tempFolder();
    const [a, b] = await Promise.all([
      inquest(['demo', '--json', '-q'], { home: join(home, 'a') }),
      inquest(['demo', '--json', '-q'], { home: join(home, 'b') }),
    ]);
    expect(stable(a.stdout)).toEqual(stable(b.stdout));
  });

  test('tells on --events exactly what the journal holds', async () => {
    const home = tempFolder();
    const { stdout } = await inquest(['demo', '--events', '-q'], { home });
    const [run] = JSON.parse((await inquest(['list', '--json'], { home })).stdout) as { id: string }[];
    expect(stdout).toBe(readFileSync(join(home, 'inquest/runs', run!.id, 'journal.ndjson'), 'utf8'));
  });

  test('while steps have still to answer, nobody leads by more than evens', async () => {
    type Ranked = { type: string; final: boolean; hypotheses: { state: string; score: number }[] };
    const { stdout } = await inquest(['demo', '--events', '-q'], { home: tempFolder() });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Ranked);
    const early = events.filter((e) => e.type === 'hypotheses.ranked' && !e.final);
    const leads = early.flatMap((e) => e.hypotheses.filter((h) => h.state === 'lead').map((h) => h.score));
    expect(leads.length).toBeGreaterThan(1);
    expect(Math.max(...leads)).toBeLessThanOrEqual(PROVISIONAL_CAP);
  });
});

describe('a run that was killed', () => {
  test('is finished by resume: no finished question is put again, and the report is the one of an undisturbed run', async () => {
    const whole = await inquest(['demo', '--json', '-q'], { home: tempFolder() });
    const calls = (text: string): number => text.split('"type":"call.finished"').length - 1;
    const total = (JSON.parse(whole.stdout) as { evidence: unknown[] }).evidence.length;
    for (const after of [1, Math.floor(total / 2), total]) {
      const home = tempFolder();
      const killed = await inquest(['demo', '--events', '-q'], {
        home,
        watch: (child, stdout) => {
          if (calls(stdout) >= after) child.kill('SIGKILL');
        },
      });
      const [run] = JSON.parse((await inquest(['list', '--json'], { home })).stdout) as { id: string; state: string }[];
      const { code, stdout } = await inquest(['resume', '--last', '--json', '-q'], { home });
      if (killed.signal === 'SIGKILL' && run!.state === 'unfinished') {
        expect(code).toBe(0);
        expect(stable(stdout)).toEqual(stable(whole.stdout));
      }
      const journal = readFileSync(join(home, 'inquest/runs', run!.id, 'journal.ndjson'), 'utf8');
      const finished = [...journal.matchAll(/"type":"call.finished","key":"([^"]+)"/g)].map((m) => m[1]);
      expect(new Set(finished).size).toBe(finished.length);
    }
  });

  test('by Ctrl-C says how to go on, and exits 130', async () => {
    const home = tempFolder();
    let pressed = false;
    const { code, stderr } = await inquest(['demo', '--events'], {
      home,
      watch: (child, out) => {
        if (pressed || !out.includes('call.started')) return;
        pressed = child.kill('SIGINT');
      },
    });
    expect(code).toBe(130);
    expect(stderr).toMatch(/inquest resume [0-9a-z]{6}/);
  });
});

describe('bad input gets one clear message, a documented code and no stack', () => {
  const cases: [what: string, args: string[], input: string | Uint8Array, code: number, says: RegExp][] = [
    ['nothing', ['-'], '', 2, /empty/],
    ['10 MB of binary', ['-'], new Uint8Array(10 * 1024 * 1024 + 5).fill(200), 2, /larger|binary|UTF-8|text/],
    ['truncated JSON', ['-'], '{"version":"4","alerts":[{"status":', 2, /line 1/],
    ['JSON that is no alert', ['-'], '{"items":[1,2],"next_page":3}', 2, /does not look like an alert|no alert/i],
    ['no such file', ['nope.json'], '', 2, /no such file/],
    ['a mistyped command', ['lisst'], '', 2, /Did you mean "inquest list"/],
    ['a command that does not exist, with arguments', ['run', '-'], '', 2, /inquest --help" lists the commands/],
    ['an unknown flag', ['list', '--outcom', 'x'], '', 2, /--outcome/],
    ['an unknown report', ['demo', '--report', 'markdwn'], '', 2, /Did you mean "markdown"/],
    [
      'an unknown playbook',
      ['investigate', '--bundle', DEMO, '--playbook', 'latancy'],
      '',
      2,
      /Did you mean "latency"/,
    ],
    [
      'no source',
      ['investigate', '--text', 'checkout is slow', '--service', 'checkout'],
      '',
      3,
      /no source is configured/,
    ],
    ['no such run', ['show', 'zzzzzz'], '', 2, /there is no run zzzzzz/],
    ['a folder that is no bundle', ['investigate', '--bundle', '.'], '', 2, /no bundle.json/],
    ['no sane time', ['investigate', '--bundle', DEMO, '--since', 'yesterday-ish'], '', 2, /--since/],
  ];
  test.each(cases)('%s', async (_what, args, input, code, says) => {
    const ran = await inquest(args, { home: tempFolder(), input });
    expect([ran.code, ran.stdout]).toEqual([code, '']);
    expect(ran.stderr).toMatch(says);
    expect(ran.stderr).not.toMatch(/\n\s+at /);
  });

  test('a bundle with a broken line: file and line number', async () => {
    const home = tempFolder();
    writeFileSync(join(home, 'bundle.json'), readFileSync(join(DEMO, 'bundle.json')));
    writeFileSync(join(home, 'alert.json'), readFileSync(join(DEMO, 'alert.json')));
    writeFileSync(
      join(home, 'metrics.jsonl'),
      '{"metric":{"__name__":"up","service":"a"},"timestamps":[1],"values":[1]}\n{"metric":\n',
    );
    const ran = await inquest(['investigate', '--bundle', home], { home });
    expect(ran.stderr + ran.stdout).toMatch(/metrics\.jsonl.*line 2|line 2.*metrics\.jsonl/);
    expect(ran.stderr).not.toMatch(/\n\s+at /);
  });

  test('a service that no source knows: no verdict about another one, and the nearest name', async () => {
    const args = ['investigate', '--text', 'order is slow', '--service', 'order', '--bundle', DEMO];
    const ran = await inquest(args, { home: tempFolder() });
    expect(ran.code).toBe(10);
    expect(ran.stdout).toMatch(/no source knows[\s\S]*did you\s+mean "orders"/);
  });

  test('a config with a mistake: file, key, nearest key and line', async () => {
    const home = tempFolder();
    writeFileSync(join(home, 'inquest.config.json'), '{\n  "source": {}\n}\n');
    const ran = await inquest(['doctor'], { home });
    expect([ran.code, ran.stderr]).toEqual([
      2,
      expect.stringMatching(/there is no key "source"; did you mean "sources"\? \(line 2\)/),
    ]);
  });
});

describe('streams', () => {
  test('stdout is the result only; a pipe that closes early is no error', async () => {
    const { spawnSync } = await import('node:child_process');
    const home = tempFolder();
    const piped = spawnSync(
      'sh',
      ['-c', `"${process.execPath}" "${BIN}" demo -q | head -1; echo "\${PIPESTATUS:-ok}"`],
      { env: { PATH: process.env.PATH, HOME: home, INQUEST_HOME: home }, encoding: 'utf8' },
    );
    expect(piped.stderr).toBe('');
    expect(piped.status).toBe(0);
  });

  test('help, version and topics go to stdout with exit 0', async () => {
    const home = tempFolder();
    for (const [args, says] of [
      [['--help'], /Examples:/],
      [['--version'], /^inquest \d/],
      [['help', 'exit-codes'], /130 {2}interrupted/],
      [['help', 'investigate'], /--prometheus/],
    ] as const) {
      const ran = await inquest([...args], { home });
      expect([ran.code, ran.stderr]).toEqual([0, '']);
      expect(ran.stdout).toMatch(says);
    }
  });
});
