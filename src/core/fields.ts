/** Fields of nested JSON objects, as the orchestrator prints them. */

/**
 * The plain values at a path, as text; none where the path leads nowhere. In a list a step names the entry whose `type`
 * or `name` it is, as in `status.conditions.Ready.status`; where no entry has that name, it is a field of every entry.
 */
export function fieldOf(value: unknown, path: readonly string[]): string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) {
    const [step] = path;
    const named = value.filter((v) => isObject(v) && (v.type === step || v.name === step));
    return named.length > 0 && path.length > 0
      ? named.flatMap((v) => fieldOf(v, path.slice(1)))
      : value.flatMap((v) => fieldOf(v, path));
  }
  const [step, ...rest] = path;
  if (step !== undefined) return isObject(value) ? fieldOf(value[step], rest) : [];
  return isObject(value) ? Object.keys(value) : [String(value)];
}

/** A JSON object, no list. */
export const isObject = (v: unknown): v is Record<string, unknown> =>
  typeof v === 'object' && v !== null && !Array.isArray(v);
