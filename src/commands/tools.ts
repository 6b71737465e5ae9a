/** `inquest tools`: what the configured sources can be asked, and one question by hand, through the same door as a run's. */
import { resolve } from 'node:path';
import type { OpenedSources } from '../app/sources.ts';
import type { ConfigFlags } from '../config/load.ts';
import { wrap } from '../core/columns.ts';
import { EXIT, UserError } from '../core/errors.ts';
import { ulid } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { nearest, plural } from '../core/text.ts';
import { datedSpan, formatDuration, parseInstant, toMs } from '../core/time.ts';
import type { ActivityResult } from '../core/types.ts';
import { requestLines } from '../core/wording.ts';
import { openGates } from '../safety/gates.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';
import { safeJson } from '../safety/safe-json.ts';
import { safeText } from '../safety/safe-text.ts';
import { readBundleInfo } from '../sources/bundle/_info.ts';
import { fieldsOf, jsonSchemaOf } from '../tools/question-schema.ts';
import type { Tool } from '../tools/tool.ts';
import { DEFAULT_LIMITS, toolbox } from '../tools/toolbox.ts';
import { ASCII, prefersAscii, UNICODE } from '../ui/symbols.ts';
import { tablesOf } from './_answer-table.ts';
import { columnsOf } from './_checks.ts';
import { exampleOf, fieldRows, flagOf, questionOf } from './_question.ts';
import { configFor, sourcesFor } from './_session.ts';
import { printTable } from './_table.ts';

interface ToolFlags extends ConfigFlags {
  bundle?: string;
  now?: string;
  json?: boolean;
}

interface Opened extends OpenedSources {
  tools: Tool[];
  now: number;
  config: Awaited<ReturnType<typeof configFor>>;
}

async function open(io: Io, flags: ToolFlags): Promise<Opened> {
  const bundle = flags.bundle === undefined ? undefined : resolve(io.cwd, flags.bundle);
  const config = await configFor(io, flags, bundle);
  const otherwise = bundle === undefined ? io.now() : toMs((await readBundleInfo(bundle)).now);
  const now = flags.now === undefined ? otherwise : parseInstant(flags.now, otherwise);
  if (now === undefined)
    throw new UserError(`--now: "${flags.now}" is no time`, { hints: ['Write 2026-01-31T14:05:00Z.'] });
  const opened = await sourcesFor(io, config, now, ulid(io.now()));
  for (const { source, why } of opened.unavailable) io.stderr.write(`! ${safeText(`${source} is left out: ${why}`)}\n`);
  return { ...opened, tools: opened.sources.flatMap((s) => s.tools), now, config };
}

/** All tools: name, cost, what each asks. */
export async function listTools(io: Io, flags: ToolFlags): Promise<void> {
  const opened = await open(io, flags);
  await opened.close();
  if (flags.json) {
    const all = opened.tools.map(({ run, ...spec }) => ({ ...spec, question: jsonSchemaOf(spec.capability) }));
    io.stdout.write(`${safeJson(all, 2)}\n`);
    return;
  }
  const asks = (t: Tool): string =>
    fieldsOf(t.capability)
      .map((f) => (f.needed ? f.name : `${f.name}?`))
      .join(' ');
  printTable(
    io,
    ['TOOL', 'COST', 'ASKS'],
    opened.tools.map((t) => [t.name, t.cost, asks(t)]),
  );
  if (io.stdout.isTTY)
    io.stdout.write('\nMore on one: inquest tools show NAME. Ask it: inquest tools call NAME --from 30m\n');
}

/** One tool: what it is for, each field of its question, an example. */
export async function showTool(io: Io, name: string, flags: ToolFlags): Promise<void> {
  const opened = await open(io, flags);
  await opened.close();
  const tool = toolNamed(opened.tools, name);
  const { run, ...spec } = tool;
  const example = exampleOf(tool.capability);
  if (flags.json) {
    io.stdout.write(`${safeJson({ ...spec, question: jsonSchemaOf(tool.capability), example }, 2)}\n`);
    return;
  }
  const rows = fieldRows(tool.capability);
  const wide = [0, 1].map((i) => Math.max(...rows.map((r) => r[i]!.length)));
  const typed = Object.entries(example).map(
    ([key, value]) => ` ${flagOf(key)} ${/\s/.test(String(value)) ? `"${value}"` : value}`,
  );
  const lines = [
    `${tool.name}  reads only, ${tool.cost}`,
    ...wrap(tool.description, 78).map((l) => `  ${l}`),
    '',
    ...rows.map(([flag, need, hint]) => `  ${flag!.padEnd(wide[0]!)}  ${need!.padEnd(wide[1]!)}  ${hint}`.trimEnd()),
    '',
    `  inquest tools call ${tool.name}${typed.join('')}`,
    `  inquest tools call ${tool.name} --question '${JSON.stringify(example)}'`,
  ];
  io.stdout.write(`${lines.map(safeText).join('\n')}\n`);
}

