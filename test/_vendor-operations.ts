/** Every public operation of the vendors' own packages, as method and path template: what could be asked at all. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Octokit } from '@octokit/rest';

export interface Operation {
  name: string;
  method: string;
  /** `{name}` stands for a segment. */
  path: string;
}

/** All methods of `octokit.rest`, deprecated names too. */
export function githubOperations(): Operation[] {
  const { rest } = new Octokit() as unknown as {
    rest: Record<string, Record<string, { endpoint: { DEFAULTS: { method: string; url: string } } }>>;
  };
  return Object.keys(rest).flatMap((group) =>
    Object.entries(rest[group] ?? {}).map(([name, { endpoint }]) => {
      const { method, url } = endpoint.DEFAULTS;
      return { name: `${group}.${name}`, method, path: url.replace(/\{\+?(\w+)\}/g, '{$1}') };
    }),
  );
}

/**
 * All methods of all request factories of `@datadog/datadog-api-client`: both are written literally in each, before the
 * parameters are put in. Throws where one does not say them, so that none is passed over.
 */
export function datadogOperations(): Operation[] {
  const require = createRequire(import.meta.url);
  const packages = dirname(require.resolve('@datadog/datadog-api-client/dist/packages/datadog-api-client-v1'));
  return ['v1', 'v2'].flatMap((version) => {
    const folder = join(packages, '..', `datadog-api-client-${version}`, 'apis');
    return readdirSync(folder)
      .filter((file) => file.endsWith('Api.js'))
      .flatMap((file) => {
        const api = file.replace('.js', '');
        const factory = (require(join(folder, file)) as Record<string, { prototype: object }>)[`${api}RequestFactory`];
        return Object.entries(Object.getOwnPropertyDescriptors(factory?.prototype ?? {}))
          .filter(([name]) => name !== 'constructor')
          .map(([name, { value }]) => {
            const text = String(value);
            const [, path] = /localVarPath = "([^"]+)"/.exec(text) ?? [];
            const [, method] = /HttpMethod\.([A-Z]+)/.exec(text) ?? [];
            if (path === undefined || method === undefined) throw new Error(`${api}.${name} does not say what it asks`);
            return { name: `${version}.${api}.${name}`, method, path };
          });
      });
  });
}
