/** What a repository says of its deploys, the same whether GraphQL or REST was asked. Times in ms. */
import type { Commit, TouchedFile } from '../_git-commits.ts';
import type { Repo } from './_config.ts';

export type DeploymentState =
  | 'success'
  | 'failure'
  | 'error'
  | 'inactive'
  | 'in_progress'
  | 'queued'
  | 'pending'
  | 'waiting';

export interface Deployment {
  id: number;
  environment: string;
  createdAt: number;
  sha: string;
  /** Branch, tag or SHA that was asked for. */
  ref?: string;
  task: string;
  payload: unknown;
  description: string;
  creator: string;
  /** Oldest first; undefined = they were not read. */
  statuses?: { state: DeploymentState; at: number }[];
}

export interface Release {
  tag: string;
  name: string;
  at: number;
  sha?: string;
  author: string;
}

export interface Tag {
  name: string;
  sha: string;
  at: number;
  /** False: `at` is that of its commit. */
  annotated: boolean;
  author: string;
  subject: string;
}

/** One run of a workflow. */
export interface WorkflowRun {
  id: number;
  name: string;
  /** `.github/workflows/deploy.yml`. */
  path: string;
  title: string;
  event: string;
  state: DeploymentState;
  startedAt: number;
  endedAt: number;
  sha: string;
  branch: string;
  actor: string;
}

export interface Pull {
  number: number;
  title: string;
  author: string;
  labels: string[];
  /** Undefined = not read, or not all of them. */
  files?: TouchedFile[];
}

/** A commit of the main line. Its files are unknown until it is read itself: empty. */
export interface MainCommit extends Commit {
  pull?: Pull;
}

export interface History {
  repo: Repo;
  /** Newest first, each list. */
  deployments: Deployment[];
  releases: Release[];
  tags: Tag[];
  commits: MainCommit[];
  /** Text of CODEOWNERS. */
  owners?: string;
  /** From here on all deployments and commits were read. */
  since: { deployments: number; commits: number };
  /** What could not be read, in words. */
  gaps: string[];
}
