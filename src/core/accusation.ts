/** Who or what is to blame, as one clause: every hypothesis begins with it, whoever made it. */
import { changeName } from './text.ts';
import type { Category } from './types.ts';

const WHAT: Record<Category, string> = {
  'code-change': 'runs code that behaves differently',
  'config-change': 'is configured wrongly',
  'resource-exhaustion': 'is short of a resource',
  dependency: 'does not serve its callers as before',
  traffic: 'gets more requests than it can serve',
  infrastructure: 'has trouble below it (network, machine)',
  data: 'fails on certain data',
  none: 'is well',
  unknown: 'is where it comes from',
};

/** `deploy/orders/2.8.1 broke orders`, `payments is configured wrongly`. */
export const accusation = (
  name: string,
  category: Category,
  change: { id: string; kind: string } | undefined,
): string => (change ? `${changeName(change)} broke ${name}` : `${name} ${WHAT[category]}`);
