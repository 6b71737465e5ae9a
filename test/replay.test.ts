/** A stored run is played again, checked against today's workflow, forked, compared, judged, recorded and explained. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../src/core/events.ts';
import { readJournal } from '../src/journal/read.ts';
import { DEMO, inquest, type Ran, stable } from './_program.ts';
import { tempFolder } from './_temp.ts';

interface Difference {
  part: string;
  what: string;
  a?: string;
  b?: string;
}

const home = tempFolder();
const runsIn = (where: string): string[] => readdirSync(join(where, 'inquest/runs')).sort();
const file = (run: string): string => join(home, 'inquest/runs', run, 'journal.ndjson');
const eventsOf = (run: string): Event[] => readJournal(readFileSync(file(run)), run).events;
const asked = (events: Event[]): string[] =>
  events.flatMap((e) => (e.type === 'call.finished' && !e.shared ? [e.key] : [])).sort();
const cli = (...args: string[]): Promise<Ran> => inquest(args, { home });
const json = <T>(ran: Ran): T => JSON.parse(ran.stdout) as T;
let parent: string;
let report: Ran;

/** Forks, and gives the new run. */
async function forked(...args: string[]): Promise<string> {
  const before = new Set(runsIn(home));
  const ran = await cli('fork', parent, ...args, '-q', '--json');
  expect([0, 10]).toContain(ran.code);
  return runsIn(home).find((r) => !before.has(r))!;
}

const differencesOf = async (a: string, b: string): Promise<Difference[]> =>
  json<{ differences: Difference[] }>(await cli('diff', a, b, '--json')).differences;

beforeAll(async () => {
  report = await cli('investigate', '--bundle', DEMO, '--json', '-q');
  parent = runsIn(home)[0]!;
});

describe('replay', () => {
  test('prints the same report from the journal alone, wherever it lies, and the same NDJSON', async () => {
    const elsewhere = join(tempFolder(), 'copy');
    cpSync(join(home, 'inquest/runs', parent), elsewhere, { recursive: true });
    const played = await cli('replay', join(elsewhere, 'journal.ndjson'), '--json', '-q');
    expect(played.stdout).toBe(report.stdout);
    const events = await cli('replay', parent, '--events', '-q');
    expect(events.stdout).toBe(readFileSync(file(parent), 'utf8'));
  });

  test('--verify of an unchanged workflow finds no difference', async () => {
    const ran = await cli('replay', '--verify', parent, '--json');
    expect(json(ran)).toMatchObject({ same: true, differences: [], unrecorded: [] });
    expect(ran.code).toBe(0);
  });

  test('--verify shows what an edited playbook changes, old and new side by side', async () => {
    const changed = tempFolder();
    cpSync(join(home, 'inquest'), join(changed, 'inquest'), { recursive: true });
    const start = eventsOf(parent).find((e) => e.type === 'run.started');
    const name = start?.type === 'run.started' ? start.playbook.name : '';
    const own = join(changed, 'inquest/playbooks');
    mkdirSync(own);
    const text = (await cli('playbooks', 'show', name)).stdout;
    expect(text).toMatch(/changes/);
    writeFileSync(join(own, `${name}.md`), withoutStep(name));
    const ran = await inquest(['replay', '--verify', parent, '--json'], { home: changed });
    expect(ran.code).toBe(1);
    const told = json<{ differences: Difference[] }>(ran).differences;
    expect(told.filter((d) => d.part === 'step' && d.b === undefined).map((d) => d.what)).toEqual(['changes']);
    // The same edit keeps resume from going on, and it says with what to go on instead.
    const resumed = await inquest(['resume', parent, '--note', 'x'], { home: changed });
    expect(resumed.code).toBe(2);
    expect(resumed.stderr).toMatch(/the steps: changes is gone[\s\S]*inquest fork/);
  });
});

/** A built-in playbook without the step `changes`. */
function withoutStep(name: string): string {
  const text = readFileSync(join(import.meta.dirname, '../playbooks', `${name}.md`), 'utf8');
  return text.replace(/^steps:.*\n(?:\s+- .*\n)*/m, (steps) =>
    steps.includes('[') ? steps.replace(/,?\s*\bchanges\b/, '') : steps.replace(/^\s+- changes\n/m, ''),
  );
}

