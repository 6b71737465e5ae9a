/**
 * What the confidence was fitted to: `npm run calibrate` prints this from judged cases (public incidents and our own,
 * as they are, with the alert's time moved, and perturbed), by logistic regression (Platt 1999) with a small ridge.
 * Each set was left out in turn for the figures in ARCHITECTURE.md; the numbers here are from all of them.
 */
export interface Fit {
  /** Log-odds that the first candidate is the one: [constant, strength, lead, a change shown or timed]. */
  place: readonly number[];
  /** Log-odds that the kind of cause is right, where one is told: [constant, certainty]. */
  kind: readonly number[];
  /** Share in which the change question was answered right, by how it stands. */
  change: { shown: number; suspected: number; open: number };
}

/** Fitted to 3,373 rows: 347 cases of ten sets, each as it is and in nine variants. */
export const FIT: Fit = {
  place: [-1.98, 2.01, 3.33, 1.17],
  kind: [-2.04, 6.57],
  change: { shown: 0.99, suspected: 0.47, open: 0.39 },
};
