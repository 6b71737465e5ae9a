/** Read-only, proven: every operation that the vendors' packages offer is held against the allow table. */
import { describe, expect, test } from 'vitest';
import { NotAllowed, type Origin, permitted, READS, type ReadKind } from '../src/safety/allow.ts';
import { datadogOperations, githubOperations, type Operation } from './_vendor-operations.ts';

const origin: Origin = { base: 'https://api.example' };

/** Values that a placeholder may take: whatever a template of the table could want. */
const VALUES = [
  '7',
  'abcdef0123456789',
  '0f8fad5b-d9cb-469f-a165-70867728950e',
  'main',
  'a...b',
  'CODEOWNERS',
  'search',
  'latest',
];
const BODIES = [
  undefined,
  '{}',
  '{"data":{"attributes":{},"type":"x"}}',
  '{"filter":{}}',
  '{"query":"query { viewer { login } }"}',
];

/** Whether the table lets an operation out with any of these values. */
function passes(kind: ReadKind, { method, path }: Operation): boolean {
  return VALUES.some((value) => {
    const filled = path
      .replace('{owner}', 'acme')
      .replace('{repo}', 'shop')
      .replace(/\{\w+\}/g, encodeURIComponent(value));
    return BODIES.some((body) => goes(kind, method, filled, body));
  });
}

function goes(kind: ReadKind, method: string, path: string, body?: string): boolean {
  try {
    permitted(kind, origin, { method, path, body });
    return true;
  } catch (e) {
    if (e instanceof NotAllowed) return false;
    throw e;
  }
}

describe('of all operations of @octokit/rest', () => {
  const all = githubOperations();
  const passing = all.filter((o) => passes('github', o));

  test('these pass, and all of them are GET', () => {
    expect([all.length, passing.length]).toEqual([1028, 30]);
    expect(passing.map((o) => o.name).sort()).toEqual(GITHUB);
    expect(new Set(passing.map((o) => o.method))).toEqual(new Set(['GET']));
  });

  test('what returns credentials, or what others may not see, is denied', () => {
    const denied = [
      'actions.listRepoSecrets',
      'actions.getRepoSecret',
      'actions.getRepoPublicKey',
      'actions.listRepoVariables',
      'actions.downloadWorkflowRunLogs',
      'actions.downloadArtifact',
      'actions.createRegistrationTokenForRepo',
      'codespaces.listRepoSecrets',
      'dependabot.listRepoSecrets',
      'repos.listDeployKeys',
      'repos.listWebhooks',
      'repos.downloadZipballArchive',
      'secretScanning.listAlertsForRepo',
      'users.getAuthenticated',
      'users.listPublicSshKeysForAuthenticatedUser',
      'users.listEmailsForAuthenticatedUser',
      'apps.createInstallationAccessToken',
      'orgs.list',
    ];
    expect(denied.filter((name) => !all.some((o) => o.name === name))).toEqual([]);
    expect(denied.filter((name) => passing.some((o) => o.name === name))).toEqual([]);
    for (const file of ['.env', 'config%2Fsecrets.yml', '.github%2F..%2F.env', 'docs%2FCODEOWNERS%2F..%2F..%2F.env']) {
      expect(goes('github', 'GET', `/repos/acme/shop/contents/${file}`)).toBe(false);
    }
  });
});

describe('of all operations of @datadog/datadog-api-client', () => {
  const all = datadogOperations();
  const passing = all.filter((o) => passes('datadog', o));

  test('these pass; those by POST are searches', () => {
    expect([all.length, passing.length]).toEqual([235 + 1596, 47]);
    expect(passing.map((o) => o.name).sort()).toEqual(DATADOG);
    const posts = passing.filter((o) => o.method !== 'GET');
    expect(posts.every((o) => o.method === 'POST')).toBe(true);
    expect(posts.map((o) => o.path).sort()).toEqual([
      '/api/v2/audit/events/search',
      '/api/v2/ci/pipelines/events/search',
      '/api/v2/dora/deployments',
      '/api/v2/dora/failures',
      '/api/v2/error-tracking/issues/search',
      '/api/v2/events/search',
      '/api/v2/logs/analytics/aggregate',
      '/api/v2/logs/events/search',
      '/api/v2/query/scalar',
      '/api/v2/query/timeseries',
      '/api/v2/spans/analytics/aggregate',
      '/api/v2/spans/events/search',
    ]);
  });

  test('what returns credentials, or publishes, is denied although it is a GET', () => {
    const denied = [
      '/api/v1/application_key',
      '/api/v1/application_key/{key}',
      '/api/v1/api_key',
      '/api/v2/api_keys',
      '/api/v2/application_keys',
      '/api/v2/current_user/application_keys',
      '/api/v1/org',
      '/api/v1/dashboard/public/{token}',
      '/api/v1/integration/aws',
      '/api/v2/users',
    ];
    const reads = all.filter((o) => o.method === 'GET').map((o) => o.path);
    const strip = (path: string): string => path.replace(/\{\w+\}/g, '{}');
    expect(denied.filter((path) => !reads.map(strip).includes(strip(path)))).toEqual([]);
    expect(passing.filter((o) => denied.map(strip).includes(strip(o.path)))).toEqual([]);
    const named = passing.filter((o) => /key|secret|token|org|user|webhook|integration/i.test(o.path));
    // Whether the keys are valid, and what their owner may do: neither returns a credential.
    expect(named.map((o) => o.path).sort()).toEqual(['/api/v2/current_user', '/api/v2/validate_keys']);
  });
});

