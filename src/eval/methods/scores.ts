/**
 * How far the worst sample after lies from what was usual before.
 * `nsigma`: mean and standard deviation; `baro`: median and interquartile range (BARO's RobustScorer, Pham et al.,
 * FSE 2024). Both as RCAEval has them: the largest standardised value, and a spread of 0 counts as 1.
 */
export function score(method: 'nsigma' | 'baro', before: number[], after: number[], absolute: boolean): number {
  const [centre, spread] = method === 'nsigma' ? meanAndDeviation(before) : medianAndRange(before);
  // A spread of a few units in the last place is the noise of adding up, not of the system.
  const scale = spread > 1e-13 * Math.abs(centre) ? spread : 1;
  return after.reduce((worst, x) => {
    const z = (x - centre) / scale;
    return Math.max(worst, absolute ? Math.abs(z) : z);
  }, Number.NEGATIVE_INFINITY);
}

export const isConstant = (xs: readonly number[]): boolean => xs.every((x) => x === xs[0]);

/** Population standard deviation, as scikit-learn's StandardScaler. */
function meanAndDeviation(xs: number[]): [number, number] {
  const mean = xs.reduce((sum, x) => sum + x, 0) / xs.length;
  return [mean, Math.sqrt(xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / xs.length)];
}

/** Quartiles between samples are linear, as scikit-learn's RobustScaler. */
function medianAndRange(xs: number[]): [number, number] {
  const sorted = [...xs].sort((a, b) => a - b);
  const at = (p: number): number => {
    const place = (sorted.length - 1) * p;
    const low = sorted[Math.floor(place)] as number;
    const high = sorted[Math.ceil(place)] as number;
    return low + (high - low) * (place - Math.floor(place));
  };
  return [at(0.5), at(0.75) - at(0.25)];
}
