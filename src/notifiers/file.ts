/** A report as a file in a folder, one of a run: written whole or not at all, again over itself. */
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorCode } from '../core/errors.ts';
import { type NotifierPlugin, Undelivered } from '../core/notify.ts';

interface Config {
  folder: string;
  format?: string;
}

const ENDS: Record<string, string> = {
  html: 'html',
  json: 'json',
  slack: 'json',
  junit: 'xml',
  text: 'txt',
  note: 'txt',
};

export const notifier: NotifierPlugin = {
  title: 'a file in a folder, Markdown unless "format" says otherwise',
  open(_name, config, { cwd }) {
    const { folder, format = 'markdown' } = config as unknown as Config;
    const at = resolve(cwd, folder);
    return {
      target: `file ${at}`,
      format,
      looks: true,
      async deliver({ run, text }, { before }) {
        const file = join(at, `inquest-${run}.${ENDS[format] ?? 'md'}`);
        const draft = `${file}.${randomBytes(4).toString('hex')}.tmp`;
        try {
          await mkdir(at, { recursive: true });
          await writeFile(draft, text, { flush: true });
          await rename(draft, file);
        } catch (e) {
          await rm(draft, { force: true }).catch(() => {});
          throw new Undelivered(`cannot write ${file}: ${errorCode(e) ?? e}`, {
            fix: 'Is there room, and may you write there?',
          });
        }
        return { how: before?.file === file ? 'edited' : 'created', receipt: { file }, where: file };
      },
    };
  },
};
