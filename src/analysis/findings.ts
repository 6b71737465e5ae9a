/** Findings with typed data: made by steps, read by the ranking. */
import type { Finding } from '../core/types.ts';
import type { FindingData } from './finding-data.ts';

type Of<T extends FindingData['type']> = Extract<FindingData, { type: T }>;
export type Typed<T extends FindingData['type']> = Omit<Finding, 'data'> & { data: Of<T> };

/** A finding with typed data. */
export const finding = (f: Omit<Finding, 'data'> & { data: FindingData }): Finding => ({
  ...f,
  severity: Number(Math.min(1, Math.max(0, f.severity)).toFixed(4)),
  data: f.data as unknown as Record<string, unknown>,
});

/** The findings whose data is of a type, in their order. */
export const findingsOf = <T extends FindingData['type']>(findings: Finding[], type: T): Typed<T>[] =>
  findings.filter((f) => f.data.type === type) as unknown as Typed<T>[];
