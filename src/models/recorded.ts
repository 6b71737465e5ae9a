/** Plays what was journalled: the same request gets the reply that was paid for then. */
import { UserError } from '../core/errors.ts';
import type { ModelPlugin } from '../core/model.ts';
import { priceOf } from './_prices.ts';
import { failed } from './_reply.ts';

export const model: ModelPlugin = {
  title: 'Replies of a journal, played again',
  async open(config, env) {
    const { recorded, counted } = env;
    if (!recorded)
      throw new UserError('there is no journal to play the model from', {
        hints: ['It is used by replay, verify and record.'],
      });
    const price = priceOf(config);
    return {
      // The name that it had: the journal's questions must be the same ones.
      name: config.name,
      ...(price ? { price } : {}),
      ...(counted ? { count: counted } : {}),
      async turn(request, onText) {
        const reply = await recorded(request);
        onText('');
        return reply ?? failed('failed', config.name, 0, 'the journal holds no reply to this');
      },
    };
  },
};
