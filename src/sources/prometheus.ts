/** Prometheus and what speaks like it (Thanos, Mimir, VictoriaMetrics): metrics, rules, alerts, topology by labels. */
import type { SourcePlugin } from '../tools/tool.ts';
import { type HttpConfig, openHttp } from './_http.ts';
import { checkPrometheus } from './prometheus/_check.ts';
import { metricsTool } from './prometheus/_metrics.ts';
import { alertsTool, monitorsTool } from './prometheus/_rules.ts';
import { newServer } from './prometheus/_server.ts';
import { topologyTool } from './prometheus/_topology.ts';

export interface PrometheusConfig extends HttpConfig {
  /** Label that names the service, where it is none of the usual ones. */
  serviceLabel?: string;
}

export const source: SourcePlugin<PrometheusConfig> = {
  title: 'Prometheus, Thanos, Mimir, VictoriaMetrics',
  async open(name, config, env) {
    const http = openHttp(name, 'prometheus', config, env);
    const server = newServer(http, env, config.serviceLabel);
    return {
      name,
      tools: [
        metricsTool(name, server),
        monitorsTool(name, server),
        alertsTool(name, server),
        topologyTool(name, server),
      ],
      check: (ctx) => checkPrometheus(server, ctx),
      close: () => Promise.resolve(http.close()),
    };
  },
};
