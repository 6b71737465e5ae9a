/** `inquest ci`, as CI systems run it: their variables, their files, and a reader of commands that does as their runner does. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { guardCommands, inert } from '../src/ci/commands.ts';
import { emulated, github } from './_emulate.ts';
import { DEMO, inquest, ROOT } from './_program.ts';
import { tempFolder } from './_temp.ts';

interface Command {
  name: string;
  title?: string;
  text: string;
}

const decode = (text: string): string =>
  text.replace(/%0D/g, '\r').replace(/%0A/g, '\n').replace(/%3A/g, ':').replace(/%2C/g, ',').replace(/%25/g, '%');

/** What a runner obeys: `::name …::text` at the beginning of a line, `##[name]text` anywhere, unless it was told to stop. */
function obeyed(output: string): Command[] {
  const found: Command[] = [];
  let stopped: string | undefined;
  for (const line of output.split('\n')) {
    const m = /^\s*::([\w-]+)(?: ([^:]*))?::(.*)$/.exec(line) ?? /##\[([\w-]+)(?: ([^\]]*))?\](.*)$/.exec(line);
    if (!m) continue;
    const [, name = '', properties = '', text = ''] = m;
    if (stopped !== undefined) {
      if (name === stopped) stopped = undefined;
      continue;
    }
    if (name === 'stop-commands') stopped = text;
    else {
      const title = /title=([^,]*)/.exec(properties)?.[1];
      found.push({ name, ...(title === undefined ? {} : { title: decode(title) }), text: decode(text) });
    }
  }
  return found;
}

/** The same for a runner that never heard our request to stop. */
const deaf = (output: string): Command[] =>
  obeyed(output.replace(/^::(stop-commands::.*|[0-9a-f-]{36}::)$/gm, '')).filter(
    (c) => !['notice', 'warning', 'error', 'group', 'endgroup'].includes(c.name) || !c.title?.startsWith('inquest'),
  );

function actions(event?: object): { home: string; env: Record<string, string>; summary: string; outputs: string } {
  const home = tempFolder();
  const [summary, outputs, eventFile] = ['summary.md', 'outputs', 'event.json'].map((f) => join(home, f)) as [
    string,
    string,
    string,
  ];
  writeFileSync(summary, '');
  writeFileSync(outputs, '');
  if (event) writeFileSync(eventFile, JSON.stringify(event));
  const env = {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_OUTPUT: outputs,
    ...(event ? { GITHUB_EVENT_PATH: eventFile } : {}),
  };
  return { home, env, summary, outputs };
}

/** `name<<mark`, value, mark: as a runner reads it. */
function outputsOf(file: string): Record<string, string> {
  const found = readFileSync(file, 'utf8').matchAll(/^(\w+)<<(.+)\n([\s\S]*?)\n\2$/gm);
  return Object.fromEntries([...found].map((m) => [m[1], m[3]]));
}

const ALERT = JSON.parse(readFileSync(join(DEMO, 'alert.json'), 'utf8')) as object;

