/** The HTML report in a real browser: it asks nobody, runs nothing, is accessible, and holds text of outsiders as text. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Chart } from '../src/core/events.ts';
import { emptyState, type State } from '../src/core/run-state.ts';
import { report as html } from '../src/reports/html.ts';
import { type RunOptions, runEvents, stateAt } from './_events.ts';
import { hostileStrings } from './_hijack.ts';
import { withModelAndPeople } from './_model-state.ts';
import { peer, programOf } from './_peers.ts';
import { tempFolder } from './_temp.ts';

const load = async (): Promise<unknown> => null;
const rendered = (options: RunOptions = {}): Promise<string> => html.render(stateAt(runEvents(options)), load);

/** Text of attackers as long as words can be in a report, so that thousands of pages are not needed. */
const STRINGS = hostileStrings().filter((s) => s.length < 400);

describe('html', () => {
  test('tells the whole run', async () => {
    const withoutStyle = (page: string): string =>
      page.replace(/<style>[^<]*<\/style>/, '<style></style>').replace(/sha256-[\w+/=]+/, 'sha256-');
    await expect(withoutStyle(await rendered())).toMatchFileSnapshot('golden/report-cause.html');
    for (const [outcome, word] of [
      ['inconclusive', 'NO VERDICT'],
      ['healthy', 'HEALTHY'],
    ] as const) {
      const page = await rendered({ outcome });
      expect(page).toContain(`<p class="word">${word}</p>`);
      expect([...page.matchAll(/<section id="([\w-]+)"/g)].map((m) => m[1])).toEqual(
        'verdict charts hypotheses not-checked timeline reasons evidence steps'.split(' '),
      );
    }
  });

  test('stays below 1,000,000 characters and never cuts the verdict, whatever is in the run', async () => {
    const state = stateAt(runEvents());
    const chart: Chart = { label: 'x', from: state.window!.from, to: state.window!.to, values: Array(40).fill(1.5) };
    const evidence = Array.from({ length: 5000 }, (_, i) => ({
      ...state.evidence[i % state.evidence.length]!,
      id: `E1.${i}`,
      chart,
      sample: Array(50).fill('<a raw line of a log & more>') as string[],
    }));
    const unavailable = Array(3000).fill({ source: 'x'.repeat(5000), why: '& '.repeat(900) }) as State['unavailable'];
    const out = await html.render({ ...state, evidence, unavailable }, load);
    expect(out.length).toBeLessThan(1_000_000);
    expect(out).toContain('<h1>Deploy 4f2c1a9 of checkout at 02:45Z</h1>');
    expect(out).toContain('<h3>What to do next</h3>');
    expect(out).toContain('Shortened');
  });

  test('tells of a run that never began, and of one that was stopped', async () => {
    expect(await html.render(emptyState(), load)).toContain('<p class="word">STOPPED</p>');
    const stopped = stateAt(runEvents(), (e) => e.type === 'finding');
    expect(await html.render(stopped, load)).toContain('None was ranked');
  });
});

test('tells what the model asked and said, folded and marked, and what people said', async () => {
  const page = await html.render(withModelAndPeople(), load);
  const part = page.slice(page.indexOf('<section id="conversation"'));
  expect(part).toContain('1 turn of the model (its words prove nothing)');
  expect(part).toContain('<p class="soft">what it thinks</p>');
  expect(part).toContain('hint 1: look at the pool');
  expect(part).toContain('<b>yes</b> (command)');
  expect(page).toContain('not checked, proves nothing');
  const hostile = await html.render(
    withModelAndPeople((x) => `<img src=x onerror=alert(1)> ${x}`),
    load,
  );
  expect(hostile).not.toContain('<img');
});

