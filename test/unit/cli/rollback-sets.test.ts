// Transactions that are named at the terminal: one by one, or as a set that a server printed.
import { describe, expect, it } from 'vitest';
import { transactionsIn } from '../../../electron/cli/rollback-plans';
import { errorOf } from '../../../shared/errors/codes';

const [a, b] = ['0f372d77-7337-4b47-967c-f17e076393dc', '1f372d77-7337-4b47-967c-f17e076393dc'];

describe('transactions that are taken back', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['one', [`${a}:5`], [`${a}:5`]],
    ['a range, and one with a tag', [`${a}:5-7`, `${a}:fix:2`], [`${a}:5`, `${a}:6`, `${a}:7`, `${a}:fix:2`]],
    ['a set as a server prints it', [`${b}:1:3-4,\n${a.toUpperCase()}:9`], [`${a}:9`, `${b}:1`, `${b}:3`, `${b}:4`]],
  ])('%s', (_, texts, expected) => expect(transactionsIn(texts)).toEqual(expected));

  it.each([['no set', ['yesterday']], ['nothing', ['']], ['more than are taken back at once', [`${a}:1-101`]]])('%s is refused in words', (_, texts) => {
    try {
      transactionsIn(texts);
      expect.unreachable();
    } catch (thrown) {
      expect(errorOf(thrown)).toMatchObject({ code: 'invalid-input', params: { field: 'gtids', reason: expect.not.stringContaining('[0-9a-f]') } });
    }
  });
});
