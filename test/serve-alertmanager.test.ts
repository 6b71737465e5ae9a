/** A real Prometheus with a real rule, a real Alertmanager, and `inquest serve` behind it. */

import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freePort, type Peer, peer, start } from './_peers.ts';
import { type Served, startServe, TOKEN, until } from './_serve.ts';
import { tempFolder } from './_temp.ts';

const stops: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

const PATH = 'a-secret-end-of-the-address';

/** A shop whose checkout fails from now on. */
async function shop(): Promise<{ address: string; heal(): void }> {
  let failing = 1;
  const server: Server = createServer((_, response) => {
    response.end(`# TYPE checkout_failing gauge\ncheckout_failing{service="checkout"} ${failing}\n`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  stops.push(() => new Promise((done) => server.close(done)));
  const heal = (): void => {
    failing = 0;
  };
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, heal };
}

async function alertmanager(dir: string, hook: string): Promise<Peer> {
  const config = join(dir, 'am.yml');
  const http = `{authorization: {type: Bearer, credentials: ${TOKEN}}}`;
  const route = '{receiver: inquest, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 2s}';
  writeFileSync(
    config,
    `route: ${route}\nreceivers: [{name: inquest, webhook_configs: [{url: "${hook}", send_resolved: true, http_config: ${http}}]}]\n`,
  );
  const address = `127.0.0.1:${await freePort()}`;
  const args = [
    `--config.file=${config}`,
    `--storage.path=${dir}/am`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=',
  ];
  const server = await start('prometheus-alertmanager', args, `http://${address}`, '/-/ready');
  stops.push(() => server.stop());
  return server;
}

async function prometheus(dir: string, target: string, manager: string): Promise<Peer> {
  const [config, rules] = [join(dir, 'prometheus.yml'), join(dir, 'rules.yml')];
  writeFileSync(
    rules,
    'groups: [{name: shop, interval: 1s, rules: [{alert: CheckoutFailing, expr: checkout_failing > 0, labels: {severity: critical}, annotations: {summary: "checkout fails"}}]}]\n',
  );
  writeFileSync(
    config,
    [
      'global: {scrape_interval: 1s, evaluation_interval: 1s}',
      `rule_files: ["${rules}"]`,
      `alerting: {alertmanagers: [{static_configs: [{targets: ["${manager}"]}]}]}`,
      `scrape_configs: [{job_name: shop, static_configs: [{targets: ["${target}"]}]}]\n`,
    ].join('\n'),
  );
  const address = `127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${dir}/tsdb`, `--web.listen-address=${address}`];
  const server = await start('prometheus', args, `http://${address}`, '/-/ready');
  stops.push(() => server.stop());
  return server;
}

test.skipIf(!peer('prometheus') || !peer('prometheus-alertmanager'))(
  'an alert of a real rule is one investigation, however often it is sent, and its end is told to the run',
  async () => {
    const [home, dir] = [tempFolder(), tempFolder()];
    const { address, heal } = await shop();
    const hooks = { am: { type: 'alertmanager', secrets: [TOKEN], path: PATH } };
    const port = await freePort();
    const manager = await alertmanager(dir, `http://127.0.0.1:${port}/hooks/am/${PATH}`);
    const source = await prometheus(dir, address, new URL(manager.url).host);
    const s: Served = await startServe({ home, port, serve: { hooks }, args: ['--prometheus', source.url] });
    stops.push(() => s.stop());
    const ended = await until(() => s.log().find((e) => e.what === 'run.ended'), 50_000);
    const answered = async (decision: string): Promise<number> => {
      const metrics = await fetch(`${s.url}/metrics`).then((r) => r.text());
      return Number(
        new RegExp(`^inquest_alerts_total\\{hook="am",decision="${decision}"\\} (\\d+)`, 'm').exec(metrics)?.[1] ?? 0,
      );
    };
    await until(async () => ((await answered('repeat')) >= 2 ? true : undefined));
    expect(await answered('start')).toBe(1);
    heal();
    await until(async () => ((await answered('resolved')) === 1 ? true : undefined), 50_000);
    const page = await fetch(`${s.url}/runs/${ended.run}`).then((r) => r.text());
    expect(page).toContain('CheckoutFailing');
    await until(async () =>
      (await fetch(`${s.url}/runs/${ended.run}`).then((r) => r.text())).includes('resolved') ? true : undefined,
    );
    expect(JSON.stringify(s.log())).not.toContain(PATH);
  },
  180_000,
);
