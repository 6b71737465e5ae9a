/** Every string of a JSON-like value through one function: how a whole State is made safe to show at once. */

/**
 * A deep mapper of strings, object keys included. It remembers what it has mapped by identity, so that a fold that
 * shares its untouched parts costs only what is new.
 */
export function stringMapper(change: (text: string) => string): <T>(value: T) => T {
  const known = new WeakMap<object, unknown>();
  const map = (value: unknown): unknown => {
    if (typeof value === 'string') return change(value);
    if (value === null || typeof value !== 'object') return value;
    const told = known.get(value);
    if (told !== undefined) return told;
    const made = Array.isArray(value)
      ? value.map(map)
      : Object.fromEntries(Object.entries(value).map(([k, v]) => [change(k), map(v)]));
    known.set(value, made);
    return made;
  };
  return <T>(value: T): T => map(value) as T;
}
