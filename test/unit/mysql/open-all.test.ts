import { expect, it } from 'vitest';
import { openAll } from '../../../electron/mysql/session/open-all';

interface Opened {
  readonly name: string;
  isOpen: boolean;
  destroy(): void;
}

/** Sessions that open when they are told to. */
function doors(...names: readonly string[]) {
  const opened: Opened[] = [];
  const waiting = new Map<string, { readonly open: () => void; readonly fail: (error: Error) => void }>();
  const opens = names.map((name) => () =>
    new Promise<Opened>((resolve, fail) => {
      const session: Opened = { name, isOpen: true, destroy: () => (session.isOpen = false) };
      waiting.set(name, { open: () => void (opened.push(session), resolve(session)), fail });
    }));
  return { opened, opens, at: (name: string) => waiting.get(name) };
}

it('gives the sessions in the order in which they were asked for', async () => {
  const { opens, at } = doors('a', 'b');
  const all = openAll(opens);
  at('b')?.open();
  at('a')?.open();
  expect((await all).map(({ name, isOpen }) => [name, isOpen])).toEqual([['a', true], ['b', true]]);
});

it('lets go of every one where one fails, those too that come after the failure', async () => {
  const { opened, opens, at } = doors('a', 'b', 'c');
  const all = openAll(opens);
  at('a')?.open();
  at('b')?.fail(new Error('refused'));
  at('c')?.open();
  await expect(all).rejects.toThrow('refused');
  expect(opened.map(({ name, isOpen }) => [name, isOpen])).toEqual([['a', false], ['c', false]]);
});

it('lets go of what throws while it is asked for, and tells the first failure', async () => {
  const { opened, opens, at } = doors('a');
  const all = openAll([...opens, () => { throw new Error('first'); }, () => Promise.reject(new Error('second'))]);
  at('a')?.open();
  await expect(all).rejects.toThrow('first');
  expect(opened.map(({ isOpen }) => isOpen)).toEqual([false]);
});
