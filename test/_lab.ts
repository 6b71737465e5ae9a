/** The lab in tests: whether its programs are here, a stretch of health, and the alert that really comes. */
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../fixtures/lab/host/ports.ts';
import { missing, need } from '../fixtures/lab/host/programs.ts';
import type { Lab } from '../fixtures/lab/host/types.ts';
import type { Received } from '../fixtures/lab/host/webhook.ts';

/** Whether the lab can run here. If not, one SKIP line; with REQUIRE_PEERS=1 an error. */
export function labReady(): boolean {
  try {
    for (const program of missing()) need(program);
    return true;
  } catch (error) {
    if (process.env.REQUIRE_PEERS === '1') throw error;
    process.stderr.write(`SKIP the lab: ${(error as Error).message}\n`);
    return false;
  }
}

/** Ends when the gateway has answered shoppers without errors for so many seconds, counted from now. */
export async function healthyFor(lab: Lab, seconds: number): Promise<void> {
  await pause(seconds * 1000);
  const looks = 'http_error_percent{service="gateway"} < bool 1';
  const healthy = async () => (await valueNow(lab, `min_over_time((${looks})[${seconds}s:2s])`)) === 1;
  await until(healthy, `the gateway was not healthy for ${seconds} s`, 60);
}

async function valueNow({ prometheus }: Lab, query: string): Promise<number> {
  const response = await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query })}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1]);
}

/** What Alertmanager posts when this alert begins to fire after `since`; waits for it at most 150 s. */
export async function firing(lab: Lab, alertname: string, since: Date): Promise<Received> {
  const find = () =>
    lab.webhook.received.find(({ payload }) =>
      payload.alerts.some(
        ({ status, labels, startsAt }) =>
          status === 'firing' && labels.alertname === alertname && new Date(startsAt) >= since,
      ),
    );
  await until(async () => find() !== undefined, `${alertname} did not fire`, 150);
  return find() as Received;
}