/** Puts one question; exit code 0 for any answer, 3 where it is denied, 4 where there is none. */
export async function callTool(
  io: Io,
  name: string,
  flags: ToolFlags & { question?: string; rows?: string },
  typed: Record<string, unknown>,
): Promise<void> {
  const rows = Number(flags.rows ?? 20);
  if (!Number.isInteger(rows) || rows < 0) throw new UserError(`--rows: "${flags.rows}" is no whole number`);
  const opened = await open(io, flags);
  try {
    const tool = toolNamed(opened.tools, name);
    const question = questionOf(tool.capability, { ...jsonOf(flags.question), ...typed }, opened.now);
    const gates = openGates(opened.config.secrets, await loadRuleSet());
    const { timeoutMs = DEFAULT_LIMITS.timeoutMs, retries = DEFAULT_LIMITS.retries } = opened.config;
    const box = toolbox(opened.tools, { redact: gates.answers, now: io.now, limits: { timeoutMs, retries } });
    const deadline = io.now() + timeoutMs * (retries + 1);
    const result = await box.activities.get(tool.name)!.run(question, { key: 'by-hand', signal: io.signal, deadline });
    const shown = gates.show({ tool: tool.name, question, ...result });
    if (flags.json) io.stdout.write(`${safeJson(shown, 2)}\n`);
    else print(io, shown, rows);
    const { status } = result.answer;
    if (status === 'denied') io.exitCode = EXIT.credentials;
    else if (status !== 'ok' && status !== 'empty' && status !== 'partial') io.exitCode = EXIT.sources;
  } finally {
    await opened.close();
  }
}

function print(io: Io, told: { tool: string; question: object } & ActivityResult, rows: number): void {
  const { tool, question, answer: a, attempts, ms } = told;
  const symbols = prefersAscii(io.env) || io.env.INQUEST_ASCII ? ASCII : UNICODE;
  const good = a.status === 'ok' || a.status === 'empty';
  const sign = good ? symbols.done : a.status === 'partial' ? symbols.limited : symbols.failed;
  const window = question as { from: string; to: string };
  const lines = [
    `${sign} ${tool}  ${a.status}: ${a.summary}`,
    ...(a.problem && a.problem !== a.summary ? [`  problem   ${a.problem}`] : []),
    `  window    ${datedSpan(window)}`,
    `  searched  ${a.searched}`,
    `  took      ${formatDuration(ms)}, ${plural(attempts, 'try', 'tries')}`,
    ...requestLines(told).map((line, i) => `  ${i === 0 ? 'requests ' : '         '} ${line}`),
    ...(a.truncated ? [`  kept      ${a.truncated.kept} of ${a.truncated.of} ${a.truncated.what}`] : []),
    ...(a.redacted ? [`  masked    ${plural(a.redacted, 'secret')}`] : []),
    `  trust     ${a.trust}`,
    ...(a.link ? [`  link      ${a.link}`] : []),
  ];
  io.stdout.write(`${lines.map(safeText).join('\n')}\n`);
  if (rows === 0) return;
  for (const table of tablesOf(a.data, rows, symbols, columnsOf(io.stdout))) {
    io.stdout.write(`\n${safeText(table.title)}\n${io.stdout.isTTY ? '' : `${table.header.join('\t')}\n`}`);
    printTable(io, table.header, table.rows);
    if (table.more > 0)
      io.stdout.write(`… ${plural(table.more, 'more row')}: --rows ${rows + table.more}, or --json\n`);
  }
}

function toolNamed(tools: Tool[], name: string): Tool {
  const found = tools.find((t) => t.name === name);
  if (found) return found;
  const names = tools.map((t) => t.name);
  const near = nearest(name, names) ?? names.find((n) => n.endsWith(`.${name}`));
  throw new UserError(`no tool is named "${name}"${near ? `; did you mean "${near}"?` : ''}`, {
    hints: [`There are: ${names.join(', ')}`],
  });
}

function jsonOf(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new UserError('--question is no JSON object', {
    hints: [`Write --question '{"service":"checkout","from":"30m"}'`],
  });
}
