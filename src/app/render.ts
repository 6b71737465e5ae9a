/** Gate 3 of reports: no report is rendered from anything that has not passed it. */
import type { Load, Report } from '../core/ports.ts';
import type { State } from '../core/run-state.ts';
import { type Gates, openGates } from '../safety/gates.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';

/**
 * The report of a state. `gates` are those of the run where it was run just now; a stored run has passed the first one
 * before it was stored, and passes fresh ones here.
 */
export async function renderSafely(
  report: Report,
  state: State,
  load: Load,
  { ascii = false, gates }: { ascii?: boolean; gates?: Gates } = {},
): Promise<string> {
  const { show, publisher } = gates ?? openGates([], await loadRuleSet());
  const pass = report.published ? publisher(namesIn(state)) : show;
  // The state first: its names are numbered in the order of the report.
  const safe = pass(state);
  return report.render(safe, async (ref) => pass(await load(ref)), { ascii });
}

/** Services, pods and nodes keep their names, also where such a name is an address. */
function namesIn(state: State): string[] {
  const entities = [
    ...state.hypotheses.map((h) => h.entity),
    ...state.findings.map((f) => f.finding.entity),
    ...(state.verdict?.candidates ?? []),
  ];
  return [...entities.flatMap((e) => (e ? [e.name] : [])), ...(state.alert?.service ? [state.alert.service] : [])];
}
