/** How much a payload looks like a sender's: the weight of the marks that it bears. */

/** A mark: what a person would call it, whether it is there, and how much it tells (default 1). */
export type Mark = [name: string, there: boolean, weight?: number];

/** Score 0 to 1 and the marks that are missing. */
export function likeness(marks: Mark[]): { score: number; missing: string[] } {
  let held = 0;
  let all = 0;
  for (const [, there, weight = 1] of marks) {
    all += weight;
    if (there) held += weight;
  }
  return { score: held / all, missing: marks.filter(([, there]) => !there).map(([name]) => name) };
}