test('no row of the table is there for nothing', () => {
  const known = { datadog: datadogOperations(), github: githubOperations() };
  const shape = (path: string): string => path.replace(/\{\w+\}|:\w+/g, '{}');
  for (const kind of ['datadog', 'github'] as const) {
    const offered = new Set(known[kind].map((o) => `${o.method} ${shape(o.path)}`));
    const extra = READS[kind].filter((r) => !offered.has(`${r.method} ${shape(r.path)}`)).map((r) => r.path);
    expect([kind, extra]).toEqual([
      kind,
      kind === 'github'
        ? [
            '/graphql',
            '/repos/:owner/:repo/contents/.github/CODEOWNERS',
            '/repos/:owner/:repo/contents/docs/CODEOWNERS',
          ]
        : [],
    ]);
  }
});

const GITHUB = [
  'actions.getWorkflowRun',
  'actions.listJobsForWorkflowRun',
  'actions.listWorkflowRunsForRepo',
  'checks.listForRef',
  'issues.get',
  'issues.listForRepo',
  'pulls.get',
  'pulls.list',
  'pulls.listCommits',
  'pulls.listFiles',
  'rateLimit.get',
  'repos.codeownersErrors',
  'repos.compareCommits',
  'repos.compareCommitsWithBasehead',
  'repos.get',
  'repos.getAllEnvironments',
  'repos.getCombinedStatusForRef',
  'repos.getCommit',
  'repos.getContent',
  'repos.getDeployment',
  'repos.getLatestRelease',
  'repos.getRelease',
  'repos.getReleaseByTag',
  'repos.listActivities',
  'repos.listCommits',
  'repos.listDeploymentStatuses',
  'repos.listDeployments',
  'repos.listPullRequestsAssociatedWithCommit',
  'repos.listReleases',
  'repos.listTags',
];

const DATADOG = [
  'v1.AuthenticationApi.validate',
  'v1.HostsApi.listHosts',
  'v1.MetricsApi.getMetricMetadata',
  'v1.MetricsApi.listActiveMetrics',
  'v1.MetricsApi.listMetrics',
  'v1.MetricsApi.queryMetrics',
  'v1.MonitorsApi.getMonitor',
  'v1.MonitorsApi.listMonitors',
  'v1.MonitorsApi.searchMonitorGroups',
  'v1.MonitorsApi.searchMonitors',
  'v1.ServiceLevelObjectivesApi.getSLO',
  'v1.ServiceLevelObjectivesApi.getSLOHistory',
  'v1.ServiceLevelObjectivesApi.listSLOs',
  'v1.ServiceLevelObjectivesApi.searchSLO',
  'v2.APMApi.getServiceList',
  'v2.APMTraceApi.getPrunedTraceByID',
  'v2.APMTraceApi.getTraceByID',
  'v2.AuditApi.searchAuditLogs',
  'v2.CIVisibilityPipelinesApi.searchCIAppPipelineEvents',
  'v2.ContainersApi.listContainers',
  'v2.DORAMetricsApi.listDORADeployments',
  'v2.DORAMetricsApi.listDORAFailures',
  'v2.ErrorTrackingApi.getIssue',
  'v2.ErrorTrackingApi.searchIssues',
  'v2.EventsApi.listEvents',
  'v2.EventsApi.searchEvents',
  'v2.IncidentsApi.getIncident',
  'v2.IncidentsApi.listIncidentImpacts',
  'v2.IncidentsApi.listIncidents',
  'v2.IncidentsApi.searchIncidents',
  'v2.KeyManagementApi.validate',
  'v2.KeyManagementApi.validateAPIKey',
  'v2.LogsApi.aggregateLogs',
  'v2.LogsApi.listLogs',
  'v2.MetricsApi.listMetricAssets',
  'v2.MetricsApi.listTagConfigurations',
  'v2.MetricsApi.listTagsByMetricName',
  'v2.MetricsApi.queryScalarData',
  'v2.MetricsApi.queryTimeseriesData',
  'v2.ServiceDefinitionApi.getServiceDefinition',
  'v2.ServiceDefinitionApi.listServiceDefinitions',
  'v2.ServiceLevelObjectivesApi.getSloStatus',
  'v2.SoftwareCatalogApi.listCatalogEntity',
  'v2.SoftwareCatalogApi.listCatalogRelation',
  'v2.SpansApi.aggregateSpans',
  'v2.SpansApi.listSpans',
  'v2.UsersApi.getCurrentUser',
];
