/** What the tools of one Datadog share: its client, how services are named in it, and what was read once. */
import type { LogRecord } from '../../core/telemetry.ts';
import type { ToolContext } from '../../tools/tool.ts';
import { pages } from '../_pages.ts';
import { type SharedReads, sharedReads } from '../_shared-reads.ts';
import type { DatadogClient, Page } from './_shapes.ts';

export interface Account {
  /** Name of the source. */
  name: string;
  client: DatadogClient;
  /** The moment of the investigation, ms: nothing later exists. */
  now(): number;
  /** All names of a service, ours first. */
  names(service: string): readonly string[];
  /** Our name of a service that Datadog calls so. */
  ours(name: string): string;
  /** What was read for one question serves the next ones of the run. */
  once: SharedReads['read'];
  /** Times of which all log lines were read, with the lines by time. */
  held: { from: number; to: number; records: LogRecord[] }[];
}

export function openAccount(
  name: string,
  client: DatadogClient,
  env: { now(): number; services: Record<string, { aliases?: string[] | undefined }> },
): Account {
  const known = new Map(Object.entries(env.services).flatMap(([ours, s]) => (s.aliases ?? []).map((a) => [a, ours])));
  return {
    name,
    client,
    now: env.now,
    held: [],
    names: (service) => [service, ...(env.services[service]?.aliases ?? [])],
    ours: (theirs) => known.get(theirs) ?? theirs,
    once: sharedReads().read,
  };
}

export interface Read<T> {
  items: T[];
  /** Pages were left unread. */
  more: boolean;
  /** Datadog's own words on why a page is not whole. */
  incomplete?: string;
}

/** The items of at most so many pages, one after the other. */
export async function readPages<T>(
  most: number,
  ctx: ToolContext,
  ask: (cursor: string | undefined) => Promise<Page<T>>,
): Promise<Read<T>> {
  const why = new Set<string>();
  const read = async (cursor: string | undefined): Promise<Page<T>> => {
    ctx.signal.throwIfAborted();
    const page = await ask(cursor);
    if (page.incomplete) why.add(page.incomplete);
    return page;
  };
  const { items, left } = await pages(read, { pages: most, items: Number.POSITIVE_INFINITY });
  return { items, more: left !== undefined, ...(why.size > 0 && { incomplete: [...why].join('; ') }) };
}
