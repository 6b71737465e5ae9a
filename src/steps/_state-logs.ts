/** What logs add to the state of objects: the condition of a database, the last words of a container that crashes. */
import { CONDITIONS, hasServers, readConditions } from '../analysis/kube-databases.ts';
import { isUnexplainedCrash, lastWords } from '../analysis/kube-last-words.ts';
import type { StateReading } from '../analysis/kube-objects.ts';
import { byText } from '../core/canonical.ts';
import type { StepContext } from '../core/types.ts';
import { dataOf } from './_ask.ts';

/** Records read of an answer. */
const LINES = 300;
/** Services that crash are asked for their last words, as long as they are few: many have one cause elsewhere. */
const CRASHING = 2;

export interface Heard {
  readings: StateReading[];
  /** Services that were refused. */
  clients: string[];
}

/** What the logs pass on of the database servers among the objects. */
export async function heardOfServers(ctx: StepContext, objects: { kind: string; items: unknown[] }[]): Promise<Heard> {
  if (!ctx.can('logs.search') || !hasServers(objects)) return { readings: [], clients: [] };
  const range = { from: ctx.window.from, to: ctx.now, limit: LINES };
  const asked = await Promise.all(
    CONDITIONS.map((text) =>
      ctx.ask('logs.search', { ...range, text }, `does a log say that a database is "${text}"?`),
    ),
  );
  const heard = asked
    .flatMap((a) => dataOf(a))
    .flatMap(({ evidence, data }) => readConditions(objects, data.records).map((h) => ({ evidence, ...h })));
  // The same condition may stand in the answers to two questions.
  const told = new Map<string, StateReading>();
  for (const { reading, evidence } of heard) {
    const key = JSON.stringify([reading.namespace, reading.object, reading.rule]);
    if (!told.has(key)) told.set(key, { ...reading, evidence });
  }
  return { readings: [...told.values()], clients: [...new Set(heard.flatMap((h) => h.clients))] };
}

/** The readings, crashes of which only an exit code is known with the reason that their logs give. */
export async function withLastWords(ctx: StepContext, readings: StateReading[]): Promise<StateReading[]> {
  const services = [...new Set(readings.filter(isUnexplainedCrash).map((r) => r.service))].sort(byText);
  if (!ctx.can('logs.search') || services.length > CRASHING) return readings;
  const range = { from: ctx.window.from, to: ctx.now, limit: LINES };
  const words = new Map<string, ReturnType<typeof lastWords>>();
  for (const service of services) {
    const asked = await ctx.ask('logs.search', { ...range, service, level: 'WARN' }, `why does ${service} crash?`);
    words.set(service, lastWords(dataOf(asked).flatMap((a) => a.data.records.map((r) => r.body))));
  }
  return readings.map((r) => {
    const said = isUnexplainedCrash(r) ? words.get(r.service) : undefined;
    return said ? { ...r, rule: `${r.rule}: ${said.what}`, quote: said.quote } : r;
  });
}
