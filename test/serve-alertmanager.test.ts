/** A real Prometheus with a real rule, a real Alertmanager, and `inquest serve` behind it. */

import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { emulated, github, slack } from './_emulate.ts';
import { freePort, type Peer, peer, start } from './_peers.ts';
import { type Served, startServe, TOKEN, until } from './_serve.ts';
import { tempFolder } from './_temp.ts';

const stops: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

const PATH = 'a-secret-end-of-the-address';
const KEYS = { HUB: 'ghp_0123456789abcdefghijABCDEFGHIJ0001', CHAT: 'xoxb-0123456789-tests-of-serve-000001' };

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

test.skipIf(!peer('prometheus') || !peer('prometheus-alertmanager') || !emulated)(
  'an alert of a real rule is one investigation, however often it is sent; GitHub and Slack hear of it once, and its end is told there too',
  async () => {
    const [home, dir] = [tempFolder(), tempFolder()];
    const { address, heal } = await shop();
    const hooks = { am: { type: 'alertmanager', secrets: [TOKEN], path: PATH } };
    const port = await freePort();
    const manager = await alertmanager(dir, `http://127.0.0.1:${port}/hooks/am/${PATH}`);
    const source = await prometheus(dir, address, new URL(manager.url).host);
    const [hub, chat] = await Promise.all([github(KEYS.HUB), slack(KEYS.CHAT)]);
    stops.push(hub.close, chat.close);
    const notify = {
      issue: { type: 'github', repo: 'acme/shop', issue: hub.issue, token: { env: 'HUB' }, url: hub.url },
      chat: { type: 'slack', token: { env: 'CHAT' }, channel: 'ops', url: chat.url },
    };
    const s: Served = await startServe({
      home,
      port,
      serve: { hooks, notify: ['issue', 'chat'] },
      config: { notify },
      env: KEYS,
      args: ['--prometheus', source.url],
    });
    stops.push(() => s.stop());
    const ended = await until(() => s.log().find((e) => e.what === 'run.ended'), 50_000);
    const answered = async (decision: string): Promise<number> => {
      const metrics = await fetch(`${s.url}/metrics`).then((r) => r.text());
      return Number(
        new RegExp(`^inquest_alerts_total\\{hook="am",decision="${decision}"\\} (\\d+)`, 'm').exec(metrics)?.[1] ?? 0,
      );
    };
    await until(async () => ((await answered('repeat')) >= 2 ? true : undefined));
    await until(() => s.log().find((e) => e.what === 'run.told'));
    const [[comment], [message]] = await Promise.all([hub.comments(), chat.messages()]);
    expect(comment!.body).toContain('CheckoutFailing');
    expect(await answered('start')).toBe(1);
    heal();
    await until(async () => ((await answered('resolved')) === 1 ? true : undefined), 50_000);
    const page = await fetch(`${s.url}/runs/${ended.run}`).then((r) => r.text());
    expect(page).toContain('CheckoutFailing');
    await until(async () =>
      (await fetch(`${s.url}/runs/${ended.run}`).then((r) => r.text())).includes('resolved') ? true : undefined,
    );
    await until(() => (s.log().filter((e) => e.what === 'run.told').length >= 2 ? true : undefined));
    const [comments, messages] = await Promise.all([hub.comments(), chat.messages()]);
    expect([comments.length, messages.length]).toEqual([1, 1]);
    expect(comments[0]!.body).not.toBe(comment!.body);
    expect(comments[0]!.body).toContain('resolved');
    expect(JSON.stringify(messages[0])).toContain('resolved');
    expect(JSON.stringify(message)).not.toContain('resolved');
    const said = JSON.stringify(s.log());
    for (const secret of [PATH, ...Object.values(KEYS)]) expect(said).not.toContain(secret);
  },
  180_000,
);
