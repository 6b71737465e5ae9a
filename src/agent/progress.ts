/** Whether the loop gets anywhere, read from what it asked and got: pure, so a resumed run comes to the same answer. */

/** One question of the model and what came of it. */
export interface Look {
  turn: number;
  /** Tool and normalised input. */
  question: string;
  /** Hash of the answer's lines; empty where there was none. */
  result: string;
  /** It was refused, or could not be answered. */
  failed: boolean;
  /** It told something that no earlier answer had told. */
  fresh: boolean;
  /** The hypothesis that it tests, where the question says so. */
  tests?: string;
}

/** Turns without anything new before the model is told so. */
const PATIENCE = 3;
const ERRORS = 3;
/** Turns on one hypothesis alone: whatever they brought, the ranking is not moved by asking for more of the same. */
const TUNNEL = 4;

/** Why there is no progress since the look with index `since`; undefined = there is. `turn` is the one that just ended. */
export function stall(looks: Look[], since: number, turn: number): string | undefined {
  const recent = looks.slice(since);
  const last = recent.filter((l) => l.turn === turn);
  const asked = (l: Look): boolean => looks.some((o) => o !== l && o.question === l.question && o.result === l.result);
  const again = last.find((l) => !l.failed && !l.fresh && asked(l));
  if (again && last.every((l) => !l.fresh)) return `the same question brings the same answer (${name(again)})`;
  if (alternates(recent)) return 'two questions take turns';
  const tail = recent.slice(-ERRORS);
  if (tail.length === ERRORS && tail.every((l) => l.failed)) return `the last ${ERRORS} calls failed`;
  const turns = [...new Set(recent.map((l) => l.turn))].slice(-PATIENCE);
  if (turns.length === PATIENCE && recent.filter((l) => turns.includes(l.turn)).every((l) => !l.fresh))
    return `nothing new in ${PATIENCE} turns`;
  return tunnel(recent);
}

/** The same hypothesis, and no other, in several turns. */
function tunnel(recent: Look[]): string | undefined {
  const turns = [...new Set(recent.map((l) => l.turn))].slice(-TUNNEL);
  const tested = new Set(recent.filter((l) => turns.includes(l.turn)).map((l) => l.tests));
  const [only] = tested;
  if (turns.length < TUNNEL || tested.size > 1 || only === undefined) return undefined;
  return `${TUNNEL} turns on ${only} alone left the ranking as it was; ask what would prove it wrong`;
}

const name = (l: Look): string => l.question.slice(0, 60);

/** A B A B, and neither tells anything new the second time. */
function alternates(looks: Look[]): boolean {
  const [a, b, c, d] = looks.slice(-4);
  if (!a || !b || !c || !d) return false;
  return a.question === c.question && b.question === d.question && a.question !== b.question && !c.fresh && !d.fresh;
}
