import { expect, it } from 'vitest';
import { hasLetGo } from '../../../electron/lab/processes';

const stat = (state: string): string => `1234 (mysqld (a) b) ${state} 1 1234 1234 0 -1 4194560 100`;

it.each([
  ['S', 40, false],
  ['R', 1, false],
  ['T', 40, false],
  // The first thread has ended, others have not: seen with a killed server on a busy machine, whose port was still taken.
  ['Z', 17, false],
  ['Z', 1, true],
  ['Z', 0, true],
  ['X', 1, true],
])('a process in state %s with %d threads has let go of its files and ports: %s', (state, threads, expected) => {
  expect(hasLetGo(stat(state), threads)).toBe(expected);
});
