// The watch on the source of a copy: as long as rows are moved, and no longer.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { moveWatched, type Watched } from '../../../electron/copy/rows/pacing';
import type { End } from '../../../electron/copy/snapshot/sessions';
import { fakeSession } from '../../fixtures/fake-session';
import { loneStep } from '../../fixtures/lone-step';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Rows that are moved until the test says so, and a source that is asked; each question is answered when the test says so. */
function copying() {
  let finish = (_error?: Error): void => undefined;
  const moved = new Promise<void>((resolve, reject) => {
    finish = (error) => (error === undefined ? resolve() : reject(error));
  });
  const asked: { readonly sql: string; readonly answer: (row?: Record<string, unknown>) => void }[] = [];
  let holds = false;
  const control = fakeSession('source', (sql) => (holds ? new Promise((resolve) => asked.push({ sql, answer: (row = {}) => resolve([row]) })) : [{}]));
  const unused = (): Promise<never> => Promise.reject(new Error('nobody asks for it'));
  const end = (name: string): End => ({ name, connect: unused, target: unused });
  const watched: Watched = {
    job: { step: loneStep(), source: end('source'), scope: { kind: 'instance' } },
    mustFollow: true,
    snapshot: { control, sessions: [], holdsChanges: () => true, gtidSet: '', pump: { limit: () => undefined } },
    mover: { lanes: 1, run: () => moved, stop: () => undefined, want: () => undefined },
    meter: { bytes: 0, etaSeconds: null },
    mostMbPerSecond: () => null,
  };
  return { watched, finish: (error?: Error) => finish(error), asked, hold: () => (holds = true) };
}

it('ends with the rows, and waits for a look that is under way', async () => {
  const { watched, finish, asked, hold } = copying();
  let isOver = false;
  const moving = moveWatched(watched).finally(() => (isOver = true));
  await vi.advanceTimersByTimeAsync(1);
  hold();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked).toHaveLength(1);
  finish();
  await vi.advanceTimersByTimeAsync(1);
  expect(isOver).toBe(false);
  while (!isOver) {
    asked.shift()?.answer();
    await vi.advanceTimersByTimeAsync(1);
  }
  await moving;
  // Nobody asks the source any more.
  await vi.advanceTimersByTimeAsync(60_000);
  expect([asked, vi.getTimerCount()]).toEqual([[], 0]);
});

it('tells what its last look found although the rows are there', async () => {
  const { watched, finish, asked, hold } = copying();
  const moving = moveWatched(watched);
  const told = expect(moving).rejects.toMatchObject({ error: { code: 'purged-during-copy' } });
  await vi.advanceTimersByTimeAsync(1);
  hold();
  await vi.advanceTimersByTimeAsync(2_000);
  finish();
  for (let i = 0; i < 5; i++) {
    asked.shift()?.answer({ lost: 'uuid:1-5' });
    await vi.advanceTimersByTimeAsync(1);
  }
  await told;
});

it('tells what ended the rows', async () => {
  const { watched, finish } = copying();
  const moving = moveWatched(watched);
  const told = expect(moving).rejects.toThrow('rows');
  await vi.advanceTimersByTimeAsync(1);
  finish(new Error('rows'));
  await told;
  expect(vi.getTimerCount()).toBe(0);
});
