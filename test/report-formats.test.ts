/** JSON with its schema, JUnit, Slack and the post-mortem: complete, within the limits of whoever takes them, inert. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closingOf } from '../src/core/closing.ts';
import type { Report } from '../src/core/ports.ts';
import { emptyState, type State } from '../src/core/run-state.ts';
import { foreignNodes } from '../src/reports/_markdown-check.ts';
import { report as json } from '../src/reports/json.ts';
import { report as junit } from '../src/reports/junit.ts';
import { report as note } from '../src/reports/note.ts';
import { report as postmortem } from '../src/reports/postmortem.ts';
import { report as slack } from '../src/reports/slack.ts';
import { safeText } from '../src/safety/safe-text.ts';
import { type RunOptions, runEvents, stateAt } from './_events.ts';
import { hostileStrings } from './_hijack.ts';
import { slackNodes } from './_markup.ts';
import { withModelAndPeople } from './_model-state.ts';
import { peer, programOf } from './_peers.ts';
import { DEMO, inquest, ROOT } from './_program.ts';
import { tempFolder } from './_temp.ts';

const load = async (): Promise<unknown> => null;
const OUTCOMES = ['cause', 'inconclusive', 'healthy'] as const;
const rendered = (report: Report, options: RunOptions = {}): Promise<string> =>
  report.render(stateAt(runEvents(options)), load);
const stopped = (): State => ({
  ...stateAt(runEvents(), (e) => e.type === 'finding'),
  phase: 'interrupted',
  stopped: 'SIGINT',
});

/** A run in which everything is long and there is much of it. */
function crowded(): State {
  const state = stateAt(runEvents({ words: (x) => `${x} ${'long & <words> of `others` '.repeat(300)}` }));
  const many = <T>(list: T[]): T[] => Array.from({ length: 1500 }, (_, i) => list[i % list.length]!);
  return {
    ...state,
    evidence: many(state.evidence).map((e, i) => ({ ...e, id: `E1.${i}` })),
    findings: many(state.findings).map((f, i) => ({
      ...f,
      finding: { ...f.finding, title: `${f.finding.title} ${i}` },
    })),
    verdict: { ...state.verdict!, notChecked: many(state.verdict!.notChecked), claims: many(state.verdict!.claims) },
    unavailable: many([{ source: 'x'.repeat(5000), why: '@all '.repeat(900) }]),
  };
}

/** As many pages of attackers' words as it takes for each of them to stand in every place once. */
const STRINGS = hostileStrings().filter((s) => s.length < 2000);
function* hostilePages(): Generator<State> {
  let n = 0;
  for (let page = 0; page * 120 < STRINGS.length; page++)
    yield stateAt(runEvents({ words: (x) => `${STRINGS[n++ % STRINGS.length]} ${x}` }));
}

