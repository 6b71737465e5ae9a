/**
 * The reads of GitHub's REST API below one repository, with the permission of a fine-grained token, and `/graphql` for
 * queries whose exact text the source hands in. Never here: secrets, variables, keys, hooks, users, and every write.
 */
import type { Read } from './allow.ts';

const REPO = '/repos/:owner/:repo';
const get = (below: string, permission: string): Read => ({ method: 'GET', path: `${REPO}${below}`, permission });

export const GITHUB_READS: readonly Read[] = [
  { method: 'GET', path: '/rate_limit' },
  { method: 'POST', path: '/graphql', body: { graphql: true } },

  get('', 'Metadata: read'),
  get('/activity', 'Contents: read'),

  get('/deployments', 'Deployments: read'),
  get('/deployments/:number', 'Deployments: read'),
  get('/deployments/:number/statuses', 'Deployments: read'),
  get('/environments', 'Actions: read'),

  get('/releases', 'Contents: read'),
  get('/releases/latest', 'Contents: read'),
  get('/releases/tags/:ref', 'Contents: read'),
  get('/tags', 'Contents: read'),

  get('/commits', 'Contents: read'),
  get('/commits/:ref', 'Contents: read'),
  get('/commits/:ref/pulls', 'Pull requests: read'),
  get('/commits/:ref/check-runs', 'Checks: read'),
  get('/commits/:ref/status', 'Commit statuses: read'),
  get('/compare/:basehead', 'Contents: read'),

  get('/pulls', 'Pull requests: read'),
  get('/pulls/:number', 'Pull requests: read'),
  get('/pulls/:number/files', 'Pull requests: read'),
  get('/pulls/:number/commits', 'Pull requests: read'),

  get('/actions/runs', 'Actions: read'),
  get('/actions/runs/:number', 'Actions: read'),
  get('/actions/runs/:number/jobs', 'Actions: read'),

  get('/contents/:codeowners', 'Contents: read'),
  get('/contents/.github/CODEOWNERS', 'Contents: read'),
  get('/contents/docs/CODEOWNERS', 'Contents: read'),
  get('/codeowners/errors', 'Contents: read'),

  get('/issues', 'Issues: read'),
  get('/issues/:number', 'Issues: read'),
];
