/** What changes in a text, line by line, as people read it: `-` goes, `+` comes, with a few lines around. */

const AROUND = 2;

/** Lines with a sign in front; stretches that stay are cut to what stands around a change. Empty where nothing changes. */
export function lineDiff(before: string, after: string): string[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const lengths = commonLengths(a, b);
  const all: { sign: string; line: string }[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      all.push({ sign: ' ', line: a[i++]! });
      j++;
    } else if (i < a.length && (j === b.length || lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) {
      all.push({ sign: '-', line: a[i++]! });
    } else all.push({ sign: '+', line: b[j++]! });
  }
  const near = (at: number): boolean =>
    all.slice(Math.max(0, at - AROUND), at + AROUND + 1).some((l) => l.sign !== ' ');
  return all.flatMap(({ sign, line }, at) => {
    if (near(at)) return [`${sign} ${line}`];
    return at > 0 && near(at - 1) ? ['  …'] : [];
  });
}

/** Length of the longest common subsequence of the rests from (i, j) on. */
function commonLengths(a: string[], b: string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
  return table;
}
