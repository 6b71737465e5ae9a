/** The operations by name: the one table between what is asked for and what Datadog's client calls it. */
import {
  getMetricMetadata,
  listActiveMetrics,
  listTagConfigurations,
  listTagsByMetricName,
  queryMetrics,
  queryScalarData,
  queryTimeseriesData,
} from './_ask-metrics.ts';
import { getMonitor, listMonitors, searchMonitorGroups, searchMonitors } from './_ask-monitors.ts';
import {
  getServiceDefinition,
  getServiceList,
  listCatalogEntity,
  listCatalogRelation,
  listServiceDefinitions,
} from './_ask-services.ts';
import { aggregateLogs, listLogs, searchAuditLogs, searchEvents, searchPipelines } from './_ask-streams.ts';
import {
  getCurrentUser,
  getIssue,
  listContainers,
  listDORADeployments,
  listHosts,
  searchIssues,
  validate,
  validateKeys,
} from './_ask-things.ts';
import { aggregateSpans, getTraceByID, listSpans } from './_ask-traces.ts';
import { getIncident, getSLOHistory, listSLOs, searchIncidents, searchSLO } from './_ask-watch.ts';
import { type Answers, askThrough, type Send } from './_package.ts';
import { Unreadable } from './_read.ts';
import type { Operation, Operations } from './_shapes.ts';

const RUN: { [K in Operation]: Answers<K> } = {
  'v1.queryMetrics': queryMetrics,
  'v2.queryTimeseriesData': queryTimeseriesData,
  'v2.queryScalarData': queryScalarData,
  'v1.listActiveMetrics': listActiveMetrics,
  'v2.listTagConfigurations': listTagConfigurations,
  'v1.getMetricMetadata': getMetricMetadata,
  'v2.listTagsByMetricName': listTagsByMetricName,
  'v2.listLogs': listLogs,
  'v2.aggregateLogs': aggregateLogs,
  'v2.searchEvents': searchEvents,
  'v1.getMonitor': getMonitor,
  'v1.listMonitors': listMonitors,
  'v1.searchMonitors': searchMonitors,
  'v1.searchMonitorGroups': searchMonitorGroups,
  'v2.searchIncidents': searchIncidents,
  'v2.getIncident': getIncident,
  'v1.listSLOs': listSLOs,
  'v1.searchSLO': searchSLO,
  'v1.getSLOHistory': getSLOHistory,
  'v2.listCatalogRelation': listCatalogRelation,
  'v2.listCatalogEntity': listCatalogEntity,
  'v2.listServiceDefinitions': listServiceDefinitions,
  'v2.getServiceDefinition': getServiceDefinition,
  'v2.getServiceList': getServiceList,
  'v2.listSpans': listSpans,
  'v2.aggregateSpans': aggregateSpans,
  'v2.getTraceByID': getTraceByID,
  'v2.searchIssues': searchIssues,
  'v2.getIssue': getIssue,
  'v2.listDORADeployments': listDORADeployments,
  'v2.searchCIAppPipelineEvents': searchPipelines,
  'v1.listHosts': listHosts,
  'v2.listContainers': listContainers,
  'v2.searchAuditLogs': searchAuditLogs,
  'v1.validate': validate,
  'v2.validateKeys': validateKeys,
  'v2.getCurrentUser': getCurrentUser,
};

/**
 * Runs one operation, whose requests go through `send`. Throws what `send` throws, `Unreadable` for an answer that is not
 * what the operation promises, and anything else for a question that cannot be put: a bug.
 */
export async function runOperation<K extends Operation>(
  operation: K,
  input: Operations[K]['in'],
  send: Send,
): Promise<Operations[K]['out']> {
  let answered = false;
  const ask = askThrough(async (asked) => {
    const answer = await send(asked);
    answered = true;
    return answer;
  });
  try {
    return await RUN[operation](input, ask);
  } catch (e) {
    // What the package throws over an answer has many classes and no name.
    throw answered && !(e instanceof Unreadable) ? new Unreadable((e as Error).message) : e;
  }
}
