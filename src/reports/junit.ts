/**
 * The run as JUnit XML, for the test views of CI systems: a case for each step, and one for the verdict. These views show
 * the words of what is not well and nothing else, so a cause is a failure and what is not decided is an error.
 */
import { closingOf, notChecked } from '../core/closing.ts';
import { closingLines } from '../core/closing-lines.ts';
import type { Report } from '../core/ports.ts';
import type { State, StepState } from '../core/run-state.ts';
import { cut, oneLine } from '../core/text.ts';
import { evidenceOf, evidenceText, isComplete, runName, stepText } from '../core/wording.ts';
import { xmlText } from '../safety/safe-markup.ts';

const COLUMNS = 100;
/** Characters of one text: a log of CI is read by people. */
const MOST = 20_000;

interface Case {
  name: string;
  ms: number;
  kind: 'passed' | 'failure' | 'error' | 'skipped';
  message: string;
  text: string;
}

export const report: Report = {
  mime: 'application/xml; charset=utf-8',
  published: true,
  async render(state) {
    const cases = [...state.steps.map((s) => stepCase(state, s)), verdictCase(state)];
    const n = (kind: Case['kind']): number => cases.filter((c) => c.kind === kind).length;
    const counts = `tests="${cases.length}" failures="${n('failure')}" errors="${n('error')}" skipped="${n('skipped')}" time="${seconds(state.ms ?? 0)}"`;
    const title = state.alert ? oneLine(state.alert.title, 200) : 'no alert was read';
    const started = state.startedAt ? ` timestamp="${attribute(state.startedAt.slice(0, 19))}"` : '';
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites name="inquest" ${counts}>`,
      `<testsuite name="${attribute(`inquest: ${title}`)}" ${counts}${started}>`,
      `<properties><property name="run" value="${attribute(state.run)}"/><property name="outcome" value="${attribute(state.verdict?.outcome ?? 'unfinished')}"/></properties>`,
      ...cases.map((c) => caseOf(c, state)),
      '</testsuite>',
      '</testsuites>',
      '',
    ].join('\n');
  },
};

const attribute = (text: string): string => xmlText(oneLine(text, 1000));
const seconds = (ms: number): string => (ms / 1000).toFixed(3);

function caseOf({ name, ms, kind, message, text }: Case, state: State): string {
  const body = xmlText(cut(text, MOST));
  const inside =
    kind === 'passed'
      ? `<system-out>${body}</system-out>`
      : `<${kind} message="${attribute(message)}"${kind === 'skipped' ? '' : ` type="${kind === 'failure' ? 'cause' : 'undecided'}"`}>${body}</${kind}>`;
  const playbook = attribute(state.playbook?.name ?? 'none');
  return `<testcase classname="inquest.${playbook}" name="${attribute(name)}" time="${seconds(ms)}">${inside}</testcase>`;
}

/** A step that could not look is skipped, and so is one whose every answer was incomplete; one that threw is an error. */
function stepCase(state: State, step: StepState): Case {
  const asked = evidenceOf(state, step.name);
  const message = stepText(state, step);
  const blind = asked.length > 0 && asked.every((e) => !isComplete(e));
  const kind = step.state === 'failed' ? 'error' : step.state !== 'done' || blind ? 'skipped' : 'passed';
  const text = [message, ...asked.map((e) => `${e.id} ${e.tool}: ${evidenceText(e)}`)].join('\n');
  return { name: `${step.name}: ${step.title}`, ms: step.ms ?? 0, kind, message, text };
}

function verdictCase(state: State): Case {
  const closing = closingOf(state);
  const outcome = state.verdict?.outcome;
  const kind = outcome === 'healthy' ? 'passed' : outcome === 'cause' ? 'failure' : 'error';
  const lines = closingLines(closing, COLUMNS, closing.mark === 'done' ? '✓' : '!').map((l) => l.text.trimEnd());
  const open = notChecked(state).map((x) => `not checked: ${x}`);
  const message = `${closing.word}: ${closing.headline}`;
  return { name: `verdict of ${runName(state)}`, ms: 0, kind, message, text: [...lines, ...open].join('\n') };
}
