/** GitHub tells deploys, what each brought and who knows about it, in a dozen requests, whatever way a team deploys. */
import { resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Answers, Questions } from '../src/core/capabilities.ts';
import type { Answer } from '../src/core/types.ts';
import type { GithubConfig } from '../src/sources/github/_config.ts';
import { source } from '../src/sources/github.ts';
import type { OpenSource, ServiceConfig } from '../src/tools/tool.ts';
import { type FakeOptions, type FakeRepo, fakeGithub, repo, repoOfBundle, shaOf } from './_github-fake.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const BUNDLE = resolve(import.meta.dirname, '../fixtures/incidents/amber-finch');
const NOW = '2026-11-20T07:12:53Z';
const RANGE = { from: '2026-11-19T07:12:00Z', to: NOW };
const signal = new AbortController().signal;

interface Opened {
  opened: OpenSource;
  requests: string[];
  ask(question?: Partial<Questions['changes.list']>): Promise<Answer<'changes.list'>>;
}

async function open(
  repos: FakeRepo[],
  o: { fake?: Partial<FakeOptions>; config?: Partial<GithubConfig>; services?: Record<string, ServiceConfig> } = {},
): Promise<Opened> {
  const fake = await fakeGithub(repos, { now: NOW, token: 'ghp_x', ...o.fake });
  closing.push(() => fake.close());
  const config = { url: fake.url, token: 'ghp_x', repos: repos.map((r) => r.full), ...o.config };
  const env = { cwd: '/', fetch, now: () => Date.parse(NOW), services: o.services ?? {} };
  const opened = await source.open('github', config, env);
  closing.push(() => opened.close?.());
  const [changes] = opened.tools;
  const ask = (question = {}) =>
    changes!.run({ ...RANGE, ...question } as never, { signal }) as Promise<Answer<'changes.list'>>;
  return { opened, requests: fake.requests, ask };
}

const data = (a: Answer<'changes.list'>): Answers['changes.list']['changes'] => a.data?.changes ?? [];

test('deployments are deploys at the time of their success, with the diff to the deploy before', async () => {
  const { ask, requests } = await open([repoOfBundle(BUNDLE)]);
  const said = await ask();
  console.log(JSON.stringify(said, null, 1), requests);
});
