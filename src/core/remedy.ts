/** What could be done about a cause: suggestions from a fixed vocabulary with typed arguments. Nothing of it is executed. */

/** How much can go wrong by doing it: `low` = hardly anything, `high` = users may notice. */
export type Risk = 'low' | 'medium' | 'high';

export type RemedyAction =
  | { action: 'roll-back'; service: string; change: string }
  | { action: 'revert-configuration'; service: string; change: string }
  | { action: 'disable-flag'; service: string; flag: string }
  | { action: 'scale'; service: string; direction: 'out' }
  | { action: 'restart'; service: string }
  | { action: 'fail-over'; from: string; level: 'service' | 'instance' | 'node' }
  | { action: 'raise-limit'; service: string; limit: 'cpu' | 'memory' | 'disk' | 'connections' | 'quota' | 'unknown' }
  | { action: 'shed-load'; service: string }
  | { action: 'page-owner'; service: string };

/** A remedy for a hypothesis. Its sentence is rendered from it, and from nothing else. */
export type Remedy = RemedyAction & { risk: Risk; hypothesis: string };

/** The risk of each action, whatever its arguments. */
export const RISK: Record<RemedyAction['action'], Risk> = {
  'roll-back': 'medium',
  'revert-configuration': 'medium',
  'disable-flag': 'low',
  scale: 'low',
  restart: 'medium',
  'fail-over': 'high',
  'raise-limit': 'medium',
  'shed-load': 'high',
  'page-owner': 'low',
};

/** `roll back deploy/orders/2.9.1 of orders`. `name` makes a change's id readable. */
export function remedyText(r: RemedyAction, name: (change: string) => string): string {
  switch (r.action) {
    case 'roll-back':
      return `roll back ${name(r.change)} of ${r.service}`;
    case 'revert-configuration':
      return `revert ${name(r.change)} of ${r.service}`;
    case 'disable-flag':
      return `disable ${name(r.flag)} of ${r.service}`;
    case 'scale':
      return `scale ${r.service} ${r.direction}`;
    case 'restart':
      return `restart ${r.service}`;
    case 'fail-over':
      return `move the load of ${r.from} away`;
    case 'raise-limit':
      return r.limit === 'unknown' ? `give ${r.service} more room` : `raise the ${r.limit} limit of ${r.service}`;
    case 'shed-load':
      return `shed load in front of ${r.service}`;
    case 'page-owner':
      return `page the owner of ${r.service}`;
  }
}
