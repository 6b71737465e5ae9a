/** "Blame the latest deploy": the changes before the alert, latest first. */
import { byText } from '../../core/canonical.ts';
import type { Change } from '../../core/telemetry.ts';
import { toMs } from '../../core/time.ts';
import type { MethodOptions } from './options.ts';
import type { Incident } from './samples.ts';

export function latestChanges(changes: Change[], { alert }: Incident, options: MethodOptions): Change[] {
  const { changeKinds, alertService } = options;
  return changes
    .filter((c) => toMs(c.time) <= toMs(alert.startsAt))
    .filter((c) => changeKinds.length === 0 || changeKinds.includes(c.kind))
    .filter((c) => !alertService || c.service === alert.service)
    .sort((a, b) => toMs(b.time) - toMs(a.time) || byText(a.id, b.id));
}
