/** When a Prometheus got its newest sample, whatever its metrics are. */
import { byText } from '../../core/canonical.ts';
import { HOUR, MINUTE } from '../../core/time.ts';
import { Refused } from '../_refused.ts';
import type { Client } from './_client.ts';
import { oneOf, selector } from './_promql.ts';

const DAY = 24 * HOUR;
/** Prometheus gives at most 11,000 points: days for thirty years fit. */
const FURTHEST = 10_000 * DAY;
const METRICS_MAX = 10;

/**
 * Time of the newest sample up to `to`, ms: first its day, then its time. Looks at `up`, which every scrape writes, else
 * at a few metrics. `empty` where there is no series, undefined where the server cannot say.
 */
export async function newestSample(client: Client, to: number): Promise<number | 'empty' | undefined> {
  try {
    const names = await client.labelValues('__name__', [], Math.max(0, to - FURTHEST), to);
    if (names.length === 0) return 'empty';
    const asked = names.includes('up') ? ['up'] : [...names].sort(byText).slice(0, METRICS_MAX);
    const series = selector([oneOf('__name__', asked)]);
    const first = Math.max(0, to - FURTHEST);
    const days = await client.range(
      `count(last_over_time(${series}[1d]))`,
      to - Math.floor((to - first) / DAY) * DAY,
      to,
      DAY / 1000,
    );
    const day = days[0]?.times.at(-1);
    if (day === undefined) return undefined;
    const exact = await client.range(`max(timestamp(${series}))`, day - DAY, day, MINUTE / 1000);
    const seconds = exact[0]?.values.at(-1) ?? undefined;
    return seconds === undefined ? undefined : Math.round(seconds * 1000);
  } catch (e) {
    if (e instanceof Refused) return undefined;
    throw e;
  }
}
