/** Whole runs on a recorded incident: once on its bundle, once with a Datadog alone that holds the same incident. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_KEY, APP_KEY, type FakeDatadog } from './_datadog-fake.ts';
import { inquest, type Ran, ROOT } from './_program.ts';

export const incident = (name: string): string => join(ROOT, 'fixtures/incidents', name);

export interface Told {
  outcome: string;
  entity?: string;
  change?: string;
  category?: string;
  confidence: number;
}

interface Report {
  outcome: { kind: string; confidence: number; category?: string; entity?: { name: string }; change?: string };
}

export function told(report: string): Told {
  const { kind, confidence, category, entity, change } = (JSON.parse(report) as Report).outcome;
  return {
    outcome: kind,
    confidence,
    ...(entity && { entity: entity.name }),
    ...(change && { change }),
    ...(category && { category }),
  };
}

/** The verdict on the recording itself, asked about with the alert that a Datadog monitor would send. */
export const onBundle = (home: string, name: string): Promise<Ran> =>
  inquest(['investigate', '--bundle', incident(name), '--json', '--quiet'], { home });

export interface DatadogRun extends Ran {
  /** Requests of each call, as the journal tells them. */
  requests: { call: string; sent: { path: string; status?: number; tries: number }[] }[];
  /** All of stdout's events as text: what the journal holds. */
  journal: string;
}

/** A run with nothing but this Datadog configured. */
export async function onDatadog(
  home: string,
  fake: FakeDatadog,
  { url = fake.url, args = [] as string[] } = {},
): Promise<DatadogRun> {
  // A recording of three minutes is compared with its own first minutes, as `--bundle` does.
  const half = `${Math.round((Date.parse(fake.store.alert.startsAt) - fake.store.from) / 2)}ms`;
  const config = {
    window: { lookback: half, baseline: half },
    sources: {
      datadog: {
        type: 'datadog',
        url,
        env: fake.store.env,
        apiKey: { env: 'DD_API_KEY' },
        appKey: { env: 'DD_APP_KEY' },
      },
    },
  };
  const [file, alert] = [join(home, 'inquest.config.json'), join(home, 'alert.json')];
  writeFileSync(file, JSON.stringify(config));
  writeFileSync(alert, JSON.stringify(fake.webhook));
  const now = new Date(fake.store.now).toISOString();
  const ran = await inquest(
    [
      'investigate',
      alert,
      '--config',
      file,
      '--now',
      now,
      '--no-model',
      '--quiet',
      '--events',
      '-o',
      join(home, 'report.json'),
      '--json',
      ...args,
    ],
    { home, env: { DD_API_KEY: API_KEY, DD_APP_KEY: APP_KEY } },
  );
  const events = ran.stdout
    .split('\n')
    .filter((l) => l.startsWith('{'))
    .map((l) => JSON.parse(l) as Record<string, unknown>);
  const requests = events.flatMap((e) =>
    e.type === 'call.finished' && e.requests
      ? [{ call: `${String(e.key)} ${String(e.activity)}`, sent: e.requests as DatadogRun['requests'][number]['sent'] }]
      : [],
  );
  return { ...ran, requests, journal: ran.stdout };
}
