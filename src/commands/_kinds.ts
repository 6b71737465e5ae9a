/** What `init` asks for each kind of source: which system, which keys. */
import { relative } from 'node:path';
import {
  appOf,
  checkSite,
  parseRepository,
  type Repository,
  siteIn,
  tokenVariable,
  variableOf,
} from '../config/credentials.ts';
import { checkUrl } from '../config/url.ts';
import { UserError } from '../core/errors.ts';
import { userinfoOf, withoutUserinfo } from '../core/userinfo.ts';
import { type Draft, earlier, fromVariable, type Kind, keep, keysInside, newDraft, type SetUp } from './_draft.ts';

/** Asks until the answer means something; empty = none. */
async function until<T>(
  s: SetUp,
  question: string,
  otherwise: string,
  read: (text: string) => T,
): Promise<T | undefined> {
  for (;;) {
    const text = await s.asker.ask(question, otherwise);
    if (text === '') return undefined;
    try {
      return read(text);
    } catch (e) {
      if (!(e instanceof UserError) || s.asker.auto) throw e;
      for (const line of [e.message, ...e.hints]) s.say(`  ${line}`);
    }
  }
}

/** A key: the variable that holds it, or typed and kept in a file. */
async function key(
  s: SetUp,
  draft: Draft,
  { field, label, variable, again }: { field: string; label: string; variable: string | undefined; again: boolean },
): Promise<void> {
  if (variable && !again) {
    s.say(`  ${label}: ${variable} is set`);
    return fromVariable(s, draft, field, variable);
  }
  // What is there stays where nothing is typed: of two keys often one alone is wrong.
  const text = await s.asker.secret(`  ${label}`, draft.written[field] === undefined ? 'none' : 'as it is');
  if (text === undefined) return;
  if (keysInside(s)) {
    throw new UserError('a key that is typed would be kept inside of this repository', {
      hints: [
        'Set it as a variable and start again, or let INQUEST_HOME name a folder elsewhere.',
        'Nothing was written.',
      ],
    });
  }
  await keep(s, draft, field, text);
}

/** A server that is reached by a URL, with a token where it wants one. A password in the URL goes to where keys are. */
const server = (type: 'prometheus' | 'alertmanager', title: string, gives: string, port: number): Kind => {
  const variable = type === 'prometheus' ? 'prometheusUrl' : 'alertmanagerUrl';
  const ours = `INQUEST_${type.toUpperCase()}_URL`;
  const known = (s: SetUp): string | undefined =>
    s.io.env[variableOf(s.io.env, variable) ?? ours] ?? s.local[type] ?? (earlier(s, type)?.url as string | undefined);
  return {
    type,
    title,
    gives,
    other: 'other URL',
    seen: (s) => known(s) !== undefined,
    async where(s) {
      const told = known(s) ?? `http://127.0.0.1:${port}`;
      const shown = withoutUserinfo(told);
      const url = await until(s, '  URL', shown, (text) => checkUrl(text === shown ? told : text, 'URL'));
      if (url === undefined) return undefined;
      const { user, password } = userinfoOf(new URL(url));
      const draft = newDraft(s, type, type, { url: withoutUserinfo(url) });
      if (password === '') return draft;
      await keep(s, draft, 'password', password);
      const [written, plain] = [draft.written.password, draft.plain.password];
      for (const place of [draft.written, draft.plain]) delete place.password;
      draft.written.basic = { user, password: written };
      draft.plain.basic = { user, password: plain };
      return draft;
    },
    async keys(s, draft, again) {
      const name = s.io.env.INQUEST_PROMETHEUS_BEARER ? 'INQUEST_PROMETHEUS_BEARER' : undefined;
      // Most need none: a token is asked for when the server wants one.
      if (name || again) await key(s, draft, { field: 'bearer', label: 'Bearer token', variable: name, again });
    },
  };
};

const datadog: Kind = {
  type: 'datadog',
  title: 'Datadog',
  gives: 'metrics, logs, traces, deploys, monitors',
  other: 'other site',
  keysStay: true,
  seen: ({ io, found }) => variableOf(io.env, 'datadogApiKey') !== undefined || found.dogrc !== undefined,
  async where(s) {
    const { site, from } = siteIn(s.io.env);
    const told = from ? site : (s.found.dogrc?.site ?? (earlier(s, 'datadog')?.site as string | undefined) ?? site);
    const where = await until(s, '  Site', told, (text) => checkSite(text, 'Site'));
    return where && newDraft(s, 'datadog', 'datadog', where);
  },
  async keys(s, draft, again) {
    const [apiKey, appKey] = [variableOf(s.io.env, 'datadogApiKey'), variableOf(s.io.env, 'datadogAppKey')];
    const { dogrc } = s.found;
    if (!again && dogrc && !(apiKey && appKey) && (await s.asker.yes(`  Take the keys of ${dogrc.file}?`, true))) {
      await keep(s, draft, 'apiKey', dogrc.apiKey);
      await keep(s, draft, 'appKey', dogrc.appKey);
      return;
    }
    if (again || !appKey) {
      const { site } = draft.written;
      const at = typeof site === 'string' ? `${appOf(site)}/organization-settings` : 'its organization settings';
      s.say(`  Keys are made at ${at}; give the application key`);
      s.say('  only read scopes: inquest help keys lists them.');
    }
    await key(s, draft, { field: 'apiKey', label: 'API key', variable: apiKey, again });
    await key(s, draft, { field: 'appKey', label: 'Application key', variable: appKey, again });
  },
};

