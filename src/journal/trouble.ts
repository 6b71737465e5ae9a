/** A disk that cannot be written, in words: what is safe, and what to do. */
import { errorCode, UserError } from '../core/errors.ts';

/** What an error code means to a person. */
const WHY: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'the folder may not be written',
  EPERM: 'the folder may not be written',
  EROFS: 'the disk is read-only',
  ENOENT: 'its folder cannot be made (a read-only disk?)',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'a part of its path is a file',
  EIO: 'the disk reports an error',
  EMFILE: 'too many files are open',
};

/** A failed write or sync. After a failed sync nothing is tried again: the kernel may have dropped the pages. */
export function cannotWrite(file: string, e: unknown, events: number): UserError {
  const code = errorCode(e);
  const why = (code && WHY[code]) ?? (e instanceof Error ? e.message : String(e));
  return new UserError(`cannot write the journal ${file}: ${why}`, {
    hints: [
      events > 0 ? `The first ${events} events are safe; "inquest resume" goes on from there.` : 'Nothing was started.',
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'Make room on the disk (inquest prune --older-than 30d), or name another folder: INQUEST_HOME=/path inquest …'
        : 'Name a folder that you may write: INQUEST_HOME=/path inquest …',
    ],
  });
}
