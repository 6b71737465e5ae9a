/** GitHub webhooks: a deployment or workflow run that failed is the alert; one that succeeded resolves it. */
import type { AlertNormaliser, AlertsRead, ReadAlert } from '../core/alerts.ts';
import { oneLine } from '../core/text.ts';
import { drop, link, toAlert } from './_alert.ts';
import { likeness } from './_likeness.ts';
import { at, isRecord, record, textAt, time } from './_read.ts';

const OUTCOME: Record<string, 'firing' | 'resolved'> = {
  failure: 'firing',
  error: 'firing',
  timed_out: 'firing',
  startup_failure: 'firing',
  success: 'resolved',
};

export const alerts: AlertNormaliser = {
  title: 'GitHub webhook (deployment_status, workflow_run)',

  recognise(payload) {
    return likeness([
      ['repository.full_name', textAt(payload, 'repository', 'full_name') !== undefined, 2],
      ['sender.login', textAt(payload, 'sender', 'login') !== undefined],
      [
        'deployment_status or workflow_run',
        isRecord(at(payload, 'deployment_status')) || isRecord(at(payload, 'workflow_run')),
      ],
    ]);
  },

  read(payload, { now }) {
    if (isRecord(at(payload, 'deployment_status'))) return deployment(payload, now);
    if (isRecord(at(payload, 'workflow_run'))) return workflowRun(payload, now);
    const about = Object.keys(record(payload)).filter(
      (k) => !['action', 'repository', 'sender', 'organization'].includes(k),
    );
    return ignored(
      'a GitHub event',
      `it is neither deployment_status nor workflow_run (keys: ${oneLine(about.join(', '), 80)})`,
    );
  },
};

function deployment(payload: unknown, now: number): AlertsRead {
  const status = at(payload, 'deployment_status');
  const what = at(payload, 'deployment');
  const repository = textAt(payload, 'repository', 'name') ?? 'unknown repository';
  const env = textAt(status, 'environment') ?? textAt(what, 'environment');
  const state = textAt(status, 'state') ?? 'without a state';
  const title = `deployment of ${repository}${env ? ` to ${env}` : ''}`;
  const outcome = Object.hasOwn(OUTCOME, state) ? OUTCOME[state] : undefined;
  if (outcome === undefined) return ignored(title, `it is ${state}, neither failed nor successful`);
  const task = textAt(what, 'task');
  return one(
    toAlert(
      {
        source: 'github',
        title: `${title} ${outcome === 'firing' ? 'failed' : 'succeeded'}`,
        service: textAt(what, 'payload', 'service') ?? repository,
        env,
        severity: outcome === 'firing' ? 'error' : undefined,
        status: outcome,
        startsAt: time(at(status, 'created_at')) ?? time(at(what, 'created_at')),
        endsAt: outcome === 'resolved' ? time(at(status, 'created_at')) : undefined,
        labels: drop({
          repository: textAt(payload, 'repository', 'full_name'),
          environment: env,
          ref: textAt(what, 'ref'),
          sha: textAt(what, 'sha'),
          task,
          state,
        }),
        annotations: { description: textAt(status, 'description') ?? textAt(what, 'description') },
        links: [
          link('log', at(status, 'log_url') ?? at(status, 'target_url')),
          link('environment', at(status, 'environment_url')),
          link('repository', at(payload, 'repository', 'html_url')),
        ],
        identity: { deployment: textAt(payload, 'repository', 'full_name'), env, task },
      },
      now,
    ),
  );
}

function workflowRun(payload: unknown, now: number): AlertsRead {
  const run = at(payload, 'workflow_run');
  const repository = textAt(payload, 'repository', 'name') ?? 'unknown repository';
  const name = textAt(run, 'name') ?? textAt(payload, 'workflow', 'name') ?? textAt(run, 'path') ?? '';
  const branch = textAt(run, 'head_branch');
  const title = `workflow ${name} of ${repository}${branch ? ` on ${branch}` : ''}`;
  const conclusion = textAt(run, 'conclusion') ?? textAt(run, 'status') ?? 'not finished';
  const outcome = Object.hasOwn(OUTCOME, conclusion) ? OUTCOME[conclusion] : undefined;
  if (outcome === undefined) return ignored(title, `it is ${conclusion}, neither failed nor successful`);
  const ended = time(at(run, 'updated_at'));
  return one(
    toAlert(
      {
        source: 'github',
        title: `${title} ${outcome === 'firing' ? 'failed' : 'succeeded'}`,
        service: repository,
        severity: outcome === 'firing' ? 'error' : undefined,
        status: outcome,
        startsAt: ended ?? time(at(run, 'run_started_at')) ?? time(at(run, 'created_at')),
        endsAt: outcome === 'resolved' ? ended : undefined,
        labels: drop({
          repository: textAt(payload, 'repository', 'full_name'),
          workflow: name,
          ref: branch,
          sha: textAt(run, 'head_sha'),
          event: textAt(run, 'event'),
          attempt: textAt(run, 'run_attempt'),
          conclusion,
        }),
        annotations: { description: textAt(run, 'display_title') },
        links: [link('run', at(run, 'html_url')), link('repository', at(payload, 'repository', 'html_url'))],
        identity: { workflow: textAt(payload, 'repository', 'full_name'), name, branch },
      },
      now,
    ),
  );
}

const one = (alert: ReadAlert): AlertsRead => ({ alerts: [alert], ignored: [] });
const ignored = (title: string, why: string): AlertsRead => ({ alerts: [], ignored: [{ title, why }] });
