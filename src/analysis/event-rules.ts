/** What the text of an event from a platform says plainly: a resource ran out, an instance failed over, it recovered. */
import type { TelemetryEvent } from '../core/telemetry.ts';
import type { Category } from '../core/types.ts';

export interface EventText {
  /** What it says, as a noun. */
  what: string;
  category: Category;
  /** How surely this alone explains an outage: 0 to 1. */
  strength: number;
  /** The cause lies outside of what a team changes: names, certificates, machines. */
  outside?: true;
  /** A server says it of itself, and its clients repeat it. */
  ofServer?: true;
}

interface Rule extends EventText {
  pattern: RegExp;
  /** Only who watches the machines can say so; a line of a log may say it of anything. */
  eventsOnly?: true;
}

const RULES: Rule[] = [
  {
    pattern:
      /(?:ran|run(?:ning)?|is) out of (?:disk|storage|space|memory)|storage (?:is )?(?:full|critically low|exhausted)|no space left|critically low/i,
    what: 'storage or memory that is used up',
    category: 'resource-exhaustion',
    strength: 0.8,
    ofServer: true,
  },
  {
    pattern:
      /max_connections|too many (?:clients|connections)|remaining connection slots|connection (?:limit|pool) (?:reached|exhausted)/i,
    what: 'too many connections',
    category: 'resource-exhaustion',
    strength: 0.8,
    ofServer: true,
  },
  {
    pattern: /(?:free )?storage space is low|low (?:free )?(?:storage|disk) space/i,
    what: 'storage that runs out',
    category: 'resource-exhaustion',
    strength: 0.4,
  },
  {
    pattern: /CPU utili[sz]ation (?:has been|is|was) (?:above|over)|checkpoints are occurring too frequently/i,
    what: 'a machine at its limit',
    category: 'resource-exhaustion',
    strength: 0.5,
  },
  {
    pattern: /out of memory|\boom[- ]?kill/i,
    what: 'memory that ran out',
    category: 'resource-exhaustion',
    strength: 0.7,
  },
  {
    pattern:
      /--read-only option|(?:in|is) (?:a )?read[- ]only (?:mode|transaction|replica)|can(?:no|')t (?:execute|write)[^.]*read[- ]only/i,
    what: 'a database that is read-only',
    category: 'config-change',
    strength: 0.7,
    ofServer: true,
  },
  { pattern: /replication lag/i, what: 'replication lag', category: 'resource-exhaustion', strength: 0.6 },
  {
    pattern: /certificate (?:has )?expired|certificate is not yet valid|x509.*expired|expired certificate/i,
    what: 'a certificate that is not valid',
    category: 'infrastructure',
    strength: 0.7,
    outside: true,
  },
  {
    pattern:
      /no such host|servfail|nxdomain|name resolution|getaddrinfo|could not resolve host|dns (?:lookup|query|resolution)/i,
    what: 'a name that is not resolved',
    category: 'infrastructure',
    strength: 0.6,
    outside: true,
  },
  {
    pattern:
      /\b(?:kubelet|kube-?proxy|containerd|dockerd?|cri-?o|kube-apiserver|kube-scheduler|kube-controller-manager|etcd|coredns|flanneld?|calico|cilium)\b.*\b(?:inactive|dead|failed|not running|stopped|exited)\b/i,
    what: 'a daemon of a node that does not run',
    category: 'infrastructure',
    strength: 0.85,
    outside: true,
    eventsOnly: true,
  },
  {
    pattern: /\bnode (?:is )?not ?ready|disk pressure|memory pressure|network unavailable/i,
    what: 'a node that is not well',
    category: 'infrastructure',
    strength: 0.7,
    outside: true,
  },
  {
    pattern: /multi-az.*failover|failover (?:started|completed|initiated)/i,
    what: 'a failover',
    category: 'infrastructure',
    strength: 0.5,
  },
];

/** The plain statement in a log line, if it makes one. */
export const readText = (text: string): EventText | undefined =>
  RULES.find((r) => r.eventsOnly !== true && r.pattern.test(text));

/** Text that says that it is over. */
const OVER =
  /completed|recovered|(?<!not (?:be )?|cannot be )resolved|back to normal|restored|\bok\b|succeeded|finished/i;

/** Whether an event tells the end of something. */
export const isOver = (e: TelemetryEvent): boolean => OVER.test(e.title);

export interface EventReading {
  category: Category;
  strength: number;
  outside: boolean;
}

/** What an event says; undefined where no rule knows it, or where it says that something ended. */
export function readEvent(e: TelemetryEvent): EventReading | undefined {
  const text = `${e.title} ${e.body ?? ''}`;
  const rule = RULES.find((r) => r.pattern.test(text));
  if (!rule) return undefined;
  const over = isOver(e);
  return {
    category: rule.category,
    strength: over ? rule.strength / 4 : rule.strength,
    outside: rule.outside === true && !over,
  };
}

/** A monitor's or check's own verdict: `alert`, `ok`, or neither. */
export function monitorState(e: TelemetryEvent): 'alert' | 'ok' | undefined {
  if (!/monitor|alert|check/i.test(`${e.kind} ${e.source}`)) return undefined;
  const { state, status, transition } = e.attributes ?? {};
  const said = String(state ?? status ?? transition ?? e.title);
  if (/unreachable|not reachable|unhealthy/i.test(said)) return 'alert';
  if (/\b(?:ok|recovered|resolved|normal|healthy|reachable|passing|active \(running\))/i.test(said)) return 'ok';
  return /\b(?:alert(?:ing)?|firing|triggered|critical|fail(?:ed|ing)?|no data|warn(?:ing)?|abnormal)\b/i.test(said)
    ? 'alert'
    : undefined;
}