describe.skipIf(!peer('chromium'))('html in a browser', () => {
  const folder = tempFolder();
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: programOf('chromium'), args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  /** Opens the report as a file; what the page said on the console and asked for is kept. */
  async function open(
    text: string,
    size: { width: number; height: number },
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<{ page: Page; said: string[]; asked: string[]; close(): Promise<void> }> {
    const file = join(folder, 'report.html');
    writeFileSync(file, text);
    const context = await browser.newContext({ viewport: size, colorScheme });
    const page = await context.newPage();
    const said: string[] = [];
    const asked: string[] = [];
    page.on('console', (m) => said.push(`${m.type()}: ${m.text()}`));
    page.on('pageerror', (e) => said.push(e.message));
    page.on('dialog', (d) => said.push(`dialog: ${d.message()}`));
    page.on('request', (r) => asked.push(r.url()));
    await page.goto(pathToFileURL(file).href);
    return { page, said, asked: asked.filter((url) => url !== pathToFileURL(file).href), close: () => context.close() };
  }

  const SIZES = [
    { width: 1280, height: 800 },
    { width: 390, height: 844 },
    // 1280 points at 200 %.
    { width: 640, height: 400 },
  ];

  test('says nothing on the console, asks for nothing, and is never wider than the screen', async () => {
    for (const outcome of ['cause', 'inconclusive', 'healthy'] as const) {
      const { page, said, asked, close } = await open(await rendered({ outcome }), SIZES[0]!);
      for (const size of SIZES) {
        await page.setViewportSize(size);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      }
      expect(said).toEqual([]);
      expect(asked).toEqual([]);
      await close();
    }
  }, 60_000);

  test.each([
    ['cause', SIZES[0]!, 'light'],
    ['cause', SIZES[1]!, 'dark'],
    ['inconclusive', SIZES[2]!, 'dark'],
    ['healthy', SIZES[1]!, 'light'],
  ] as const)(
    'axe finds nothing: %s, %j, %s',
    async (outcome, size, scheme) => {
      const { page, close } = await open(await rendered({ outcome }), size, scheme);
      // The page forbids all scripts; the debugger's own evaluation is none of the page.
      const found = (await page.evaluate(`${axe.source}; axe.run()`)) as {
        violations: { id: string; impact: string; nodes: { html: string }[] }[];
        passes: unknown[];
      };
      expect(found.violations.map((v) => `${v.impact} ${v.id}: ${v.nodes[0]?.html}`)).toEqual([]);
      expect(found.passes.length).toBeGreaterThan(10);
      await close();
    },
    60_000,
  );

  test('can be read by keyboard: the skip link, every scrolled table and every fold take the focus', async () => {
    const { page, close } = await open(await rendered(), SIZES[0]!);
    await page.keyboard.press('Tab');
    const focus = 'document.activeElement.className || document.activeElement.tagName';
    expect(await page.evaluate(focus)).toBe('skip');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) {
      await page.keyboard.press('Tab');
      seen.add((await page.evaluate(focus)) as string);
    }
    expect([...seen]).toEqual(expect.arrayContaining(['A', 'scroll', 'SUMMARY']));
    await close();
  }, 60_000);

  test('on paper every fold is open, but for the numbers of what is drawn', async () => {
    const { page, close } = await open(await rendered(), SIZES[0]!);
    const visible =
      '[...document.querySelectorAll("article > details > :not(summary)")].map((x) => x.checkVisibility())';
    const folds = (await page.evaluate(visible)) as boolean[];
    expect(folds).toEqual(folds.map(() => false));
    expect(folds.length).toBeGreaterThan(0);
    await page.emulateMedia({ media: 'print' });
    await expect.poll(() => page.evaluate(visible)).toEqual(folds.map(() => true));
    const numbers = '[...document.querySelectorAll("figure details")].map((x) => x.checkVisibility())';
    expect(await page.evaluate(numbers)).not.toContain(true);
    await close();
  }, 60_000);

  test('text of outsiders makes no element, no attribute, no request and no script', async () => {
    const shape = async (words: (x: string) => string): Promise<string[]> => {
      const { page, said, asked, close } = await open(await rendered({ words }), SIZES[0]!);
      const found = (await page.evaluate(
        '[...document.querySelectorAll("*")].filter((x) => x.tagName !== "A").map((x) => x.tagName + [...x.attributes].map((a) => " " + a.name).join(""))',
      )) as string[];
      const hrefs = (await page.evaluate(
        '[...document.querySelectorAll("[href],[src]")].map((x) => x.getAttribute("href") ?? x.src).filter((x) => !/^#/.test(x))',
      )) as string[];
      expect(said).toEqual([]);
      expect(asked).toEqual([]);
      expect(hrefs).toEqual([]);
      await close();
      return found;
    };
    const plain = await shape((x) => `words ${x}`);
    // Many at once: each place of the report gets another one.
    let n = 0;
    for (let page = 0; page * 120 < STRINGS.length; page++) {
      const found = await shape((x) => `${STRINGS[n++ % STRINGS.length]} ${x}`);
      expect(found).toEqual(plain);
    }
  }, 240_000);
});
