/** `doctor` on the way to a server. */
import { isReadableOnTheWay } from '../core/loopback.ts';
import type { Check } from '../core/types.ts';

/** A warning where whoever is on the way can read along; nothing else. */
export const transportChecks = (base: string): Check[] =>
  isReadableOnTheWay(base)
    ? [{ what: 'transport', state: 'warn', detail: 'plain http', fix: 'Use https where credentials are sent.' }]
    : [];
