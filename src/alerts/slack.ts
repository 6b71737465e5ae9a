/** A Slack slash command: `/inquest checkout is slow service=checkout env=prod`. */
import type { AlertNormaliser } from '../core/alerts.ts';
import { fromText } from './_alert-from-text.ts';
import { likeness } from './_likeness.ts';
import { textAt } from './_read.ts';

export const alerts: AlertNormaliser = {
  title: 'Slack slash command',

  recognise(payload) {
    return likeness([
      ['command', textAt(payload, 'command')?.startsWith('/') ?? false, 3],
      ['team_id', textAt(payload, 'team_id') !== undefined, 2],
      ['user_id', textAt(payload, 'user_id') !== undefined],
      ['trigger_id', textAt(payload, 'trigger_id') !== undefined],
    ]);
  },

  read(payload, { now }) {
    const words = (textAt(payload, 'text') ?? '').split(/\s+/);
    const said: Record<string, string> = {};
    const rest = words.filter((word) => {
      const [, name, value] = /^(service|env)=(.+)$/.exec(word) ?? [];
      if (name && value) said[name] = value;
      return !name;
    });
    const sentence = rest.join(' ').trim();
    if (sentence === '') {
      const title = textAt(payload, 'command') ?? 'the command';
      return { alerts: [], ignored: [{ title, why: 'it says nothing; write what is wrong behind the command' }] };
    }
    const alert = fromText({ text: sentence, now, ...said });
    const who = textAt(payload, 'user_name');
    return { alerts: [{ ...alert, source: 'slack', annotations: who ? { said_by: who } : {} }], ignored: [] };
  },
};