describe('on GitHub Actions', () => {
  test('the verdict is a notice, gaps are warnings, the report is the summary, later steps read the outcome', async () => {
    const { home, env, summary, outputs } = actions();
    const ran = await inquest(['ci', '--bundle', DEMO, '--artifact', 'out'], { home, env });
    expect(ran.code).toBe(0);
    const commands = obeyed(ran.stderr);
    expect(commands.map((c) => c.name)).toEqual(['group', 'endgroup', 'notice', 'warning']);
    expect(commands[2]).toMatchObject({
      title: 'inquest: VERDICT',
      text: expect.stringContaining('deploy/orders/2.8.1'),
    });
    expect(obeyed(ran.stdout)).toEqual([]);
    expect(readFileSync(summary, 'utf8')).toMatch(/^<!-- inquest:\w+ -->\n### VERDICT: /);
    expect(outputsOf(outputs)).toMatchObject({
      outcome: 'cause',
      entity: 'orders',
      change: 'deploy/orders/2.8.1',
      exit: '0',
    });
    const files = readdirSync(join(home, 'out'));
    expect(files).toEqual(
      expect.arrayContaining(['junit.xml', 'report.html', 'report.json', 'report.md', 'report.txt']),
    );
    const run = files.find((f) => f.startsWith('run-'))!;
    const again = await inquest(['replay', '--verify', join(home, 'out', run)], { home: tempFolder() });
    expect([again.code, again.stderr]).toEqual([0, again.stderr]);
  });

  test('a repository_dispatch event carries the alert, as it is or under "alert"', async () => {
    for (const client_payload of [ALERT, { alert: ALERT }]) {
      const { home, env } = actions({ action: 'alert', client_payload, repository: { full_name: 'a/b' } });
      const ran = await inquest(['ci', '--git', ROOT, '--json'], { home, env });
      expect(ran.code).toBe(10);
      expect((JSON.parse(ran.stdout) as { alert: object }).alert).toMatchObject({ service: 'gateway' });
    }
  });

  test('text of the alert that looks like a command is none, whether the runner heard us or not', async () => {
    const evil =
      'slow\n::set-output name=x::y\n  ::add-mask::a\n##[error]no\r::error::b %0A::warning::c ::stop-commands::d';
    const alert = {
      alerts: [
        {
          status: 'firing',
          labels: { alertname: evil, service: evil },
          annotations: { summary: evil, description: evil },
        },
      ],
    };
    for (const args of [
      ['ci', '--report', 'text'],
      ['ci', '--json'],
      ['ci', '--report', 'markdown'],
      ['ci', '--events'],
    ]) {
      const { home, env, outputs } = actions();
      const ran = await inquest([...args, '--bundle', DEMO, '-'], {
        home,
        env,
        input: JSON.stringify({ version: '4', status: 'firing', receiver: 'x', ...alert }),
      });
      expect(ran.code).toBe(10);
      expect(obeyed(ran.stdout)).toEqual([]);
      expect(deaf(ran.stdout)).toEqual([]);
      expect(deaf(ran.stderr).filter((c) => !(c.name === 'group' || c.name === 'endgroup'))).toEqual([]);
      expect(obeyed(ran.stderr).every((c) => ['group', 'endgroup', 'notice', 'warning'].includes(c.name))).toBe(true);
      expect(Object.keys(outputsOf(outputs))).toEqual([
        'run',
        'outcome',
        'confidence',
        'entity',
        'change',
        'headline',
        'exit',
      ]);
    }
  });

  test('input that cannot be read is an error annotation and exit code 2', async () => {
    for (const event of [
      { action: 'x', client_payload: 'text' },
      { zen: 'no alert', repository: {}, sender: {} },
    ]) {
      const { home, env } = actions(event);
      const ran = await inquest(['ci'], { home, env });
      expect(ran.code).toBe(2);
      expect(obeyed(ran.stderr).map((c) => [c.name, c.title])).toContainEqual(['error', 'inquest']);
    }
  });

  test('a summary that would be thrown away whole is not written, and that is said', async () => {
    const { home, env, summary } = actions();
    writeFileSync(summary, 'x'.repeat(920_000));
    const ran = await inquest(['ci', '--bundle', DEMO], { home, env });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(/summary {2}not written/);
    expect(readFileSync(summary, 'utf8')).toBe('x'.repeat(920_000));
  });

  test('the step of the action takes inputs as data', async () => {
    const { home, env, outputs } = actions();
    const said = execFileSync('bash', [join(ROOT, 'scripts/action.sh')], {
      cwd: home,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: home,
        INQUEST_HOME: join(home, 'inquest'),
        ...env,
        INPUT_ALERT: JSON.stringify({ ...ALERT, evil: '$(touch pwned) `touch pwned` "; touch pwned; "' }),
        INPUT_FAIL_ON: 'never',
        INPUT_ARTIFACT: 'a folder',
        INPUT_ARGS: '--prometheus\nhttp://127.0.0.1:9\n',
      },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(said).toContain('NO VERDICT');
    expect(existsSync(join(home, 'pwned'))).toBe(false);
    expect(readdirSync(join(home, 'a folder'))).toContain('report.md');
    expect(outputsOf(outputs)).toMatchObject({ outcome: 'inconclusive', exit: '4' });
  });
});

describe.skipIf(!emulated)('--comment', () => {
  test('one comment on the pull request of the event, edited when the same alert comes again; its token is nowhere', async () => {
    const token = 'ghp_tokenofthejobtokenofthejob000001';
    const hub = await github(token);
    try {
      const { home, env } = actions({
        action: 'opened',
        pull_request: { number: hub.issue },
        repository: { full_name: 'acme/shop' },
      });
      const more = { GITHUB_REPOSITORY: 'acme/shop', GITHUB_TOKEN: token, GITHUB_API_URL: hub.url };
      for (const how of ['created', 'edited']) {
        const ran = await inquest(['ci', '--bundle', DEMO, '--comment'], { home, env: { ...env, ...more } });
        expect([ran.code, ran.stderr]).toEqual([0, expect.stringMatching(new RegExp(`notified comment: .* ${how}`))]);
        expect(ran.stdout + ran.stderr).not.toContain(token);
      }
      const comments = await hub.comments();
      expect(comments).toHaveLength(1);
      expect(comments[0]!.body).toContain('### VERDICT: ');
      const bare = await inquest(['ci', '--bundle', DEMO, '--comment', '-q'], {
        home,
        env: { ...env, GITHUB_REPOSITORY: 'a/b' },
      });
      expect([bare.code, bare.stderr]).toEqual([3, expect.stringContaining('GITHUB_TOKEN is not set')]);
    } finally {
      await hub.close();
    }
  });

  test('an event without a pull request, and a place that is none, are said before anything is asked', async () => {
    const push = actions({ ref: 'refs/heads/main' });
    const ran = await inquest(['ci', '--bundle', DEMO, '--comment'], {
      home: push.home,
      env: { ...push.env, GITHUB_REPOSITORY: 'acme/shop', GITHUB_TOKEN: 'x'.repeat(20) },
    });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('belongs to no pull request or issue')]);
    const elsewhere = await inquest(['ci', '--bundle', DEMO, '--comment', '12'], { home: tempFolder() });
    expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining('names no repository')]);
  });
});

