import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patchOf } from '../../../shared/domain/accounts/attribute';
import { grantChanges } from '../../../shared/domain/accounts/grant-changes';
import { rightText, type AccountState } from '../../../shared/domain/accounts/state';
import { accountState, right } from '../../fixtures/accounts';
import { applied, everything, randomAccount, randomRestricted } from '../../fixtures/granted';

describe('grant changes', () => {
  const walk = (here: AccountState, there: AccountState, exact: boolean): { readonly states: readonly AccountState[]; readonly kept: readonly string[] } => {
    const { statements, kept } = grantChanges(here, there, exact);
    const states = [here];
    for (const { sql } of statements) states.push(applied(states.at(-1) ?? here, sql));
    return { states, kept };
  };

  it('at no moment there are fewer rights than both sides have in common, and nothing but what is told stays beyond', () => {
    fc.assert(fc.property(randomAccount, randomAccount, (here, there) => {
      const { states, kept } = walk(here, there, false);
      const common = everything(here).filter((one) => everything(there).includes(one));
      for (const state of states) expect(everything(state)).toEqual(expect.arrayContaining(common));
      const last = everything(states.at(-1) ?? here);
      expect(last).toEqual(expect.arrayContaining([...everything(there)]));
      const beyond = last.filter((one) => !everything(there).includes(one));
      if (kept.length === 0) expect(beyond.filter((one) => !one.endsWith(' OPTION'))).toEqual([]);
      expect(beyond.length).toBeLessThanOrEqual(kept.length + states[0]!.proxies.length);
      expect([...(states.at(-1)?.defaultRoles ?? [])].sort()).toEqual([...there.defaultRoles].sort());
    }), { numRuns: 1500 });
  });

  it('an undo gives back exactly what was', () => {
    fc.assert(fc.property(randomAccount, randomAccount, (here, there) => {
      const { states, kept } = walk(here, there, true);
      expect(kept).toEqual([]);
      expect(everything(states.at(-1) ?? here)).toEqual(everything(there));
      expect([...(states.at(-1)?.defaultRoles ?? [])].sort()).toEqual([...there.defaultRoles].sort());
    }), { numRuns: 1500 });
  });

  it('partial revokes begin and end exactly, beside rights on the same databases too', () => {
    fc.assert(fc.property(randomRestricted, randomRestricted, (here, there) => {
      const { states } = walk(here, there, true);
      expect(everything(states.at(-1) ?? here)).toEqual(everything(there));
      // What is held on everything is there on every database at every moment on which neither side takes it.
      const restricted = new Set([...here.rights, ...there.rights].filter(({ kind }) => kind === 'restricted').map(rightText));
      for (const state of states) expect(state.rights.filter(({ kind }) => kind === 'restricted').map(rightText).filter((one) => !restricted.has(one))).toEqual([]);
    }), { numRuns: 5000 });
  }, 120_000);

  it('a right on a database that takes the place of a partial revoke there is given behind the end of it', () => {
    const here = accountState('app', { rights: [right('SELECT'), right('SELECT', '`d`.*', 'restricted')] });
    const there = accountState('app', { rights: [right('SELECT', '`d`.*')] });
    expect(grantChanges(here, there).statements.map(({ sql }) => sql)).toEqual([
      "GRANT SELECT ON `d`.* TO 'app'@'%'", "GRANT SELECT ON `d`.* TO 'app'@'%'", "REVOKE SELECT ON *.* FROM 'app'@'%'",
    ]);
  });

  it('where a server keeps the option of PROXY, it goes with PROXY alone', () => {
    const [here, there] = [true, false].map((grantOption) => accountState('app', { proxies: [{ as: "'p'@'%'", grantOption }] })) as [AccountState, AccountState];
    expect(grantChanges(here, there).statements).toEqual([{ sql: "GRANT PROXY ON 'p'@'%' TO 'app'@'%'" }]);
    expect(grantChanges(here, there, false, true)).toEqual({ statements: [], kept: ["PROXY 'p'@'%' WITH GRANT OPTION"] });
    expect(grantChanges(here, there, true, true).statements.map(({ sql }) => sql)).toEqual(["REVOKE PROXY ON 'p'@'%' FROM 'app'@'%'", "GRANT PROXY ON 'p'@'%' TO 'app'@'%'"]);
  });

  it('nothing is said where nothing differs', () => {
    fc.assert(fc.property(randomAccount, (one) => {
      expect(grantChanges(one, one)).toEqual({ statements: [], kept: [] });
    }));
  });

  it('what MySQL takes only with something that is to stay is kept and told', () => {
    const here = accountState('app', { roles: [{ role: "'r'@'%'", admin: true }], rights: [right('SELECT', '`d`.`t`'), right('SELECT (`a`)', '`d`.`t`')] });
    const there = accountState('app', { roles: [{ role: "'r'@'%'", admin: false }], rights: [right('SELECT (`a`)', '`d`.`t`')] });
    expect(grantChanges(here, there)).toEqual({ statements: [], kept: ['SELECT ON `d`.`t`', "'r'@'%' WITH ADMIN OPTION"] });
  });

  it('a partial revoke comes last, and goes with the right on its database', () => {
    const restricted = right('INSERT', '`mysql`.*', 'restricted');
    const [free, bound] = [accountState('app', { rights: [right('INSERT')] }), accountState('app', { rights: [right('INSERT'), restricted] })];
    expect(grantChanges(free, bound).statements).toEqual([{ sql: "REVOKE INSERT ON `mysql`.* FROM 'app'@'%'", narrows: 'INSERT' }]);
    expect(grantChanges(bound, free).statements).toEqual([{ sql: "GRANT INSERT ON `mysql`.* TO 'app'@'%'" }]);
  });
});

describe('what ATTRIBUTE is given', () => {
  it.each([['', '{"a":1}', { a: 1 }], ['{"a":1,"b":{"c":1,"d":2}}', '{"b":{"c":1}}', { a: null, b: { d: null } }], ['{"a":[1]}', '', { a: null }]])('%s → %s', (here, there, patch) => {
    expect(patchOf(here, there)).toEqual(patch);
  });
});
