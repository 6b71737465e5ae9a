/** `doctor` on one repository: whether the token sees it, and each kind of read that an investigation makes of it. */
import { plural } from '../../core/text.ts';
import type { Check } from '../../core/types.ts';
import { failedCheck, Refused } from '../_refused.ts';
import type { Client } from './_client.ts';
import type { Repo } from './_config.ts';
import type { Asking } from './_octokit.ts';

/** The token that is enough. */
export const LEAST =
  'Use a fine-grained token for these repositories alone with read access to Metadata, Contents, Deployments, Pull requests and Actions.';
/** How to mend what says nothing of that itself. */
export const SAME = 'The questions of an investigation would fail in the same way.';

/** Whether it can be seen, and each kind of read that an investigation makes of it. */
export async function repositoryChecks(client: Client, repo: Repo, ofApp: boolean, asking: Asking): Promise<Check[]> {
  const what = repo.full;
  let permissions: Record<string, boolean> | undefined;
  try {
    const { data } = await client.repository(repo, asking);
    permissions = data.permissions;
  } catch (e) {
    const check = failedCheck(what, e, SAME);
    const moved = e instanceof Refused && (e.refusal.code === 301 || e.refusal.code === 307);
    return [moved ? { ...check, fix: 'It was renamed or moved: write its new name into "repos".' } : check];
  }
  const reads: [name: string, ask: () => Promise<unknown>][] = [
    ['Contents', () => client.commits(repo, { size: 1 }, asking)],
    ['Deployments', () => client.deployments(repo, { size: 1 }, asking)],
    ['Pull requests', () => client.pulls(repo, 1, asking)],
    ['Actions', () => client.runs(repo, { size: 1 }, asking)],
  ];
  const missing: string[] = [];
  const checks: Check[] = [];
  for (const [name, ask] of reads) {
    try {
      await ask();
    } catch (e) {
      if (!(e instanceof Refused)) throw e;
      // A permission that is missing hides what it would show.
      const { code, permission } = e.refusal;
      if (code === 403 || code === 404) missing.push(permission ?? `${name}: read`);
      // A repository without a commit.
      else if (code !== 409) checks.push(failedCheck(what, e, SAME));
    }
  }
  if (missing.length > 0) {
    const detail = `visible, but not all of it: missing ${missing.join(', ')}`;
    checks.push({
      what,
      state: 'warn',
      detail,
      fix: `Give the token ${plural(missing.length, 'permission')} more. ${LEAST}`,
      facts: { missing },
    });
  } else if (checks.length === 0) {
    checks.push({ what, state: 'ok', detail: 'commits, deployments, pull requests and workflow runs can be read' });
  }
  const writes = ['push', 'maintain', 'admin'].filter((p) => permissions?.[p]);
  if (writes.length > 0 && ofApp) {
    const detail = `the token may ${writes.join(', ')} here`;
    checks.push({ what, state: 'warn', detail, fix: `We only read. ${LEAST}`, facts: { writable: true } });
  }
  return checks;
}