describe('fork', () => {
  /** What comes after a point, but for questions that were put before it too: one answer serves both. */
  function following(covers: (step: number, n: number) => boolean): string[] {
    const calls = eventsOf(parent).flatMap((e) => (e.type === 'call.finished' ? [e] : []));
    const early = (key: string): boolean => covers(...(key.slice(1).split('.').map(Number) as [number, number]));
    const known = new Set(calls.filter((c) => early(c.key)).map((c) => `${c.activity} ${c.inputHash}`));
    return calls.flatMap((c) => (known.has(`${c.activity} ${c.inputHash}`) ? [] : [c.key])).sort();
  }

  test('asks only what comes after the point, and diff names the cost and nothing else', async () => {
    const fork = await forked('--at', 'S4');
    expect(asked(eventsOf(fork))).toEqual(following((step) => step <= 4));
    expect((await differencesOf(parent, fork)).map((d) => `${d.part} ${d.what}`)).toEqual([
      'cost asked',
      'cost shared',
    ]);
  });

  test('at an evidence shares that evidence and all before it', async () => {
    const fork = await forked('--at', 'E4.3');
    expect(asked(eventsOf(fork))).toEqual(following((step, n) => step < 4 || (step === 4 && n <= 3)));
  });

  test('with another threshold asks nothing, and diff names the gate and what follows from it', async () => {
    const fork = await forked('--threshold', '0.99');
    expect(asked(eventsOf(fork))).toEqual([]);
    const parts = new Set((await differencesOf(parent, fork)).map((d) => d.part));
    expect([...parts].every((p) => ['gate', 'verdict', 'claim', 'cost'].includes(p))).toBe(true);
    expect(parts).toContain('gate');
  });

  test('that assumes the deploy innocent accuses no deploy, and says that it was assumed', async () => {
    const fork = await forked('--with', 'assume the deploy is innocent');
    const last = eventsOf(fork).at(-1);
    const verdict = last?.type === 'run.finished' ? last.verdict : undefined;
    expect(verdict?.change).toBeUndefined();
    expect(verdict?.notChecked.map((n) => n.why).join()).toMatch(/assumed not to, said by a human \(E0\.1\)/);
    const told = await differencesOf(parent, fork);
    expect(told).toContainEqual(expect.objectContaining({ part: 'evidence', what: 'E0.1 human' }));
  });

  test('is a run like any other: it can be verified', async () => {
    const fork = await forked('--at', 'S2');
    expect(json(await cli('replay', '--verify', fork, '--json'))).toMatchObject({ same: true });
  });

  test('at a place that is none is refused, and leaves no run behind', async () => {
    const before = runsIn(home).length;
    const ran = await cli('fork', parent, '--at', 'E99.1');
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(/this run has no E99\.1/)]);
    expect(runsIn(home)).toHaveLength(before);
  });
});

describe('resume of a finished run', () => {
  test('with a note adds it as evidence, asks nothing again, and concludes again', async () => {
    const other = tempFolder();
    await inquest(['investigate', '--bundle', DEMO, '-q'], { home: other });
    const [run] = runsIn(other);
    const ran = await inquest(['resume', run!, '--note', 'pool wait is 0 ms', '--json', '-q'], { home: other });
    const told = json<{ evidence: { id: string; summary: string }[] }>(ran);
    expect(told.evidence).toContainEqual(expect.objectContaining({ id: 'E0.1', summary: 'pool wait is 0 ms' }));
    const journal = readFileSync(join(other, 'inquest/runs', run!, 'journal.ndjson'));
    const { events } = readJournal(journal, 'journal');
    const keys = events.flatMap((e) => (e.type === 'call.finished' ? [e.key] : []));
    expect(new Set(keys).size).toBe(keys.length);
    expect(events.filter((e) => e.type === 'run.finished')).toHaveLength(2);
    expect(json(await inquest(['list', '--json'], { home: other }))).toMatchObject([{ state: 'finished' }]);
  });

  test('with --refresh asks what was named again, as a new version that stands beside the old one', async () => {
    const other = tempFolder();
    await inquest(['investigate', '--bundle', DEMO, '-q'], { home: other });
    const [run] = runsIn(other);
    const ran = await inquest(['resume', run!, '--refresh', 'E4.2', '--json', '-q'], { home: other });
    const { events } = readJournal(readFileSync(join(other, 'inquest/runs', run!, 'journal.ndjson')), 'journal');
    const reopened = events.findIndex((e) => e.type === 'run.reopened');
    expect(events.slice(reopened).flatMap((e) => (e.type === 'call.finished' ? [e.key] : []))).toEqual(['E4.2v2']);
    const told = json<{ evidence: { id: string; supersededBy?: string }[] }>(ran);
    expect(told.evidence.find((e) => e.id === 'E4.2')).toMatchObject({ supersededBy: 'E4.2v2' });
  });

  test('of another program version is refused, with the choice to fork', async () => {
    const other = tempFolder();
    cpSync(join(home, 'inquest/runs', parent), join(other, 'inquest/runs', parent), { recursive: true });
    const journal = join(other, 'inquest/runs', parent, 'journal.ndjson');
    const { encodeLine, GENESIS, hashLine } = await import('../src/journal/line.ts');
    let head = GENESIS;
    const lines = eventsOf(parent).map((e) => {
      const line = encodeLine(e.type === 'journal.opened' ? { ...e, program: 'inquest 0.0.9' } : e, head);
      head = hashLine(line);
      return `${line}\n`;
    });
    writeFileSync(journal, lines.join(''));
    const ran = await inquest(['resume', parent, '--note', 'x'], { home: other });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(/it was inquest 0\.0\.9[\s\S]*inquest fork/)]);
  });
});

