/** What the policy of the modes reads in an answer: who looks bad in it, and the claim that says so. Lines as the model gets them. */

/** Something that speaks against a service. */
export interface Clue {
  of: string;
  /** 0 to 1. */
  weight: number;
  claim?: Record<string, unknown>;
  /** A change, and how long before the onset it was, ms. */
  change?: string;
  gapMs?: number;
  about?: string;
}

interface Told {
  evidence: string;
  asked?: string;
  /** None where it only points at an earlier answer. */
  lines?: string[];
}

/** The clues of an answer; `onset` in ms since the epoch. */
export function cluesIn(a: Told, onset: number): Clue[] {
  return (a.lines ?? []).flatMap((line) => {
    const [, n, text] = /^L(\d+) (.*)$/.exec(line) ?? [];
    if (n === undefined || text === undefined) return [];
    return [
      ...series(a.evidence, Number(n), text, onset),
      ...spans(a.evidence, text),
      ...change(a.evidence, text, onset),
      ...record(a, text),
    ];
  });
}

/** `__name__=x service=orders: 23 samples …; 07:51:20 3, 07:52:25 23`. */
function series(evidence: string, line: number, text: string, onset: number): Clue[] {
  const [, labels, samples] = /^(__name__=[^:]*): \d+ samples .*?; (.*)$/.exec(text) ?? [];
  if (labels === undefined || samples === undefined) return [];
  const label = (k: string): string | undefined => new RegExp(`(?:^| )${k}=(\\S+)`).exec(labels)?.[1];
  const at = new Date(onset).toISOString().slice(11, 19);
  const points = samples.split(', ').map((p) => ({ t: p.slice(0, 8), v: numberIn(p.slice(9)) }));
  const median = (xs: number[]): number => [...xs].sort((x, y) => x - y)[xs.length >> 1] ?? Number.NaN;
  const [before, since] = [points.filter((p) => p.t < at), points.filter((p) => p.t >= at)].map((ps) =>
    median(ps.map((p) => p.v)),
  );
  const about = label('__name__') ?? '';
  const ratio = (since! + 1e-9) / (before! + 1e-9);
  const of = label('callee') ?? label('service');
  if (of === undefined || !(ratio > 1.5)) return [];
  const bad = /error|latency|waiting|saturation|cpu|rollback|oldest/.test(about) ? 1 : 0.3;
  return [
    {
      of,
      about,
      weight: bad * Math.min(1, Math.log10(ratio) / 2),
      claim: { type: 'changed', evidence, line, direction: 'up' },
    },
  ];
}

const UNITS: Record<string, number> = { ms: 0.001, µs: 1e-6, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

function numberIn(text: string): number {
  const [, number, unit] = /^(-?[\d.,]+(?:e[+-]?\d+)?)\s*([^\d\s]*)/.exec(text) ?? [];
  return Number(number?.replaceAll(',', '')) * (UNITS[unit?.replace('/s', '') ?? ''] ?? 1);
}

const SIDE = String.raw`([\d,]+) spans, median ([\d.,]+) ms, p95 [\d.,]+ ms, ([\d,]+) failed`;
const STATS = new RegExp(
  String.raw`^(operation|call) (\S+)(?: to (\S+))? \| (.*?): before ${SIDE}; since ${SIDE}(?:; calls a request ([\d.,]+) before, ([\d.,]+) since)?`,
);

/** `operation orders | POST /orders: before …; since …`. What a callee does speaks against the callee. */
function spans(evidence: string, text: string): Clue[] {
  const m = STATS.exec(text);
  if (!m) return [];
  const [, kind, who, callee, operation] = m;
  const num = (i: number): number => Number((m[i] ?? '0').replaceAll(',', ''));
  const of = callee ?? who!;
  const on = { evidence, service: of, operation, caller: kind === 'call' ? who! : null };
  const failing = num(10) / Math.max(1, num(8)) - num(7) / Math.max(1, num(5));
  const slower = num(9) / Math.max(0.01, num(6));
  const repeated = num(12) / Math.max(0.01, num(11));
  const out: Clue[] = [];
  if (failing > 0.05) out.push({ of, weight: Math.min(1, failing * 2), claim: { type: 'failing', ...on } });
  if (slower > 2 && num(9) > 5)
    out.push({ of, weight: Math.min(1, Math.log10(slower)), claim: { type: 'slower', ...on } });
  if (repeated > 1.5 && kind === 'call')
    out.push({ of: who!, about: 'calls', weight: 0.5, claim: { type: 'repeated', ...on } });
  return out;
}

/** `2026-11-20T07:52:15.000Z deploy deploy/orders/2.9.0 of orders 2.8.0 to 2.9.0: title`. */
function change(evidence: string, text: string, onset: number): Clue[] {
  const [, time, id, of] = /^(\d{4}-\S+Z) (?:deploy|config|flag|migration) (\S+\/\S+) of (\S+?):? /.exec(text) ?? [];
  if (time === undefined || id === undefined || of === undefined) return [];
  const gapMs = onset + 1000 - Date.parse(time);
  const weight = gapMs < 0 ? 0 : Math.max(0.05, 0.8 - gapMs / 600_000);
  return [{ of, weight, change: id, gapMs, claim: { type: 'deployed', evidence, change: id } }];
}

/** A log record of the service that was asked for; its first words, up to what is not told as it stands. */
function record(a: Told, text: string): Clue[] {
  const [, of, words] = /^\d{4}-\S+Z (\S+) \S+ (?:WARN|ERROR|FATAL): ([^{⟨<"*]*)/.exec(text) ?? [];
  const quote = words?.trim() ?? '';
  if (of === undefined || quote.length < 12) return [];
  return [{ of, weight: 0.02, claim: { type: 'mentions', evidence: a.evidence, quote } }];
}