test('every report format is named in the help, and each renders a run that never began', async () => {
  const formats = readdirSync(join(ROOT, 'src/reports')).flatMap((f) => /^([a-z]+)\.ts$/.exec(f)?.[1] ?? []);
  const { stdout } = await inquest(['help', 'report'], { home: tempFolder() });
  const named = /--format <format>\s+([^(]*)\(/.exec(stdout.replace(/\s+/g, ' '))?.[1] ?? '';
  expect(
    named
      .trim()
      .split(/, | or /)
      .sort(),
  ).toEqual(formats.sort());
  for (const name of formats) {
    const { report } = (await import(`../src/reports/${name}.ts`)) as { report: Report };
    expect(await report.render(emptyState(), load), name).not.toBe('');
  }
});

describe('the JSON Schema', () => {
  const schema = JSON.parse(readFileSync(resolve(ROOT, 'schemas/report.v1.json'), 'utf8')) as object;
  const lenient = new Ajv2020({ allErrors: true, formats: { 'date-time': true } }).compile(schema);
  /** The same with nothing allowed that it does not describe. */
  const strict = new Ajv2020({
    allErrors: true,
    formats: { 'date-time': (x: string) => !Number.isNaN(Date.parse(x)) },
  }).compile(closed(schema) as object);

  function closed(x: unknown): unknown {
    if (Array.isArray(x)) return x.map(closed);
    if (x === null || typeof x !== 'object') return x;
    const inner = Object.fromEntries(Object.entries(x).map(([k, v]) => [k, k === 'properties' ? each(v) : closed(v)]));
    return 'properties' in x && !('additionalProperties' in x) ? { ...inner, additionalProperties: false } : inner;
  }
  function each(properties: unknown): object {
    return Object.fromEntries(Object.entries(properties as object).map(([k, v]) => [k, closed(v)]));
  }

  const faults = (validate: typeof strict, report: unknown): string[] =>
    validate(report)
      ? []
      : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);

  test('describes every field of every report', async () => {
    const states = [
      ...OUTCOMES.map((outcome) => stateAt(runEvents({ outcome }))),
      stopped(),
      emptyState(),
      withModelAndPeople(),
    ];
    for (const state of states) expect(faults(strict, JSON.parse(await json.render(state, load)))).toEqual([]);
  });

  test('describes what the program prints for recorded incidents, and is what it prints itself', async () => {
    const home = tempFolder();
    for (const name of ['amber-finch', 'dune-plover', 'quartz-dove']) {
      const { stdout } = await inquest(['--bundle', join(DEMO, '..', name), '--json', '-q'], { home });
      expect(faults(strict, JSON.parse(stdout))).toEqual([]);
    }
    expect(JSON.parse((await inquest(['schema', 'report'], { home })).stdout)).toEqual(schema);
    expect((await inquest(['schema'], { home })).stdout).toBe('report\n');
    const wrong = await inquest(['schema', 'reprot'], { home });
    expect([wrong.code, wrong.stderr]).toEqual([2, '✗ there is no schema of "reprot"\n  Known: report\n']);
  }, 60_000);

  test('refuses what is none, and lets fields of later versions pass', async () => {
    const report = JSON.parse(await rendered(json)) as { outcome: { kind: string }; evidence: { status: string }[] };
    expect(faults(lenient, { ...report, later: 1, outcome: { ...report.outcome, later: [] } })).toEqual([]);
    expect(faults(strict, { ...report, later: 1 })).toHaveLength(1);
    expect(faults(lenient, { ...report, outcome: { ...report.outcome, kind: 'maybe' } })).toHaveLength(1);
    expect(faults(lenient, { ...report, run: undefined })).toHaveLength(1);
    report.evidence[0]!.status = 'fine';
    expect(faults(lenient, report)).toHaveLength(1);
  });
});

describe('slack', () => {
  interface Message {
    text: string;
    blocks: { type: string; text?: { text: string }; fields?: { text: string }[]; elements?: { text: string }[] }[];
  }
  const textsOf = (m: Message): string[] =>
    m.blocks.flatMap((b) => [b.text, ...(b.fields ?? []), ...(b.elements ?? [])].flatMap((t) => (t ? [t.text] : [])));

  test('tells the whole run', async () => {
    for (const outcome of OUTCOMES)
      await expect(await rendered(slack, { outcome })).toMatchFileSnapshot(`golden/report-${outcome}.slack.json`);
  });

  test('keeps every limit of Slack, whatever is in the run, and never cuts the verdict', async () => {
    for (const state of [crowded(), stopped(), emptyState(), ...hostilePages()]) {
      const message = JSON.parse(await slack.render(state, load)) as Message;
      expect(message.blocks.length).toBeLessThanOrEqual(20);
      expect(JSON.stringify(message.blocks).length + message.text.length).toBeLessThanOrEqual(12_000);
      expect(message.text).not.toBe('');
      for (const b of message.blocks) {
        if (b.type === 'header') expect(b.text!.text.length).toBeLessThanOrEqual(150);
        else if (b.text) expect(b.text.text.length).toBeLessThanOrEqual(3000);
        expect(b.fields?.length ?? 1).toBeLessThanOrEqual(10);
        expect(b.elements?.length ?? 1).toBeLessThanOrEqual(10);
        for (const f of b.fields ?? []) expect(f.text.length).toBeLessThanOrEqual(2000);
        for (const t of textsOf({ text: '', blocks: [b] })) expect(t.length).toBeGreaterThan(0);
      }
    }
    const message = JSON.parse(await slack.render(crowded(), load)) as Message;
    expect(message.text).toMatch(/^VERDICT: Deploy 4f2c1a9 of checkout at 02:45Z long/);
    expect(textsOf(message).join('\n')).toContain('*What to do next*');
  });

  test('words of outsiders format nothing, link nothing and call nobody', async () => {
    for (const state of hostilePages()) {
      const message = JSON.parse(await slack.render(state, load)) as Message;
      // Our own bold stands at the beginning of a line; nothing else may be active.
      for (const text of textsOf(message)) expect(slackNodes(text.replace(/^\*([^*\n]+)\*/gm, '$1'))).toEqual([]);
      expect(slackNodes(message.text)).toEqual([]);
    }
  });
});

describe('note', () => {
  test('is at most 1,000 characters of plain text, the verdict and the run whole in it', async () => {
    expect(await rendered(note)).toMatchInlineSnapshot(`
      "VERDICT: Deploy 4f2c1a9 of checkout at 02:45Z (confidence 0.91)
      Broken since 02:51:00Z (between 02:50:30Z and 02:51:30Z).
      Next: roll back 4f2c1a9 of checkout (not done by us)
      Next: watch p95 of checkout for 5 min
      p95 of checkout rose from 118 to 486 ms (4.1x) at 02:51Z, traffic is flat. E1.1 E1.2
      Deploy 4f2c1a9 of checkout went out at 02:45Z, 6 min before the onset. E6.1
      PriceCart makes 28 SQL calls a request, it made 3 before. E5.1
      Not checked: 3.
      inquest run 01jd4k8w3vq2m5x7y9zbt7f3kq: inquest show t7f3kq
      "
    `);
    for (const state of [crowded(), stopped(), emptyState(), ...hostilePages()]) {
      const text = await note.render(state, load);
      expect(text.length).toBeLessThanOrEqual(1001);
      expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u200b\u2028]/);
      const [head = ''] = text.split('\n');
      expect(head).toContain(safeText(closingOf(state).headline));
      expect(text).toContain(`inquest run ${state.run}`);
    }
  });
});

