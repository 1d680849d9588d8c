import { describe, expect, it } from 'vitest';
import { whoMayTouch, type AccessRules } from '../../../shared/domain/accounts/reach';
import { partsOf, rightOf, rightsIn } from '../../../shared/domain/accounts/right';
import { quotedName, type AccountState } from '../../../shared/domain/accounts/state';
import { grantTree } from '../../../shared/domain/accounts/tree';
import { accountState, right } from '../../fixtures/accounts';

const rules: AccessRules = { areNames: false, mandatoryRoles: [], activatesAll: false };
const orders = { database: 'shop_1', table: 'orders' };
const touch = (states: readonly AccountState[], more: Partial<AccessRules> = {}): object => {
  const found = whoMayTouch(states, orders, { ...rules, ...more });
  return Object.fromEntries(found.map(({ user, privileges, columns, byRole }) => [user, { privileges, columns, byRole }]));
};

describe('who can touch this table', () => {
  it('by what is held everywhere, on the database, on the table, on columns', () => {
    const states = [
      accountState('all', { rights: [right('SELECT'), right('CREATE USER')] }), accountState('db', { rights: [right('INSERT', '`shop_1`.*')] }),
      accountState('tab', { rights: [right('DELETE', '`shop_1`.`orders`')] }), accountState('col', { rights: [right('SELECT (`id`)', '`shop_1`.`orders`'), right('SELECT (`no`)', '`shop_1`.`orders`')] }),
      accountState('other', { rights: [right('SELECT', '`shop_2`.*'), right('SELECT', '`shop_1`.`items`')] }),
    ];
    expect(touch(states)).toEqual({
      all: { privileges: ['SELECT'], columns: [], byRole: [] }, db: { privileges: ['INSERT'], columns: [], byRole: [] },
      tab: { privileges: ['DELETE'], columns: [], byRole: [] }, col: { privileges: [], columns: ['SELECT (id, no)'], byRole: [] },
    });
  });

  it('the name of a database is a pattern: the one that is closest counts, unless partial_revokes makes them names', () => {
    const app = accountState('app', { rights: [right('SELECT', '`shop_1`.*'), right('INSERT', '`shop%`.*'), right('DELETE', '`shop\\_%`.*')] });
    expect(touch([app])).toMatchObject({ app: { privileges: ['DELETE'] } });
    expect(touch([app], { areNames: true })).toMatchObject({ app: { privileges: ['SELECT'] } });
    expect(touch([accountState('app', { rights: [right('SELECT', '`shop\\_1`.*'), right('INSERT', '`shop%`.*')] })])).toMatchObject({ app: { privileges: ['SELECT'] } });
  });

  it('by roles: those that are on at login, and those that can be turned on', () => {
    const inner = accountState('inner', { locked: true, rights: [right('DELETE', '`shop_1`.*')] });
    const reader = accountState('reader', { locked: true, rights: [right('SELECT', '`shop_1`.*')], roles: [{ role: quotedName(inner), admin: false }] });
    const held = { roles: [{ role: quotedName(reader), admin: false }] };
    const [on, off] = [accountState('on', { ...held, defaultRoles: [quotedName(reader)] }), accountState('off', held)];
    expect(touch([inner, reader, on, off])).toEqual({
      on: { privileges: ['SELECT', 'DELETE'], columns: [], byRole: [] }, off: { privileges: [], columns: [], byRole: ['SELECT', 'DELETE'] },
    });
    expect(touch([inner, reader, accountState('new')], { mandatoryRoles: [quotedName(inner)], activatesAll: true })).toMatchObject({ new: { privileges: ['DELETE'] } });
  });

  it('a partial revoke takes what is held everywhere', () => {
    const app = accountState('app', { rights: [right('SELECT'), right('INSERT'), right('INSERT', '`shop_1`.*', 'restricted')] });
    expect(touch([app], { areNames: true })).toMatchObject({ app: { privileges: ['SELECT'] } });
  });
});

describe('rights in their parts', () => {
  it.each([
    right('SELECT'), right('CREATE TEMPORARY TABLES', '`a\\_b`.*'), right('SELECT (`a``b`)', '`d``x`.`t.u`'), right('EXECUTE', 'PROCEDURE `d`.`p`'), right('BACKUP_ADMIN', '*.*', 'handed-on'),
  ])('%j are the same again', (one) => {
    const parts = partsOf(one);
    expect(parts === null ? null : rightOf(parts)).toEqual(one);
  });

  it('as the terminal takes them', () => {
    expect(rightsIn('select, update (a, `b c`) on shop.orders')?.map(rightOf)).toEqual([
      right('SELECT', '`shop`.`orders`'), right('UPDATE (`a`)', '`shop`.`orders`'), right('UPDATE (`b c`)', '`shop`.`orders`'),
    ]);
    expect(rightsIn('all on `a\\_b`.*')?.map(rightOf)).toEqual([right('ALL PRIVILEGES', '`a\\_b`.*')]);
    expect(rightsIn('backup_admin, create user on *.*')?.map(rightOf)).toEqual([right('BACKUP_ADMIN', '*.*', 'dynamic'), right('CREATE USER')]);
    expect(rightsIn('execute on procedure d.p')?.map(rightOf)).toEqual([right('EXECUTE', 'PROCEDURE `d`.`p`')]);
  });

  it.each(['select', 'select on', 'select on shop', 'select on shop.orders; drop user x', '(a) on x.y', "select on shop.orders to 'x'"])('%j is none', (text) => {
    expect(rightsIn(text)).toBeNull();
  });

  it('stand in a tree, with what a pattern takes in', () => {
    const app = accountState('app', { rights: [right('SELECT', '`shop_%`.*'), right('SELECT', '`shop\\_1`.*'), right('GRANT OPTION'), right('BACKUP_ADMIN', '*.*', 'dynamic'), right('BACKUP_ADMIN', '*.*', 'handed-on')] });
    expect(grantTree(app, { databases: ['shop_1', 'shopx', 'shop', 'other'], areNames: false })).toMatchObject([
      { level: '*.*', grantOption: true, dynamic: [{ privilege: 'BACKUP_ADMIN', grantOption: true }], matches: null },
      { level: '`shop\\_1`.*', matches: null }, { level: '`shop_%`.*', privileges: ['SELECT'], matches: ['shop_1', 'shopx'] },
    ]);
  });
});