test('feedback stands behind the seal, is shown by list, and is counted', async () => {
  const other = tempFolder();
  await inquest(['investigate', '--bundle', DEMO, '-q'], { home: other });
  const [run] = runsIn(other);
  const said = await inquest(['feedback', run!, 'wrong', '--cause', 'a full disk'], { home: other });
  expect(said.stderr).toMatch(/0 of 1 verdict was called right/);
  await inquest(['feedback', run!, 'right'], { home: other });
  const listed = await inquest(['list', '--json'], { home: other });
  expect(json(listed)).toMatchObject([{ state: 'finished', feedback: 'right' }]);
  expect((await inquest(['list'], { home: other })).stderr).toMatch(/1 of 1 verdict was called right \(100%\)/);
  expect((await inquest(['report', run!, '--format', 'json'], { home: other })).code).toBe(0);
});

test('record writes a bundle that gives the same verdict, to investigate and to eval, and no truth that nobody confirmed', async () => {
  const dir = join(tempFolder(), 'bundle');
  const ran = await cli('record', parent, '-o', dir, '--check');
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringMatching(/checked: the bundle gives the same verdict/)]);
  expect(readdirSync(dir)).toContain('truth.template.json');
  const again = await cli('investigate', '--bundle', dir, '--json', '-q');
  type Told = { outcome: object; candidates: object[]; gate: object };
  const essence = ({ outcome, candidates, gate }: Told): object => ({ outcome, candidates, gate });
  expect(essence(stable(again.stdout) as Told)).toEqual(essence(stable(report.stdout) as Told));
  const scored = json<{ cases: object[] }>(await cli('eval', dir, '--json', '--no-timings'));
  expect(scored.cases).toHaveLength(1);
  expect((await cli('record', parent, '-o', dir)).stderr).toMatch(/holds something already/);
});

test('--live records while investigating', async () => {
  const dir = join(tempFolder(), 'bundle');
  const ran = await inquest(['investigate', '--bundle', DEMO, '-q', '--live', dir], { home: tempFolder() });
  expect([0, 10]).toContain(ran.code);
  expect(readdirSync(dir)).toContain('answers.jsonl.gz');
});

test('show says why: evidence and weights of a hypothesis, step and reason of an evidence, numbers of the gate', async () => {
  const why = (await cli('show', parent, '--why', 'H1')).stdout;
  expect(why).toMatch(/Which evidence moved it\n {2}\+\d+\.\d\d/);
  expect(why).toMatch(/step [a-z-]+ asked: /);
  expect(why).toMatch(/confidence +0\.\d+ +needs 0\.7 +(not )?met/);
  const evidence = (await cli('show', parent, '--why', 'E4.2')).stdout;
  expect(evidence).toMatch(/asked by +step S4 /);
  expect(evidence).toMatch(/because +\S/);
  const journal = (await cli('show', parent, '--all')).stdout.trimEnd().split('\n');
  expect(journal).toHaveLength(eventsOf(parent).length);
  const some = (await cli('show', parent, '--all', '--tool', 'changes.list', '--step', 'S7')).stdout;
  expect(some).toMatch(/chose bundle\.changes\.list of bundle\.changes\.list: \S/);
});

