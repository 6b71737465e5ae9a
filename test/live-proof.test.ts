/** A real shop really breaks: the alert that Alertmanager posts goes into the program, which asks the live servers. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { act } from '../fixtures/lab/host/act.ts';
import { startLab } from '../fixtures/lab/host/lab.ts';
import type { Lab } from '../fixtures/lab/host/types.ts';
import { warmUp } from '../fixtures/lab/host/warm-up.ts';
import { DEFAULTS } from '../fixtures/lab/record/record.ts';
import { scenarioNamed } from '../fixtures/lab/scenarios/all.ts';
import { firing, healthyFor, labReady } from './_lab.ts';
import { inquest } from './_program.ts';
import { tempFolder } from './_temp.ts';

/** A bad deploy of orders, with an innocent one of catalog before it. */
const INCIDENT = scenarioNamed('amber-finch');

interface Told {
  outcome: { kind: string; entity: { name: string }; change: string; category: string; confirmed: boolean };
  claims: { ok: boolean; cites: string[] }[];
  evidence: { id: string; tool: string }[];
  gate: { reason: string };
}

const running = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Breaks the shop, and investigates with what its alert says, the moment it comes. */
async function breakAndInvestigate(lab: Lab, home: string) {
  const [innocent, guilty] = INCIDENT.timeline.map(({ action }) => action);
  if (innocent === undefined || guilty === undefined) throw new Error('the incident has two deploys');
  await warmUp(lab);
  lab.startLoad();
  await healthyFor(lab, 40);
  await act(lab, innocent);
  await healthyFor(lab, 24);
  const broken = new Date();
  await act(lab, guilty);
  const alert = await firing(lab, INCIDENT.alert.name, broken);
  const sources = ['--prometheus', lab.prometheus, '--alertmanager', lab.alertmanager];
  const files = ['--git', lab.repository.folder, '--logs', `${lab.state}/logs/*.jsonl`];
  const ran = await inquest(['investigate', '-', ...sources, ...files, '--json', '-q'], { home, input: alert.raw });
  const seconds = (from: Date, to: Date) => ((to.getTime() - from.getTime()) / 1000).toFixed(1);
  process.stderr.write(
    `live proof: fault to alert ${seconds(broken, alert.at)} s, alert to verdict ${seconds(alert.at, new Date())} s\n`,
  );
  return ran;
}

describe.skipIf(!labReady())('live', () => {
  test('a bad deploy is found from the alert that fired, and nothing of the lab is left', {
    timeout: 420_000,
  }, async () => {
    const lab = await startLab({ ...DEFAULTS, seed: INCIDENT.seed });
    const pids = [...lab.processes.pids().values()];
    try {
      const ran = await breakAndInvestigate(lab, tempFolder());
      expect(ran.stderr).toBe('');
      const { outcome, claims, evidence, gate } = JSON.parse(ran.stdout) as Told;
      const { verdict, entity, change, category } = INCIDENT.truth;
      const expected = { kind: verdict, entity: { name: entity }, change, category, confirmed: true };
      expect(outcome, gate.reason).toMatchObject(expected);
      expect(ran.code).toBe(0);
      const cited = new Set(claims.filter(({ ok }) => ok).flatMap(({ cites }) => cites));
      const sources = evidence.filter(({ id }) => cited.has(id)).map(({ tool }) => tool.split('.')[0]);
      expect(sources).toEqual(expect.arrayContaining(['prometheus', 'git']));
      pids.push(...lab.processes.pids().values());
    } finally {
      await lab.stop();
    }
    expect(pids.filter(running)).toEqual([]);
    expect(existsSync(lab.state)).toBe(false);
  });
});