describe('--fail-on', () => {
  const OPEN = join(ROOT, 'fixtures/incidents/acorn-stork');
  const DEAD = ['--text', 'checkout is slow', '--service', 'checkout', '--prometheus', 'http://127.0.0.1:9'];
  test.each([
    [['--bundle', DEMO], 0],
    [['--bundle', DEMO, '--fail-on', 'cause'], 1],
    [['--bundle', DEMO, '--fail-on', 'inconclusive'], 0],
    [['--bundle', OPEN], 10],
    [['--bundle', OPEN, '--fail-on', 'error'], 0],
    [['--bundle', OPEN, '--fail-on', 'cause,inconclusive'], 10],
    [['--bundle', OPEN, '--fail-on', 'never'], 0],
    [DEAD, 4],
    [[...DEAD, '--fail-on', 'never'], 0],
    [[...DEAD, '--fail-on', 'cause'], 0],
    [['--bundle', DEMO, '--fail-on', 'sometimes'], 2],
    [['no-such-file.json', '--fail-on', 'never'], 2],
  ])('%j ends with %i', async (args, code) => {
    const ran = await inquest(['ci', ...args, '-q'], { home: tempFolder() });
    expect([ran.code, ran.stderr]).toEqual([code, ran.stderr]);
  });
});

test('elsewhere no command is printed, and INQUEST_ALERT is the alert', async () => {
  for (const env of [{ GITLAB_CI: 'true' }, { JENKINS_URL: 'https://ci.example' }, { CI: '1' }]) {
    const ran = await inquest(['ci', '--git', ROOT, '--fail-on', 'never'], {
      home: tempFolder(),
      env: { ...env, INQUEST_ALERT: JSON.stringify(ALERT) } as Record<string, string>,
    });
    expect(ran.code).toBe(0);
    expect(ran.stderr + ran.stdout).not.toMatch(/::stop-commands|::notice/);
  }
});

test('nobody is asked and nothing is read from standard input', async () => {
  const ran = await inquest(['ci'], { home: tempFolder(), input: JSON.stringify(ALERT) });
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('no alert was given');
});

test('a command that is split over writes is none', () => {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WritableStream;
  guardCommands(stream);
  const evil = 'a\n::error::x\n \t::warning::y ##[error]z\n:::debug::w\r\n';
  for (const size of [1, 2, 3, 5, 8]) {
    written.length = 0;
    for (let i = 0; i < evil.length; i += size) stream.write(evil.slice(i, i + size));
    stream.write('\n');
    expect(obeyed(written.join(''))).toEqual([]);
  }
  expect(inert('a::b ## [x] key: :: value')).toBe('a::b ## [x] key: :: value');
});
