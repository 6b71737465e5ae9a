/** A few series as lines for human eyes. */
import type { Series } from '../core/telemetry.ts';
import { oneLine, plural, quantity } from '../core/text.ts';

/** Up to five series: name with labels, first and last value, number of samples. */
export function sampleOf(series: readonly Series[]): string[] {
  return series.slice(0, 5).map((s) => {
    const { __name__: name = 'value', ...labels } = s.labels;
    const matchers = Object.keys(labels)
      .sort()
      .map((k) => `${k}="${labels[k]}"`);
    const numbers = s.values.filter((v): v is number => v !== null);
    const ends = numbers.length > 0 ? [numbers[0], numbers.at(-1)].map((v) => quantity(v as number, s.unit)) : ['–'];
    return oneLine(`${name}{${matchers.join(',')}} ${ends.join(' → ')} (${plural(s.times.length, 'sample')})`);
  });
}
