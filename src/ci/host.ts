/** Which CI system runs us, and where it wants things: from its own variables alone. */

type Env = Record<string, string | undefined>;

export interface Host {
  /** `GitHub Actions`, `GitLab CI`, `Jenkins`, or `CI`. */
  name: string;
  /** Reads `::command::` lines from what we print. */
  commands: boolean;
  /** File to which the summary of the job is appended (Markdown). */
  summary?: string;
  /** File to which `name=value` lines are appended: what later steps read. */
  outputs?: string;
  /** File with the event that started the job. */
  event?: string;
  /** Page of this job. */
  url?: string;
}

/** The host of this environment. Nothing is read but variables. */
export function hostOf(env: Env): Host {
  if (env.GITHUB_ACTIONS === 'true') {
    const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
    return {
      name: 'GitHub Actions',
      commands: true,
      ...(env.GITHUB_STEP_SUMMARY ? { summary: env.GITHUB_STEP_SUMMARY } : {}),
      ...(env.GITHUB_OUTPUT ? { outputs: env.GITHUB_OUTPUT } : {}),
      ...(env.GITHUB_EVENT_PATH ? { event: env.GITHUB_EVENT_PATH } : {}),
      ...(server && repository && run ? { url: `${server}/${repository}/actions/runs/${run}` } : {}),
    };
  }
  if (env.GITLAB_CI === 'true')
    return { name: 'GitLab CI', commands: false, ...(env.CI_JOB_URL ? { url: env.CI_JOB_URL } : {}) };
  if (env.JENKINS_URL) return { name: 'Jenkins', commands: false, ...(env.BUILD_URL ? { url: env.BUILD_URL } : {}) };
  return { name: 'CI', commands: false };
}
