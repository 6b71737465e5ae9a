/** The page of `serve` in a real browser: on a desk and on a phone, without an error, a foreign request or a script. */
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { peer, programOf } from './_peers.ts';
import { demoAlert, startServe, until } from './_serve.ts';
import { tempFolder } from './_temp.ts';

test.skipIf(!peer('chromium'))(
  'the list and a report fit, say nothing on the console, ask nobody else, and are accessible',
  async () => {
    const s = await startServe({ home: tempFolder() });
    const browser = await chromium.launch({
      executablePath: programOf('chromium'),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    });
    try {
      await s.post(demoAlert());
      const ended = (await until(() => s.log().find((e) => e.what === 'run.ended'))) as { run: string };
      for (const viewport of [
        { width: 1280, height: 800 },
        { width: 390, height: 844 },
      ]) {
        for (const path of ['/', `/runs/${ended.run}`]) {
          const context = await browser.newContext({ viewport });
          const page = await context.newPage();
          const said: string[] = [];
          const elsewhere: string[] = [];
          page.on('console', (m) => said.push(m.text()));
          page.on('pageerror', (e) => said.push(String(e)));
          page.on(
            'request',
            (r) => void (r.url().startsWith(s.url) || r.url() === 'data:,' || elsewhere.push(r.url())),
          );
          await page.goto(s.url + path, { waitUntil: 'networkidle' });
          expect([path, said, elsewhere]).toEqual([path, [], []]);
          expect(await page.locator('body').textContent()).toContain('deploy/orders/2.8.1');
          const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
          expect([path, viewport.width, wide]).toEqual([path, viewport.width, false]);
          await context.close();
          // The checker is a script, which the page itself forbids.
          const open = await browser.newContext({ viewport, bypassCSP: true });
          const checked = await open.newPage();
          await checked.goto(s.url + path);
          await checked.evaluate(axe.source);
          const found = await checked.evaluate('axe.run().then((r) => r.violations.map((v) => v.id))');
          expect([path, found]).toEqual([path, []]);
          await open.close();
        }
      }
    } finally {
      await browser.close();
      await s.stop();
    }
  },
  120_000,
);
