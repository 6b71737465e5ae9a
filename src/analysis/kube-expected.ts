/** Which Service a setting means by its own name: `CART_SERVICE_ADDR` means cart, a route for `/api/orders` means orders. */

const words = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((w) => w !== '');

/** Words that so many of the names share tell none from the others: a prefix, `service`. */
const SHARED = 0.5;

/**
 * Builds the look-up from a name to the one of `services` that it means, undefined where none or several fit. Words that
 * most services share do not count, neither as words of their own nor at the ends of longer ones.
 */
export function expectation(services: string[]): (name: string) => string | undefined {
  const counts = new Map<string, number>();
  for (const s of services) for (const w of new Set(words(s))) counts.set(w, (counts.get(w) ?? 0) + 1);
  const shared = [...counts].filter(([, n]) => n > SHARED * services.length).map(([w]) => w);
  const common = new Set([...shared, 'service', 'svc', 'api']);
  const bare = (name: string): string => {
    const own = words(name)
      .filter((w) => !common.has(w))
      .join('');
    const end = [...common].find((w) => own.length > w.length && own.endsWith(w));
    return end === undefined ? own : own.slice(0, -end.length);
  };
  const byKey = new Map<string, string[]>();
  for (const s of services) {
    const key = bare(s);
    if (key !== '') byKey.set(key, [...(byKey.get(key) ?? []), s]);
  }
  return (name) => {
    const found = byKey.get(bare(name)) ?? [];
    return found.length === 1 ? found[0] : undefined;
  };
}
