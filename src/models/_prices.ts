/**
 * Dollars for a million tokens, as the providers' pages said on 2026-11-20. The config overrides them. A name that is not
 * here has no price: then tokens are bounded and dollars are not counted.
 */
import type { ModelConfig, Price } from '../core/model.ts';

const PRICES: [name: RegExp, price: Price][] = [
  [/^claude-opus-5-5/, { input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 }],
  [/^claude-opus-5(?!-)/, { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 }],
  // Two lists differ on its cache reads; the dearer one is taken.
  [/^claude-sonnet-5-5/, { input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 }],
  [
    /^claude-haiku-5-5/,
    {
      input: 0.1,
      output: 0.5,
      cacheRead: 0.01,
      cacheWrite: 0.125,
      above: { tokens: 100_000, input: 0.5, output: 2.5 },
    },
  ],
  [/^claude-fable-5-1/, { input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5 }],
];

/** The price of a model, with what the config says of it. */
export function priceOf(config: ModelConfig): Price | undefined {
  const known = PRICES.find(([name]) => name.test(config.name))?.[1];
  const own = config.price;
  if (!own) return known;
  const input = own.input ?? known?.input ?? 0;
  const cache = { cacheRead: known?.cacheRead ?? input, cacheWrite: known?.cacheWrite ?? input };
  return { input, output: own.output ?? known?.output ?? 0, ...cache, ...own };
}
