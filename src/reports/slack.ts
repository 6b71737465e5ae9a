/** The report as a Slack message: Block Kit as JSON, ready for an incoming webhook or the Block Kit Builder. */
import type { Report } from '../core/ports.ts';
import { safeJson } from '../safety/safe-json.ts';
import { slackMessage } from './_slack-blocks.ts';

export const report: Report = {
  mime: 'application/json',
  published: true,
  async render(state) {
    return `${safeJson(slackMessage(state), 2)}\n`;
  },
};