test('prune lists what would go, keeps what it was told to keep, and removes the rest', async () => {
  const other = tempFolder();
  await inquest(['investigate', '--bundle', DEMO, '-q'], { home: other });
  const prune = (...args: string[]): Promise<Ran> => inquest(['prune', '--older-than', '0s', ...args], { home: other });
  expect((await prune('--dry-run')).stderr).toMatch(/would remove 1 run of 1/);
  const kept = ['cause', 'healthy', 'inconclusive'].flatMap((o) => ['--keep-outcome', o]);
  expect((await prune(...kept)).stderr).toMatch(/nothing to remove/);
  expect(runsIn(other)).toHaveLength(1);
  const gone = await prune();
  expect(gone.stdout).toMatch(/age/);
  expect(runsIn(other)).toEqual([]);
});

describe('what is old, cut off or lost', () => {
  test('answers that are too old for their kind are named, and asked again only with --refresh', async () => {
    const other = tempFolder();
    const log = join(other, 'checkout.log');
    writeFileSync(log, '2026-03-01T11:59:00Z ERROR checkout: no connection\n');
    writeFileSync(join(other, 'inquest.config.json'), '{"freshness":{"logs":"1ms"}}');
    const alert = ['--text', 'checkout is slow', '--service', 'checkout', '--now', '2026-03-01T12:00:00Z'];
    await inquest(['investigate', ...alert, '--logs', log, '-q'], { home: other });
    const [run] = runsIn(other);
    const journal = (): Event[] =>
      readJournal(readFileSync(join(other, 'inquest/runs', run!, 'journal.ndjson')), 'journal').events;
    const noted = await inquest(['resume', run!, '--note', 'seen', '-q'], { home: other });
    expect(noted.stderr).toMatch(/answers are older than their kind keeps.*--refresh/);
    const stale = journal().flatMap((e) => (e.type === 'evidence.stale' ? e.items.map((i) => i.key) : []));
    expect(stale.length).toBeGreaterThan(0);
    await inquest(['resume', run!, '--refresh', '-q'], { home: other });
    const last = journal()
      .filter((e) => e.type === 'run.reopened')
      .at(-1);
    const asked = journal().flatMap((e) => (e.type === 'call.finished' && e.seq > last!.seq ? [e.key] : []));
    expect(asked.sort()).toEqual(stale.map((key) => `${key}v2`).sort());
  });

  test('--add-budget asks again what was cut off by time', async () => {
    const other = tempFolder();
    const cut = await inquest(['investigate', '--bundle', DEMO, '--wall', '1ms', '--json', '-q'], { home: other });
    // Nothing was answered at all: to the caller that is what dead sources are.
    expect([4, 12]).toContain(cut.code);
    const [run] = runsIn(other);
    const more = await inquest(['resume', run!, '--add-budget', '60s', '--json', '-q'], { home: other });
    type Told = { outcome: object };
    expect((stable(more.stdout) as Told).outcome).toEqual((stable(report.stdout) as Told).outcome);
  });

  test('a payload that is missing is named with its line and a way on, and the way works', async () => {
    const other = tempFolder();
    await inquest(['investigate', '--bundle', DEMO, '-q'], { home: other });
    const [run] = runsIn(other);
    const folder = join(other, 'inquest/runs', run!, 'blobs');
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    const resumed = await inquest(['resume', run!, '--note', 'x', '-q'], { home: other });
    expect([resumed.code, resumed.stdout]).toEqual([2, '']);
    expect(resumed.stderr).toMatch(/a payload of the journal is missing: .*line \d+ of the journal, E\d+\.\d+/);
    expect(resumed.stderr).toMatch(/inquest resume \w{6} --refresh E\d+\.\d+/);
    const again = await inquest(['resume', run!, '--refresh', 'all', '--json', '-q'], { home: other });
    expect(again.code).toBe(report.code);
  });
});

test('times in a journal are times, and show says where a fork comes from', async () => {
  const fork = await forked('--at', 'S2');
  expect(eventsOf(fork).filter((e) => !/^\d{4}-\d\d-\d\dT/.test(e.at))).toEqual([]);
  expect((await cli('show', fork)).stdout).toMatch(/Fork of \w{6} at S2, \d+ answers shared/);
});
