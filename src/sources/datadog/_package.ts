/**
 * Datadog's client: no other file imports it, and this one is loaded by the worker alone. By deep paths, so that the
 * build takes the models of our operations instead of all. It never sees a key, and never opens a connection.
 */
import { logger } from '@datadog/datadog-api-client/dist/logger.js';
import {
  type Configuration,
  createConfiguration,
} from '@datadog/datadog-api-client/dist/packages/datadog-api-client-common/configuration.js';
import {
  type HttpLibrary,
  type RequestContext,
  ResponseContext,
} from '@datadog/datadog-api-client/dist/packages/datadog-api-client-common/http/http.js';
import { BaseServerConfiguration } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-common/servers.js';

import type { Operation, Operations } from './_shapes.ts';

export { UnparsedObject } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-common/util.js';
export { AuthenticationApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/AuthenticationApi.js';
export { HostsApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/HostsApi.js';
export { MetricsApi as MetricsV1Api } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/MetricsApi.js';
export { MonitorsApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/MonitorsApi.js';
export { ServiceLevelObjectivesApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/ServiceLevelObjectivesApi.js';
export { APMApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/APMApi.js';
export { APMTraceApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/APMTraceApi.js';
export { AuditApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/AuditApi.js';
export { CIVisibilityPipelinesApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/CIVisibilityPipelinesApi.js';
export { ContainersApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/ContainersApi.js';
export { DORAMetricsApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/DORAMetricsApi.js';
export { ErrorTrackingApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/ErrorTrackingApi.js';
export { EventsApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/EventsApi.js';
export { IncidentsApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/IncidentsApi.js';
export { KeyManagementApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/KeyManagementApi.js';
export { LogsApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/LogsApi.js';
export { MetricsApi as MetricsV2Api } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/MetricsApi.js';
export { ServiceDefinitionApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/ServiceDefinitionApi.js';
export { SoftwareCatalogApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SoftwareCatalogApi.js';
export { SpansApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SpansApi.js';
export { UsersApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/UsersApi.js';
export type { Configuration };

/** A request as it leaves the package: without origin and without credentials. */
export interface Asked {
  method: string;
  path: string;
  body?: string;
}

/** Only answers with a status of 2xx come back; everything else rejects. */
export interface Answered {
  status: number;
  text: string;
}

export type Send = (asked: Asked) => Promise<Answered>;

/** What one call works with. */
export interface Ask {
  config: Configuration;
  /** The last answer as JSON, for what the package re-shapes or rounds. `mend` changes the text before it is parsed. */
  raw(mend?: (text: string) => string): unknown;
}

/** How an operation is run. */
export type Answers<K extends Operation> = (input: Operations[K]['in'], ask: Ask) => Promise<Operations[K]['out']>;

const UNSTABLE = ['v2.searchIncidents', 'v2.getIncident', 'v2.getTraceByID'];
/** The package builds whole URLs; what stands here never leaves the thread. */
const NOWHERE = 'http://datadog.invalid';

let shared: Configuration | undefined;

/** A configuration of the package whose requests go through `send`. */
export function askThrough(send: Send): Ask {
  shared ??= newConfiguration();
  let text = '';
  const httpApi: HttpLibrary = {
    async send(request: RequestContext) {
      const path = request.getUrl().slice(NOWHERE.length);
      const body = request.getBody();
      const answered = await send({
        method: request.getHttpMethod(),
        path,
        ...(typeof body === 'string' && { body }),
      });
      text = answered.text;
      const sameText = { text: () => Promise.resolve(text), binary: () => Promise.resolve(Buffer.from(text)) };
      return new ResponseContext(answered.status, { 'content-type': 'application/json' }, sameText);
    },
  };
  // The package keeps the tables of a configuration in it: one for all calls, with a way out of its own for each.
  const config: Configuration = Object.create(shared, { httpApi: { value: httpApi } });
  return { config, raw: (mend = (t) => t) => JSON.parse(mend(text)) };
}

function newConfiguration(): Configuration {
  logger.setLevel('silent');
  const config = createConfiguration({
    baseServer: new BaseServerConfiguration(NOWHERE, {}),
    authMethods: { apiKeyAuth: 'none', appKeyAuth: 'none' },
    enableRetry: false,
  });
  for (const operation of UNSTABLE) config.unstableOperations[operation] = true;
  return config;
}
