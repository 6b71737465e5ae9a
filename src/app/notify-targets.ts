/** Who is told of a run, opened by name, and the text that each gets: rendered behind gate 3, never the State itself. */
import type { NotifierConfig } from '../config/notify.ts';
import { sha256 } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import type { Message, Notifier, NotifierEnv, NotifierPlugin } from '../core/notify.ts';
import type { Load, Report } from '../core/ports.ts';
import type { State } from '../core/run-state.ts';
import { nearest } from '../core/text.ts';
import type { Gates } from '../safety/gates.ts';
import { loadPlugin } from './plugins.ts';
import { renderSafely } from './render.ts';

export interface Target {
  name: string;
  notifier: Notifier;
}

/** The notifiers with these names, opened. Throws UserError for a name that the config does not hold, or cannot be used. */
export async function openTargets(
  s: NotifierEnv & { root: string },
  config: Record<string, NotifierConfig> | undefined,
  names: readonly string[],
): Promise<Target[]> {
  const known = config ?? {};
  return Promise.all(
    [...new Set(names)].map(async (name) => {
      const entry = known[name];
      if (!entry) throw unknown(name, Object.keys(known));
      if (entry.broken) throw entry.broken;
      const plugin = await loadPlugin<NotifierPlugin>(s.root, 'notifiers', entry.type, 'notifier', 'type of notifier');
      const notifier = plugin.open(name, entry.config, s);
      await reportOf(s.root, notifier.format);
      return { name, notifier };
    }),
  );
}

function unknown(name: string, known: string[]): UserError {
  const near = nearest(name, known);
  return new UserError(`no notifier is named "${name}"`, {
    hints: [
      ...(near ? [`Did you mean "${near}"?`] : []),
      known.length > 0
        ? `Known: ${known.join(', ')}`
        : 'None is configured: "notify" in the config, see inquest help config',
    ],
  });
}

const reportOf = (root: string, format: string): Promise<Report> =>
  loadPlugin<Report>(root, 'reports', format, 'report', 'report format');

/** What a target would get: published, whatever its format says of itself, because it leaves this machine. */
export async function messageFor(
  root: string,
  format: string,
  state: State,
  load: Load,
  gates: Gates,
): Promise<Message> {
  const report = { ...(await reportOf(root, format)), published: true };
  const text = await renderSafely(report, state, load, { gates });
  const { startedAt, alert } = state;
  return {
    run: state.run,
    text,
    hash: sha256(text),
    ...(startedAt ? { startedAt } : {}),
    ...(alert ? { fingerprint: alert.fingerprint } : {}),
  };
}
