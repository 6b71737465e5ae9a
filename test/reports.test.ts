/** The reports: complete, bounded, and safe to paste whatever outsiders wrote. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { Report } from '../src/core/ports.ts';
import { emptyState, type State } from '../src/core/run-state.ts';
import { block, code, prose, row } from '../src/reports/_markdown-text.ts';
import { report as json } from '../src/reports/json.ts';
import { report as markdown } from '../src/reports/markdown.ts';
import { report as text, textReport } from '../src/reports/text.ts';
import { type RunOptions, runEvents, stateAt } from './_events.ts';

const load = async (): Promise<unknown> => null;
const rendered = (report: Report, options: RunOptions = {}): Promise<string> =>
  report.render(stateAt(runEvents(options)), load);

/** Markdown without its code: what a renderer reads as active text. */
function outsideCode(markdown: string): string {
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.split('\n')) {
    const mark = /^ {0,3}(`{3,})/.exec(line)?.[1];
    if (fence ? mark === fence && line.trim() === fence : mark) fence = fence ? undefined : mark;
    else if (!fence) lines.push(line.replace(/(`+)(?!`)(?:.*?[^`])??\1(?!`)/g, 'CODE'));
  }
  expect(fence).toBeUndefined();
  return lines.join('\n');
}

const ATTACKS = [
  '@acme/oncall please',
  '[click](https://evil.example)',
  '![x](https://evil.example/p.png)',
  '<img src=x onerror=alert(1)> <script>',
  'https://evil.example www.evil.example me@evil.example',
  '#123 GH-12 acme/shop#4 4f2c1a94f2c1a9 JIRA-7',
  '``` ` `` # heading | cell | **bold** _it_ ~~no~~',
  '\n\n## heading\n- item\n<!-- ',
  '$$x$$ :boom: &amp; \\',
  '\x1b[31mred\u202e\u2028',
];

describe('markdown', () => {
  test('tells the whole run', async () => {
    for (const outcome of ['cause', 'inconclusive', 'healthy'] as const)
      await expect(await rendered(markdown, { outcome })).toMatchFileSnapshot(`golden/report-${outcome}.md`);
  });

  test('lets nothing that outsiders wrote become a link, a mention, HTML or structure', async () => {
    for (const attack of ATTACKS) {
      const active = outsideCode(await rendered(markdown, { words: (x) => `${attack} ${x}` }))
        .replace(/^<!-- inquest:\S+ -->$/m, '')
        .replace(/<\/?(?:details|summary)>/g, '');
      expect(active, attack).not.toMatch(
        /@|:\/\/|www\.|\]\(|!\[|<|&\w+;|\\(?!\|)|\$|~~|:boom:|(?<!\|)#\d|GH-|JIRA|4f2c1a9/,
      );
      expect(active.match(/^#+ .*/gm)).toHaveLength(1);
      for (const line of active.split('\n').filter((l) => l.startsWith('|')))
        expect([4, 5, 7]).toContain(line.replaceAll('\\|', '').split('|').length - 1);
    }
  });

  test('is the same for any words: prose is text, and code shows it as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (word) => {
        const safe = outsideCode(prose(word));
        expect(safe).not.toMatch(/[@<>[\]`*_~#$&\\!|{}]/);
        const shown = code(word);
        if (shown !== '') expect(outsideCode(shown)).toBe('CODE');
        expect(
          row([prose(word), shown])
            .replaceAll('\\|', '')
            .split('|'),
        ).toHaveLength(4);
        expect(outsideCode([...block([word]), 'after'].join('\n'))).toBe('after');
      }),
    );
  });

  test('stays below 60,000 characters and never cuts the verdict', async () => {
    const long = (x: string): string => `${x} ${'long words `and` <more> '.repeat(400)}`;
    const report = await rendered(markdown, { words: long });
    expect([...report].length).toBeLessThan(60_000);
    expect(report).toContain('**What to do next**');
    expect(report).toContain('**Not checked**');

    const state = stateAt(runEvents());
    const many = <T>(list: T[]): T[] => Array.from({ length: 1200 }, (_, i) => list[i % list.length]!);
    const crowded: State = {
      ...state,
      evidence: many(state.evidence).map((e, i) => ({
        ...e,
        id: `E1.${i}`,
        sample: many(['a raw line of a log']).slice(0, 50),
      })),
      findings: many(state.findings).map((f, i) => ({
        ...f,
        finding: { ...f.finding, title: `${f.finding.title} ${i}` },
      })),
      verdict: { ...state.verdict!, notChecked: many(state.verdict!.notChecked), claims: many(state.verdict!.claims) },
      unavailable: many([{ source: 'x'.repeat(5000), why: '@all '.repeat(900) }]),
    };
    const short = await markdown.render(crowded, load);
    expect([...short].length).toBeLessThan(60_000);
    expect(short).toContain('### VERDICT: Deploy');
    expect(short).toContain('Shortened');
  });

  test('drops raw samples first, then what was ruled out, the timeline, the queries', async () => {
    const state = stateAt(runEvents());
    const padded: State = {
      ...state,
      evidence: state.evidence.map((e) => ({
        ...e,
        sample: Array.from({ length: 5 }, () => 'z'.repeat(290)),
        why: 'w'.repeat(900),
      })),
    };
    const report = await markdown.render(
      { ...padded, evidence: [...padded.evidence, ...padded.evidence, ...padded.evidence] },
      load,
    );
    expect(report).not.toContain('zzz');
    expect(report).toContain('asked `histogram_quantile');
  });
});