const github: Kind = {
  type: 'github',
  title: 'GitHub',
  gives: 'deploys, pull requests, diffs',
  other: 'other repositories',
  seen: (s) => onGithub(s) !== undefined && (!s.asker.auto || tokenOf(s, onGithub(s)!.host) !== undefined),
  async where(s) {
    const told = (earlier(s, 'github')?.repos as string[] | undefined)?.join(', ') ?? remoteText(s);
    const found = await until(s, '  Repositories, as owner/name', told, (text) =>
      text.split(/[\s,]+/).map((one) => {
        const repository = parseRepository(one, s.io.env);
        if (repository) return repository;
        throw new UserError(`"${withoutUserinfo(one)}" is no repository`, {
          hints: ['Write owner/name, or its address.'],
        });
      }),
    );
    if (!found) return undefined;
    const [first] = found;
    const strange = found.find((r) => r.host !== first!.host);
    if (strange) {
      s.say(`  ${strange.repo} is on ${strange.host}, not on ${first!.host}: run init again for it.`);
    }
    const repos = found.filter((r) => r.host === first!.host).map((r) => r.repo);
    return newDraft(s, 'github', 'github', { repos, ...(first!.url ? { url: first!.url } : {}) });
  },
  async keys(s, draft, again) {
    const host = typeof draft.written.url === 'string' ? new URL(draft.written.url).host : 'github.com';
    const variable = tokenOf(s, host);
    if (again || !variable) {
      s.say('  A fine-grained token with read access to Contents, Deployments, Pull requests');
      s.say(
        `  and Actions is enough: ${draft.written.url ?? 'https://github.com'}/settings/personal-access-tokens/new`,
      );
      if (s.found.gh.some((g) => g.host === host)) {
        s.say('  "gh auth token" prints the one of gh; it can usually write, which is not needed.');
      }
    }
    await key(s, draft, { field: 'token', label: 'Token', variable, again });
  },
};

const tokenOf = (s: SetUp, host: string): string | undefined => tokenVariable(s.io.env, host);

/** The remote of this folder, where it is on github.com or on a server for which gh or a variable speaks. */
function onGithub(s: SetUp): Repository | undefined {
  const { remote, gh } = s.found;
  if (remote === undefined) return undefined;
  const known = remote.url === undefined || gh.some((g) => g.host === remote.host);
  return known || tokenOf(s, remote.host) !== undefined ? remote : undefined;
}

function remoteText(s: SetUp): string {
  const remote = onGithub(s);
  return remote ? (remote.url ? `${remote.url}/${remote.repo}` : remote.repo) : '';
}

const git: Kind = {
  type: 'git',
  title: 'git',
  gives: 'deploy tags, commits, diffs of a local repository',
  other: 'other folder',
  seen: ({ found }) => found.repository !== undefined,
  async where(s) {
    const { repository } = s.found;
    const told = repository === undefined ? '' : relative(s.io.cwd, repository) || '.';
    const path = await s.asker.ask('  Folder of the repository', told);
    return path === '' ? undefined : newDraft(s, 'git', 'git', { path });
  },
};

const logs: Kind = {
  type: 'logfile',
  title: 'Log files',
  gives: 'new and risen log lines',
  other: 'other files',
  seen: (s) => earlier(s, 'logfile') !== undefined,
  async where(s) {
    const told = (earlier(s, 'logfile')?.paths as string[] | undefined)?.join(', ') ?? '';
    const paths = (await s.asker.ask('  Files, folders or patterns such as /var/log/shop/*.log', told)).split(
      /\s*,\s*/,
    );
    return paths[0] === '' ? undefined : newDraft(s, 'logfile', 'logs', { paths });
  },
};

/** All kinds, in the order in which they are offered. */
export const KINDS: readonly Kind[] = [
  server('prometheus', 'Prometheus', 'metrics, alert rules, who calls whom', 9090),
  server('alertmanager', 'Alertmanager', 'related alerts, silences', 9093),
  datadog,
  github,
  git,
  logs,
];
