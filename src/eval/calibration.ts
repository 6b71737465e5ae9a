/** How far a confidence can be trusted. */

/** One forecast: a confidence from 0 to 1, and whether it came true. */
export interface Forecast {
  confidence: number;
  right: boolean;
}

const mean = (xs: number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;

/** Mean squared error of the confidence (Brier 1950): 0 is perfect, 0.25 is a coin. Null without forecasts. */
export function brier(forecasts: readonly Forecast[]): number | null {
  if (forecasts.length === 0) return null;
  return mean(forecasts.map((f) => (f.confidence - Number(f.right)) ** 2));
}

/**
 * Expected calibration error (Naeini et al. 2015): bins of equal width over 0..1, the gap between mean confidence and
 * share of right answers in each, weighted by its size. Null without forecasts.
 */
export function ece(forecasts: readonly Forecast[], bins = 10): number | null {
  if (forecasts.length === 0) return null;
  const binOf = (f: Forecast): number => Math.min(bins - 1, Math.floor(f.confidence * bins));
  return Array.from({ length: bins }, (_, b) => forecasts.filter((f) => binOf(f) === b))
    .filter((bin) => bin.length > 0)
    .map((bin) => {
      const gap = mean(bin.map((f) => f.confidence)) - mean(bin.map((f) => Number(f.right)));
      return (bin.length / forecasts.length) * Math.abs(gap);
    })
    .reduce((sum, x) => sum + x, 0);
}

/** Share answered and share wrong among them, when only forecasts at or above a confidence are answered. */
export interface RiskPoint {
  confidence: number;
  coverage: number;
  risk: number;
}

/** The risk-coverage curve (El-Yaniv and Wiener 2010), from the surest forecast down; equal confidences are one point. */
export function riskCoverage(forecasts: readonly Forecast[]): RiskPoint[] {
  const levels = [...new Set(forecasts.map((f) => f.confidence))].sort((a, b) => b - a);
  return levels.map((confidence) => {
    const answered = forecasts.filter((f) => f.confidence >= confidence);
    const wrong = answered.filter((f) => !f.right).length;
    return { confidence, coverage: answered.length / forecasts.length, risk: wrong / answered.length };
  });
}
