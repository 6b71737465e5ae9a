/** A playbook chooses among our steps and weighs them; it can do nothing else. */
export interface Playbook {
  /** File name without `.md`. */
  name: string;
  title: string;
  match: {
    /** Words in the title, summary or description of the alert. */
    words: string[];
    /** Parts of the metric's name or the rule's query. */
    metric: string[];
    labels: Record<string, string>;
  };
  steps: string[];
  /** Factor on the weight of what a step found. */
  weights: Record<string, number>;
  budget: { wallMs: number; stepMs: number };
  /** For people: shown in the report, never interpreted. */
  guidance: string;
  hash: string;
}
