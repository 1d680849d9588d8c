// Long work that lets others come between.
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LoopTurn, mapInTurns } from '../../../electron/mysql/loop-turn';

/** Keeps the thread for so many milliseconds. */
function keep(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('a turn of the event loop', () => {
  it('is over after a while, and the next one begins after what else was waiting', async () => {
    const turn = new LoopTurn();
    keep(11);
    expect(turn.isOver).toBe(true);
    let others = 0;
    void setImmediate().then(() => { others += 1; });
    await turn.next();
    expect(others).toBe(1);
  });

  it('maps many in their order, and what else there is to do comes between them', async () => {
    let done = 0;
    const seen: number[] = [];
    const others = async (): Promise<void> => {
      while (done < 8) {
        await setImmediate();
        seen.push(done);
      }
    };
    const [mapped] = await Promise.all([mapInTurns([1, 2, 3, 4, 5, 6, 7, 8], (n) => { keep(6); done += 1; return n * 2; }), others()]);
    expect(mapped).toEqual([2, 4, 6, 8, 10, 12, 14, 16]);
    expect(seen.filter((at) => at > 0 && at < 8).length).toBeGreaterThanOrEqual(2);
  });
});