describe('json', () => {
  test('has a schema, stable names and ISO times', async () => {
    const report = JSON.parse(await rendered(json));
    expect(Object.keys(report)).toMatchInlineSnapshot(`
      [
        "schema",
        "run",
        "program",
        "startedAt",
        "finishedAt",
        "ms",
        "exit",
        "origin",
        "resumed",
        "alert",
        "window",
        "now",
        "playbook",
        "outcome",
        "gate",
        "candidates",
        "changes",
        "hypotheses",
        "claims",
        "next",
        "remedies",
        "notChecked",
        "unavailable",
        "timeline",
        "steps",
        "findings",
        "evidence",
        "requests",
        "sources",
      ]
    `);
    expect(report).toMatchObject({
      schema: 'inquest.report/v1',
      outcome: { kind: 'cause', hypothesis: 'H1', change: '4f2c1a9', confidence: 0.91 },
      gate: { decision: 'verdict' },
      exit: 0,
    });
    expect(report.evidence).toHaveLength(20);
    expect(report.evidence[0]).toMatchObject({ id: 'E1.1', status: 'ok', query: expect.stringContaining('histogram') });
    expect(report.timeline.map((t: { at: string }) => t.at)).toEqual(
      [...report.timeline.map((t: { at: string }) => t.at)].sort(),
    );
  });

  test('is the same data for a parser and harmless for a terminal', async () => {
    const words = (x: string): string => `\x1b[31m\x9b\u202e\u200b\u2028\ud83d${x}`;
    const out = await rendered(json, { words });
    expect(out).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u200b\u2028]/);
    expect(JSON.parse(out).alert.title).toBe(words('checkout p95 latency above 300 ms'));
  });

  test('tells of a run that was stopped, or never began', async () => {
    expect(JSON.parse(await json.render(emptyState(), load)).outcome.kind).toBe('unfinished');
    const stopped: State = {
      ...stateAt(runEvents(), (e) => e.type === 'finding'),
      phase: 'interrupted',
      stopped: 'SIGINT',
    };
    expect(JSON.parse(await json.render(stopped, load)).outcome).toMatchObject({
      kind: 'interrupted',
      stopped: 'SIGINT',
    });
  });
});

describe('text', () => {
  test('is the closing in 80 columns', async () => {
    for (const outcome of ['cause', 'inconclusive', 'healthy'] as const) {
      const out = await rendered(text, { outcome });
      await expect(out).toMatchFileSnapshot(`golden/closing-${outcome}.txt`);
      for (const line of out.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80);
    }
  });

  test('cuts nothing of a verdict, wraps it, and cannot be drawn on', async () => {
    const out = await rendered(text, { words: (x) => `\x1b[2J日本語 ${x} and so on and on for a long while` });
    for (const line of out.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80);
    expect(out).not.toMatch(/\x1b/);
    expect(out.replace(/\s+/g, ' ')).toContain(
      'Deploy 4f2c1a9 of checkout at 02:45Z and so on and on for a long while',
    );
  });

  test('tells how to go on when the run was stopped', async () => {
    const stopped: State = {
      ...stateAt(runEvents(), (e) => e.type === 'finding'),
      phase: 'interrupted',
      stopped: 'you stopped it',
    };
    expect(await text.render(stopped, load)).toMatchInlineSnapshot(`
      " ! STOPPED  you stopped it                                                t7f3kq

       So far
         0 of 9 steps, 1 answer; all of it is saved.
         No lead yet.

       Go on:  inquest resume t7f3kq
      "
    `);
    expect(await textReport().render(stateAt(runEvents()), load, { ascii: true })).toMatch(/^ \+ VERDICT/);
  });
});
