/** Every hypothesis says what would overturn it, and what is said against it is true of the findings. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { refutedBy } from '../src/analysis/doubts.ts';
import { CATEGORIES } from '../src/core/types.ts';
import { inquest, ROOT } from './_program.ts';
import { tempFolder } from './_temp.ts';

describe('what would change our mind', () => {
  test('is told for every kind of cause, with the entity or the change in it', () => {
    for (const category of CATEGORIES) {
      expect(refutedBy('cart', category, undefined)).toMatch(/^if .*\bcart\b.*, it was not this$/);
      expect(refutedBy('cart', category, 'deploy v2')).toContain('deploy v2 is undone');
    }
  });

  test('stands below a hypothesis, with its series drawn and the beginning marked', async () => {
    const home = tempFolder();
    await inquest(['investigate', '--bundle', join(ROOT, 'fixtures/incidents/dune-plover')], { home });
    const run = (await inquest(['list'], { home })).stdout.split(/\s/)[0]!;
    const { stdout } = await inquest(['show', run, 'H1'], { home });
    expect(stdout).toMatch(/to bank dependency_latency_\w+.*, .* to .* {2}E\d/);
    expect(stdout).toMatch(/\n {2}[▁▂▃▄▅▆▇█·]+\n +\^ \d\d:\d\d:\d\dZ\n/);
    expect(stdout).toContain('What would change our mind\n  if other callers of bank are well');
    expect(stdout).toMatch(/Against\n {2}-\d+\.\d\d {2}nothing was changed here/);
  });
});
