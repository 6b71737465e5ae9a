/** Which service a file of a repository belongs to, and what kind of change its files make. */
import { byText } from '../core/canonical.ts';
import type { ServiceConfig } from '../tools/tool.ts';

export interface ServiceMap {
  /** The service that a path belongs to; undefined = shared by all, or unknown. */
  of(path: string): string | undefined;
  /** The services that these paths belong to, sorted; paths of no service count for none. */
  touched(paths: string[]): string[];
}

/**
 * Paths → services, the most certain first: the whole repository is one service; the folders that the config names (the
 * longest wins); a folder or file within the first three levels that is called like a known service.
 */
export function serviceMap(
  configured: Record<string, ServiceConfig>,
  known: Iterable<string>,
  whole: string | undefined,
): ServiceMap {
  const folders = Object.keys(configured)
    .flatMap((service) => (configured[service]?.paths ?? []).map((path) => ({ service, path: trimmed(path) })))
    .sort((a, b) => b.path.length - a.path.length || byText(a.service, b.service));
  const names = new Set([...Object.keys(configured), ...known]);
  const of = (path: string): string | undefined => {
    if (whole !== undefined) return whole;
    const folder = folders.find((f) => f.path === '' || path === f.path || path.startsWith(`${f.path}/`));
    if (folder) return folder.service;
    return path
      .split('/', 3)
      .map((segment) => segment.replace(/\.[^.]*$/, ''))
      .find((name) => names.has(name));
  };
  const touched = (paths: string[]): string[] =>
    [...new Set(paths.map(of))].filter((s) => s !== undefined).sort(byText);
  return { of, touched };
}

const trimmed = (path: string): string => path.replace(/^(?:\.?\/)+|\/+$/g, '').replace(/^\.$/, '');

const MANIFEST =
  /(?:^|\/)(?:package(?:-lock)?\.json|composer\.json|tsconfig[^/]*\.json|pyproject\.toml|Cargo\.toml|deno\.json|jsr\.json|biome\.json)$/;
const CONFIG_FILE = /\.(?:ya?ml|json|toml|env|properties|ini|conf|cfg|tfvars)$|(?:^|\/)\.env[^/]*$/i;
const CONFIG_FOLDER = /(?:^|\/)(?:config|configs|conf|configuration|settings)\//i;
const FLAG = /(?:^|\/)(?:feature[-_]?)?(?:flags?|toggles?)(?:\/|\.(?:ya?ml|json|toml|ini|properties)$)/i;
/** Build and review machinery: nothing that runs in production. */
const MACHINERY = /^\.(?:github|gitlab|circleci|vscode|husky)\/|^\.gitlab-ci/;

/** What the files of a change are: configuration only, flags only, or anything else. */
export function kindOfFiles(paths: string[]): 'config' | 'flag' | 'code' {
  if (paths.length === 0) return 'code';
  if (paths.every((p) => FLAG.test(p))) return 'flag';
  const config = (p: string) =>
    !MANIFEST.test(p) && !MACHINERY.test(p) && (FLAG.test(p) || CONFIG_FILE.test(p) || CONFIG_FOLDER.test(p));
  return paths.every(config) ? 'config' : 'code';
}
