import { describe, expect, it } from 'vitest';
import { accountText } from '../../../shared/domain/checks/account-pairs';
import { columnsGone } from '../../../shared/domain/checks/objects-broken';

describe('columns of a trigger that are gone', () => {
  it.each([
    ['SET NEW.a = 1', ['a'], []],
    ['SET NEW.a = 1', ['b'], ['a']],
    ['BEGIN SET NEW.`A` = OLD . b; INSERT INTO log VALUES (new.c, old.c); END', ['a', 'b'], ['c']],
    ["SET @x = 'NEW.gone', NEW.a = /* OLD.gone */ 1", ['a'], []],
    // A table that is called new is another thing.
    ['INSERT INTO d.new.x SELECT 1', ['a'], []],
    ['SET @n = new_price.a', [], []],
  ])('%s', (body, columns, gone) => {
    expect(columnsGone(body, columns)).toEqual(gone);
  });
});

it('an account is told in the words of statements, and of a password only that it differs', () => {
  expect(accountText({
    account: 'app@%', differences: [
      { aspect: 'password', standby: [], source: [] }, { aspect: 'lock', standby: ['UNLOCK'], source: ['LOCK'] }, { aspect: 'rights', standby: ['DELETE ON `d`.*'], source: ['SELECT ON `d`.*'] },
    ],
  })).toBe('app@%: IDENTIFIED … AS *** ≠ · ACCOUNT − UNLOCK, + LOCK · − DELETE ON `d`.*, + SELECT ON `d`.*');
});
