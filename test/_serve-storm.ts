/** Storms: the same alert thousands of times, and thousands of alerts at once; how soon each is answered and with what. */
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { TOKEN } from './_serve.ts';

export interface Answered {
  status: number;
  ms: number;
  retryAfter: string | undefined;
}

/** Posts to a hook over kept connections, so that the answer is measured and not the connecting. */
export function sender(url: string): { post(body: unknown): Promise<Answered>; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  return {
    post(body) {
      const text = JSON.stringify(body);
      const begun = performance.now();
      return new Promise((done, reject) => {
        const sent = request(`${url}/hooks/token`, { method: 'POST', agent, headers }, (response) => {
          response.resume().on('end', () => {
            const { statusCode: status = 0, headers: got } = response;
            done({ status, ms: performance.now() - begun, retryAfter: got['retry-after'] });
          });
        });
        sent.on('error', reject).end(text);
      });
    },
    close: () => agent.destroy(),
  };
}

/** Posts `bodies` at an even pace over `ms`; the answers in the order of asking. */
export async function paced(url: string, bodies: unknown[], ms: number): Promise<Answered[]> {
  const { post, close } = sender(url);
  const begun = performance.now();
  const answers: Promise<Answered>[] = [];
  for (const [i, body] of bodies.entries()) {
    const early = begun + (i / bodies.length) * ms - performance.now();
    if (early > 1) await new Promise((go) => setTimeout(go, early));
    answers.push(post(body));
  }
  const all = await Promise.all(answers);
  close();
  return all;
}

export const percentile = (all: Answered[], p: number): number =>
  all.map((a) => a.ms).sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * p))] ?? Number.NaN;

/** Lines of this type in the whole inbox. */
export function linesOf(home: string, type: string): number {
  const folder = join(home, 'inquest/inbox');
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  return texts.join('').split(`"type":"${type}"`).length - 1;
}
