/** Comparisons and commits, each read once in an investigation, as many as the requests allow. */
import { kindOfFiles } from '../_git-services.ts';
import { Refused } from '../_refused.ts';
import { sharedReads } from '../_shared-reads.ts';
import type { Client } from './_client.ts';
import {
  commitWithFiles,
  type Difference,
  differenceOf,
  goingBack,
  type PulledCommit,
  type ReadCommit,
} from './_compare.ts';
import type { Repo } from './_config.ts';
import type { Asking } from './_octokit.ts';

/** Commits that are read themselves, and requests that are kept for them. */
const COMMITS_MAX = 5;
const KEPT = 2;

export interface Wanted {
  repo: Repo;
  commit: Pick<PulledCommit, 'id' | 'files'>;
}

export interface Differences {
  /**
   * Reads these comparisons, the first ones first, within what may be asked; what fails is told among the gaps. Returns what was read
   * by its two ends.
   */
  read(
    pairs: { repo: Repo; from: string; to: string }[],
    asking: Asking,
    gaps: string[],
  ): Promise<(from: string | undefined, to: string) => Difference | undefined>;
  /** Reads commits whose files say most, within what may be asked. */
  readCommits(wanted: Wanted[], asking: Asking, gaps: string[]): Promise<void>;
  /** The same of groups, the first ones first: all of a group or none, for a part of it cannot be told apart. */
  readWhole(groups: Wanted[][], asking: Asking, gaps: string[]): Promise<void>;
  commit(repo: Repo, sha: string): ReadCommit | undefined;
}

/** Configuration and flags may act without a deploy: their commits are read first. */
const first = (c: Wanted['commit']): boolean => kindOfFiles(c.files.map((f) => f.path)) !== 'code';

export function openDifferences(client: Client): Differences {
  const compared = sharedReads();
  const commits = new Map<string, ReadCommit>();
  const keyOf = (repo: Repo, from: string, to: string): string => `${repo.full} ${from}...${to}`;

  const compare = (repo: Repo, from: string, to: string, asking: Asking): Promise<Difference> =>
    compared.read(keyOf(repo, from, to), asking, async (ctx) =>
      differenceOf(await client.compare(repo, from, to, ctx)),
    );

  const shaOf = ({ repo, commit }: Wanted): string => `${repo.full} ${commit.id}`;
  const most = (): number => Math.min(COMMITS_MAX, client.room());
  async function readOne(w: Wanted, asking: Asking, gaps: string[]): Promise<void> {
    try {
      commits.set(shaOf(w), commitWithFiles(await client.commit(w.repo, w.commit.id, asking)));
    } catch (e) {
      if (!(e instanceof Refused)) throw e;
      gaps.push(`${w.repo.full} ${w.commit.id.slice(0, 10)}: ${e.refusal.problem}`);
    }
  }

  return {
    async read(pairs, asking, gaps) {
      const found = new Map<string, Difference>();
      let room = client.room() - KEPT;
      const within = pairs.filter(({ repo, from, to }) => compared.has(keyOf(repo, from, to)) || room-- > 0);
      const one = async ({ repo, from, to }: { repo: Repo; from: string; to: string }): Promise<void> => {
        try {
          const ahead = await compare(repo, from, to, asking);
          const back = ahead.back > 0 && ahead.commits.length === 0;
          const there = compared.has(keyOf(repo, to, from)) || client.room() > 0;
          const difference = back && there ? goingBack(await compare(repo, to, from, asking), ahead) : ahead;
          found.set(`${from}...${to}`, difference);
        } catch (e) {
          if (!(e instanceof Refused)) throw e;
          gaps.push(`${repo.full} ${from.slice(0, 10)}...${to.slice(0, 10)}: ${e.refusal.problem}`);
        }
      };
      await Promise.all(within.map(one));
      return (from, to) => (from === undefined ? undefined : found.get(`${from}...${to}`));
    },

    async readCommits(wanted, asking, gaps) {
      const unread = wanted.filter((w) => !commits.has(shaOf(w)));
      const ordered = [...unread.filter((w) => first(w.commit)), ...unread.filter((w) => !first(w.commit))];
      await Promise.all(ordered.slice(0, most()).map((w) => readOne(w, asking, gaps)));
    },

    async readWhole(groups, asking, gaps) {
      const chosen = new Map<string, Wanted>();
      for (const group of groups) {
        const unread = group.filter((w) => !commits.has(shaOf(w)) && !chosen.has(shaOf(w)));
        if (chosen.size + unread.length <= most()) for (const w of unread) chosen.set(shaOf(w), w);
      }
      await Promise.all([...chosen.values()].map((w) => readOne(w, asking, gaps)));
    },

    commit: (repo, sha) => commits.get(`${repo.full} ${sha}`),
  };
}
