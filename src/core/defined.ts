/** The object without its undefined members: what exactOptionalPropertyTypes and JSON both want. */
export function defined<T>(o: { [K in keyof T]: T[K] | undefined } | Record<string, unknown>): T {
  return Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as T;
}
