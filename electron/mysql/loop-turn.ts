// Long work in the thread that answers everybody, a turn of the event loop at a time.
import { setImmediate } from 'node:timers/promises';

/** What one turn may take, milliseconds: longer, and a click or another server waits for it noticeably. */
const turnMs = 10;

/** Asked between two parts of a long work: whether it has had its turn. */
export class LoopTurn {
  #began = performance.now();

  /** Asked without a wait, for where most parts are tiny: true: {@link LoopTurn.next} is due. */
  get isOver(): boolean {
    return performance.now() - this.#began >= turnMs;
  }

  /** Resolves in another turn, after what else was waiting. */
  async next(): Promise<void> {
    await setImmediate();
    this.#began = performance.now();
  }
}

/** As map, of many: what else there is to do comes in between. */
export async function mapInTurns<In, Out>(items: Iterable<In>, of: (item: In) => Out): Promise<Out[]> {
  const turn = new LoopTurn();
  const out: Out[] = [];
  for (const item of items) {
    if (turn.isOver) await turn.next();
    out.push(of(item));
  }
  return out;
}
