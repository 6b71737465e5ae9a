/** What is wrong with a config, in words: where it stands, what it is, the nearest thing that would be right. */
import type { z } from 'zod';
import { withoutUserinfo } from '../core/userinfo.ts';
import { SITES } from './datadog-sites.ts';
import { notifier } from './notify-schema.ts';
import { configSchema, engine, hook, model, serve, service, source } from './schema.ts';

/** One line for each thing that is wrong: where in the file, what, and the nearest known key or type. */
export function explain(
  error: z.ZodError,
  nearest: (word: string, known: string[]) => string | undefined,
  json: unknown,
): string[] {
  return error.issues.map((issue) => {
    const where = issue.path.length > 0 ? issue.path.join('.') : 'the file';
    if (issue.code === 'unrecognized_keys') {
      const [key = ''] = issue.keys;
      const near = nearest(key, knownKeys(issue.path));
      return `${where}: there is no key "${key}"${near ? `; did you mean "${near}"?` : ''}`;
    }
    const kinds = issue.path[0] === 'sources' ? source.options : issue.path[0] === 'notify' ? notifier.options : [];
    if (issue.code === 'invalid_union' && kinds.length > 0 && issue.path.at(-1) === 'type') {
      const known = [...new Set(kinds.map((o): string => o.shape.type.value))];
      const said = issue.path.reduce((at: unknown, key) => (at as Record<PropertyKey, unknown>)[key], json);
      const what = typeof said === 'string' ? `there is no type "${said}"` : 'no type is given';
      const near = typeof said === 'string' ? nearest(said, known) : undefined;
      return `${where}: ${what}${near ? `; did you mean "${near}"?` : '.'} Known: ${known.join(', ')}`;
    }
    if (issue.code === 'invalid_value' && issue.path.at(-1) === 'site') {
      const said = saidAt(issue.path, json);
      const bare = withoutUserinfo(said).replace(/^(?:https?:\/\/)?(?:(?:app|api)\.)?/, '');
      const near = SITES.find((s) => s === bare) ?? nearest(bare, [...SITES]);
      const mean = near ? `; did you mean "${near}"?` : '.';
      return `${where}: "${withoutUserinfo(said)}" is no Datadog site${mean} Known: ${SITES.join(', ')}`;
    }
    return `${where}: ${issue.message}`;
  });
}

/** The text that stands at this place of the file. */
function saidAt(path: PropertyKey[], json: unknown): string {
  const said = path.reduce((at: unknown, key) => (at as Record<PropertyKey, unknown>)[key], json);
  return typeof said === 'string' ? said : JSON.stringify(said);
}

function knownKeys(path: PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(configSchema.shape);
  if (path[0] === 'services') return Object.keys(service.shape);
  if (path[0] === 'sources') return [...new Set(source.options.flatMap((o) => Object.keys(o.shape)))];
  if (path[0] === 'notify') return [...new Set(notifier.options.flatMap((o) => Object.keys(o.shape)))];
  if (path[0] === 'model') return [...Object.keys(model.shape), ...Object.keys(model.shape.budget.unwrap().shape)];
  if (path[0] === 'engine') return [...Object.keys(engine.shape), ...Object.keys(engine.shape.limits.unwrap().shape)];
  if (path[0] === 'agent') return Object.keys(configSchema.shape.agent.unwrap().shape);
  if (path[0] === 'freshness') return Object.keys(configSchema.shape.freshness.unwrap().shape);
  if (path[0] === 'serve') return [...Object.keys(serve.shape), ...Object.keys(hook.shape)];
  if (path[0] === 'retention') return Object.keys(configSchema.shape.retention.unwrap().shape);
  return ['confidence', 'margin', 'coverage', 'lookback', 'baseline', 'timeout', 'wall', 'retries'];
}
