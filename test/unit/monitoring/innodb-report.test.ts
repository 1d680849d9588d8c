import { describe, expect, it } from 'vitest';
import { checkpointAgeOf, countDeadlocks, latestDeadlockOf, type DeadlockCount } from '../../../shared/domain/monitoring/innodb-report';

describe('the age of the checkpoint', () => {
  it('is told by the words of every version, and not by the text of a statement above them', () => {
    expect(checkpointAgeOf('LOG\n---\nLog sequence number 1000\nLog flushed up to   1000\nLast checkpoint at  900\n')).toBe(100);
    expect(checkpointAgeOf('Log sequence number          18446744073709551000\nLast checkpoint at           18446744073709550000\n')).toBe(1_000);
    expect(checkpointAgeOf('SELECT "\nLog sequence number 5\nLast checkpoint at  1\n"\nLog sequence number 2000\nLast checkpoint at  1990\n')).toBe(10);
    expect(checkpointAgeOf('Log sequence number 1 5\nLast checkpoint at  0 4294967290\n')).toBe(11);
  });

  it('is not known where it is not told', () => {
    expect(checkpointAgeOf('')).toBeNull();
    expect(checkpointAgeOf('Log sequence number 5\n')).toBeNull();
  });
});

describe('deadlocks that the counter leaves out', () => {
  const report = (moment: string, one: number, other: number): string =>
    `----\nLATEST DETECTED DEADLOCK\n------------------------\n${moment}\n*** (1) TRANSACTION:\nTRANSACTION ${one}, ACTIVE 0 sec\n*** (2) TRANSACTION:\nTRANSACTION ${other}, ACTIVE 1 sec\n`;

  it('are told apart by their moment and their transactions', () => {
    expect(latestDeadlockOf(report('2026-11-27 13:37:43 0x7f', 10, 11))).toBe('2026-11-27 13:37:43 0x7f 10 11');
    expect(latestDeadlockOf('no such part')).toBeNull();
  });

  it('are added to it, and those that it counts are not told twice', () => {
    const steps: [counted: number, latest: string | null | undefined, told: number][] = [
      [0, null, 0], [0, 'a', 1], [0, 'a', 1], [1, 'b', 2], [1, undefined, 2], [1, 'c', 3], [4, 'd', 6],
    ];
    let count: DeadlockCount | null = null;
    for (const [counted, latest, told] of steps) {
      count = countDeadlocks(count, counted, latest);
      expect(count.counted + count.left).toBe(told);
    }
  });

  it('that lie before the first report are none of its', () => {
    const first = countDeadlocks(null, 5, undefined);
    expect(countDeadlocks(first, 5, 'old')).toMatchObject({ counted: 5, left: 0 });
  });

  it('begin anew with the server', () => {
    expect(countDeadlocks({ counted: 9, latest: 'x', left: 4 }, 0, null)).toEqual({ counted: 0, latest: null, left: 0 });
  });
});
