/** The words of a question that code understands: what may be asked about, and where each thing shows itself. */
import type { Capability } from '../core/capabilities.ts';
import type { SeriesKind } from '../core/telemetry.ts';

export type Topic =
  | 'slow'
  | 'errors'
  | 'logs'
  | 'deployed'
  | 'changed'
  | 'traffic'
  | 'cpu'
  | 'memory'
  | 'disk'
  | 'network'
  | 'traces'
  | 'events';

interface About {
  /** Whole words, lower case. */
  words: RegExp;
  /** As a headline says it. */
  says: string;
  capabilities: Capability[];
  kinds?: SeriesKind[];
}

export const TOPICS: Record<Topic, About> = {
  slow: {
    words: /^(slow\w*|latenc\w+|p50|p9\d|duration\w*|response|delay\w*)$/,
    says: 'slow',
    capabilities: ['metrics.range', 'traces.summary'],
    kinds: ['latency'],
  },
  errors: {
    words: /^(error\w*|fail\w*|5xx|4xx|br[eo]a?k\w*|exception\w*|timeout\w*|unavailable|down)$/,
    says: 'errors',
    capabilities: ['metrics.range', 'traces.summary', 'logs.patterns'],
    kinds: ['errors', 'availability'],
  },
  logs: { words: /^(log\w*|message\w*|wr[io]te\w*)$/, says: 'logs', capabilities: ['logs.patterns'] },
  deployed: {
    words: /^(deploy\w*|releas\w*|roll-?out\w*|shipped|version\w*)$/,
    says: 'deployed',
    capabilities: ['changes.list'],
  },
  changed: { words: /^(chang\w*|config\w*|commit\w*|flag\w*)$/, says: 'changed', capabilities: ['changes.list'] },
  traffic: {
    words: /^(traffic|request\w*|load|rps|throughput|busy|busier)$/,
    says: 'traffic',
    capabilities: ['metrics.range'],
    kinds: ['traffic'],
  },
  cpu: { words: /^(cpu|throttl\w*)$/, says: 'cpu', capabilities: ['metrics.range'], kinds: ['cpu'] },
  memory: { words: /^(memory|mem|ram|heap|oom)$/, says: 'memory', capabilities: ['metrics.range'], kinds: ['memory'] },
  disk: { words: /^(disk\w*|storage|space)$/, says: 'disk', capabilities: ['metrics.range'], kinds: ['disk'] },
  network: { words: /^(network|packet\w*)$/, says: 'network', capabilities: ['metrics.range'], kinds: ['network'] },
  traces: { words: /^(trac\w+|span\w*|call\w*)$/, says: 'traces', capabilities: ['traces.summary'] },
  events: { words: /^(event\w*|restart\w*|evict\w*|monitor\w*)$/, says: 'events', capabilities: ['events.list'] },
};

/** Words that say nothing of their own. */
export const FILLER: ReadonlySet<string> = new Set(
  (
    'a about after again fine full ok okay all also an and any anything are as at be been before being between but by can could did do does ' +
    'during ever for from get gets getting go goes going got had has have high higher how i if in incident alert is it its itself ' +
    'just last low lower many me minute minutes hour hours min more most much near normal not now of off often on onset or our out over ' +
    'problem rise risen rose same say says see seen service services show since so some something spike spiked still tell than that the their them then there ' +
    'these they this those time times to too until up us usage used very was we well went were what when where whether which while ' +
    'who with within would you your ago happen happened fell fall new most utc z'
  ).split(' '),
);
