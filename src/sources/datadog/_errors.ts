/** `errors.list`: the groups that error tracking makes of failing spans, else of log lines. */
import type { ErrorGroup } from '../../core/telemetry.ts';
import { cut, oneLine, plural } from '../../core/text.ts';
import { timeSpan, toIso, toMs } from '../../core/time.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import { fitItems } from '../_fit.ts';
import { asking } from '../_refused.ts';
import type { Account } from './_account.ts';
import { searchOf } from './_language.ts';
import { linkOf, linkTo } from './_link.ts';
import type { ErrorIssue } from './_shapes.ts';

const MESSAGE_MAX = 1000;

export function errorsTool(account: Account): Tool {
  const about =
    'Groups of errors seen in the window, with counts, first and last time and the version they are first seen in.';
  return tool(account.name, 'errors.list', about, (question, ctx) => {
    const query = searchOf(account, question.service);
    const searched = `error tracking ${query}, ${timeSpan(question)}`;
    return asking(searched, async () => {
      const range = { from: toMs(question.from), to: Math.min(toMs(question.to), account.now() + 1) };
      const of = (track: 'trace' | 'logs') =>
        account.client.call('v2.searchIssues', { ...range, query, track, orderBy: 'TOTAL_COUNT' }, ctx);
      const traced = await of('trace');
      const { issues } = traced.issues.length > 0 ? traced : await of('logs');
      const errors = fitItems(
        issues.map((i) => toGroup(account, i)),
        'first',
      );
      // Messages and types of exceptions are text of whoever sends requests.
      const rest = { searched, trust: 'outsider-writable' as const, link: linkTo(account, 'errors', question, query) };
      if (issues.length === 0)
        return answer.empty<'errors.list'>({ errors }, { ...rest, summary: 'no group of errors' });
      return answer.ok<'errors.list'>(
        { errors },
        {
          ...rest,
          summary: `${plural(issues.length, 'group')} of errors`,
          sample: errors
            .slice(0, 5)
            .map((e) => oneLine(`${e.count ?? '?'} × ${e.service ?? ''} ${e.type ?? ''}: ${e.message ?? ''}`)),
          ...(errors.length < issues.length && {
            truncated: { kept: errors.length, of: issues.length, what: 'groups of errors' },
          }),
        },
      );
    });
  });
}

function toGroup(account: Account, i: ErrorIssue): ErrorGroup {
  const place = [i.file, i.function].filter(Boolean).join(' ');
  return {
    id: i.id,
    ...(i.service !== undefined && { service: account.ours(i.service) }),
    ...(i.type !== undefined && { type: i.type }),
    ...(i.message !== undefined && { message: cut(i.message, MESSAGE_MAX) }),
    ...(place !== '' && { place }),
    ...(i.count !== undefined && { count: i.count }),
    ...(i.firstSeen !== undefined && { firstSeen: toIso(i.firstSeen) }),
    ...(i.firstSeenVersion && { firstSeenVersion: i.firstSeenVersion }),
    ...(i.lastSeen !== undefined && { lastSeen: toIso(i.lastSeen) }),
    ...(i.regression && {
      regressed: { at: toIso(i.regression.at), ...(i.regression.version && { version: i.regression.version }) },
    }),
    url: linkOf(account, '/error-tracking/issue', i.id),
  };
}