describe('postmortem', () => {
  test('tells the whole run, and leaves to people what only people know', async () => {
    for (const outcome of OUTCOMES)
      await expect(await rendered(postmortem, { outcome })).toMatchFileSnapshot(`golden/postmortem-${outcome}.md`);
    const text = await rendered(postmortem);
    for (const part of ['Impact', 'Detection', 'Response and resolution', 'Lessons', 'Action items'])
      expect(text.split(`## ${part}`)[1]!.split('\n## ')[0], part).toContain('TODO');
  });

  test('hedges a cause below 0.9, and names no author', async () => {
    const state = stateAt(runEvents());
    const verdict = { ...state.verdict!, gate: { ...state.verdict!.gate, confidence: 0.8 } };
    expect(await postmortem.render({ ...state, verdict }, load)).toContain('Likely cause: Deploy');
    const wrong = { right: false, cause: 'a full disk', at: '2026-11-20T04:00:00.000Z' };
    expect(await postmortem.render({ ...state, feedback: wrong }, load)).toContain(
      'People said of this verdict: wrong; a full disk.',
    );
  });

  test('nothing that outsiders wrote is active, and nothing is endless', async () => {
    for (const state of [crowded(), ...hostilePages()]) {
      const text = await postmortem.render(state, load);
      expect(foreignNodes(text)).toEqual([]);
      expect(text).toMatch(/^# Post-mortem: /);
      expect([...text].length).toBeLessThan(100_000);
    }
  });
});

describe('junit', () => {
  test('has a case for each step and one for the verdict', async () => {
    for (const outcome of OUTCOMES)
      await expect(await rendered(junit, { outcome })).toMatchFileSnapshot(`golden/report-${outcome}.junit.xml`);
  });

  describe.skipIf(!peer('chromium'))('for an XML parser', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: programOf('chromium'), args: ['--no-sandbox'] });
    });
    afterAll(() => browser.close());

    test('is well formed whatever is in it, and its counts are those of its cases', async () => {
      const page = await browser.newPage();
      const states = [
        ...OUTCOMES.map((outcome) => stateAt(runEvents({ outcome }))),
        crowded(),
        stopped(),
        emptyState(),
      ];
      for (const state of [...states, ...hostilePages()]) {
        const text = await junit.render(state, load);
        const seen = (await page.evaluate((xml) => {
          // biome-ignore lint/suspicious/noExplicitAny: runs in the browser, whose types this project does not load
          const doc = new (globalThis as any).DOMParser().parseFromString(xml, 'application/xml');
          const root = doc.documentElement;
          const count = (q: string): number => doc.querySelectorAll(q).length;
          return {
            root: root.tagName,
            broken: count('parsererror'),
            names: [...new Set([...doc.querySelectorAll('*')].map((x: { tagName: string }) => x.tagName))].sort(),
            told: ['tests', 'failures', 'errors', 'skipped'].map((a) => Number(root.getAttribute(a))),
            counted: ['testcase', 'failure', 'error', 'skipped'].map(count),
          };
        }, text)) as { root: string; broken: number; names: string[]; told: number[]; counted: number[] };
        expect(seen).toMatchObject({ root: 'testsuites', broken: 0 });
        expect(seen.told).toEqual(seen.counted);
        expect(seen.counted[0]).toBe(state.steps.length + 1);
        const known = 'error failure properties property skipped system-out testcase testsuite testsuites'.split(' ');
        expect(seen.names.filter((n) => !known.includes(n))).toEqual([]);
      }
    }, 60_000);
  });
});
