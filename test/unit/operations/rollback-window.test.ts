// The line of time of what can be gone back to: files, gaps, and where a moment stands on it.
import { describe, expect, it } from 'vitest';
import { isHeld, placeOn, stretchesOf, type WindowStretches } from '../../../shared/domain/operations/rollback/window-line';

const file = (name: string, begunAt: number | null) => ({ name, bytes: 10, begunAt });
const backup = (at: number, reachable: boolean) => ({ id: String(at), at, reachable });
const line = (from: number | null, files: readonly ReturnType<typeof file>[], backups: readonly ReturnType<typeof backup>[] = []): WindowStretches | null =>
  stretchesOf({ files, from, now: 10_000, backups });
const told = (found: WindowStretches | null): readonly unknown[] => found?.stretches.map(({ kind, from, until, name }) => [kind, from, until, name]) ?? [];

describe('the line of what can be gone back to', () => {
  it('has its files one behind the other; those whose time was not asked belong to the one before', () => {
    expect(told(line(2_000, [file('a', 2_000), file('b', null), file('c', 6_000)]))).toEqual([['file', 2_000, 6_000, 'a'], ['file', 6_000, 10_000, 'c']]);
    expect(line(null, [])).toBeNull();
  });
  it('has a gap behind a backup that the log does not reach back to, and none behind one that it does', () => {
    const lost = line(4_000, [file('a', 4_000)], [backup(1_000, false)]);
    expect([lost?.start, told(lost)]).toEqual([1_000, [['gap', 1_000, 4_000, null], ['file', 4_000, 10_000, 'a']]]);
    expect(told(line(4_000, [file('a', 4_000)], [backup(3_000, true), backup(1_000, false)])))
      .toEqual([['gap', 1_000, 3_000, null], ['file', 3_000, 4_000, null], ['file', 4_000, 10_000, 'a']]);
    expect([2_999, 3_000, 3_999, 4_000].map((at) => isHeld(lost as WindowStretches, at))).toEqual([false, false, false, true]);
  });
  it('places moments, those outside at its ends, and is never of no length', () => {
    expect([0, 2_000, 6_000, 20_000].map((at) => placeOn({ start: 2_000, end: 10_000 }, at))).toEqual([0, 0, 50, 100]);
    expect(line(10_000, [file('a', 10_000)])?.end).toBe(11_000);
  });
});
