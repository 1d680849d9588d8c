import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patchOf } from '../../../electron/copy/schema/account-definition';
import { grantChanges } from '../../../electron/copy/schema/grant-changes';
import { parseGrantLine } from '../../../shared/domain/accounts/grants';
import { rightText, type AccountRight, type AccountState } from '../../../shared/domain/accounts/state';
import { accountState, right } from '../../fixtures/accounts';

/** What a server makes of a statement, as its tables of grants show it afterwards. Seen on 8.0.15, 8.0.31 and 9.7. */
function applied(state: AccountState, sql: string): AccountState {
  const defaults = /^SET DEFAULT ROLE (.*) TO /.exec(sql)?.[1];
  if (defaults !== undefined) return { ...state, defaultRoles: defaults === 'NONE' ? [] : defaults.split(', ') };
  const proxy = /^(GRANT|REVOKE) PROXY ON (\S+) (?:TO|FROM) \S+( WITH GRANT OPTION)?$/.exec(sql);
  if (proxy !== null) {
    const others = state.proxies.filter(({ as }) => as !== proxy[2]);
    return { ...state, proxies: proxy[1] === 'GRANT' ? [...others, { as: proxy[2] ?? '', grantOption: proxy[3] !== undefined }] : others };
  }
  const role = /^(GRANT|REVOKE) ('\w+'@'%') (?:TO|FROM) \S+( WITH ADMIN OPTION)?$/.exec(sql);
  if (role !== null) return withRole(state, role[1] === 'GRANT', role[2] ?? '', role[3] !== undefined);
  return withRights(state, sql);
}

function withRole(state: AccountState, gives: boolean, role: string, admin: boolean): AccountState {
  const [held, others] = [state.roles.find((one) => one.role === role), state.roles.filter((one) => one.role !== role)];
  // To give it again without the option does not take the option.
  if (gives) return { ...state, roles: [...others, { role, admin: admin || held?.admin === true }] };
  return { ...state, roles: others, defaultRoles: state.defaultRoles.filter((one) => one !== role) };
}

function withRights(state: AccountState, sql: string): AccountState {
  const option = /^REVOKE GRANT OPTION ON (\S+) FROM /.exec(sql)?.[1];
  if (option !== undefined) {
    return { ...state, rights: state.rights.filter(({ kind, privilege, level }) => !(kind === 'handed-on' && option === '*.*') && !(kind === 'static' && privilege === 'GRANT OPTION' && level === option)) };
  }
  const parts = parseGrantLine(sql);
  if (parts === null || (parts.grant.kind !== 'grant' && parts.grant.kind !== 'revoke')) throw new Error(`not understood: ${sql}`);
  const level = / ON (\S+) (?:TO|FROM) /.exec(sql)?.[1] ?? '';
  const items = parts.items.filter((item) => item !== 'USAGE');
  const kindOf = (item: string): AccountRight['kind'] => (item.includes('_') && !item.includes('(') ? 'dynamic' : 'static');
  if (parts.grant.kind === 'grant') {
    const given = items.flatMap((item) => [right(item, level, kindOf(item)), ...(parts.grant.kind === 'grant' && parts.grant.grantOption && kindOf(item) === 'dynamic' ? [right(item, level, 'handed-on')] : [])]);
    const handsOn = parts.grant.grantOption && items.every((item) => kindOf(item) === 'static') ? [right('GRANT OPTION', level)] : [];
    return { ...state, rights: unique([...state.rights, ...given, ...handsOn]) };
  }
  const isTaken = (one: AccountRight): boolean => one.level === level && items.some((item) => one.privilege === item || one.privilege.startsWith(`${item} (`));
  return { ...state, rights: state.rights.filter((one) => !isTaken(one)) };
}

function unique(rights: readonly AccountRight[]): readonly AccountRight[] {
  return [...new Map(rights.map((one) => [rightText(one), one])).values()];
}

const everything = (state: AccountState): readonly string[] => [
  ...state.rights.map(rightText), ...state.roles.map(({ role }) => role), ...state.roles.filter(({ admin }) => admin).map(({ role }) => `${role} ADMIN`),
  ...state.proxies.map(({ as }) => `PROXY ${as}`), ...state.proxies.filter(({ grantOption }) => grantOption).map(({ as }) => `PROXY ${as} OPTION`),
].sort();

const rights = fc.uniqueArray(
  fc.oneof(
    fc.tuple(fc.constantFrom('SELECT', 'INSERT', 'DELETE', 'GRANT OPTION'), fc.constantFrom('*.*', '`d`.*', '`d`.`t`', '`a_b`.*')).map(([privilege, level]) => right(privilege, level)),
    fc.constantFrom('SELECT (`a`)', 'SELECT (`b`)', 'UPDATE (`a`)').map((privilege) => right(privilege, '`d`.`t`')),
    fc.constantFrom('BACKUP_ADMIN', 'XA_RECOVER_ADMIN').map((privilege) => right(privilege, '*.*', 'dynamic')),
  ), { selector: rightText, maxLength: 12 },
);
const account = fc.record({ rights, options: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }), roles: fc.uniqueArray(fc.record({ role: fc.constantFrom("'r'@'%'", "'s'@'%'", "'x'@'%'"), admin: fc.boolean() }), { selector: ({ role }) => role }), first: fc.boolean(), proxies: fc.uniqueArray(fc.record({ as: fc.constantFrom("'p'@'%'", "'q'@'%'"), grantOption: fc.boolean() }), { selector: ({ as }) => as }) })
  .map(({ rights: held, options, roles, first, proxies }): AccountState => accountState('app', {
    rights: [...held, ...held.filter(({ kind }) => kind === 'dynamic').filter((_, at) => options[at] === true).map((one): AccountRight => ({ ...one, kind: 'handed-on' }))],
    roles, proxies, defaultRoles: first ? roles.slice(0, 1).map(({ role }) => role) : [],
  }));

describe('grant changes', () => {
  const walk = (here: AccountState, there: AccountState, exact: boolean): { readonly states: readonly AccountState[]; readonly kept: readonly string[] } => {
    const { statements, kept } = grantChanges(here, there, exact);
    const states = [here];
    for (const { sql } of statements) states.push(applied(states.at(-1) ?? here, sql));
    return { states, kept };
  };

  it('at no moment there are fewer rights than both sides have in common, and nothing but what is told stays beyond', () => {
    fc.assert(fc.property(account, account, (here, there) => {
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
    fc.assert(fc.property(account, account, (here, there) => {
      const { states, kept } = walk(here, there, true);
      expect(kept).toEqual([]);
      expect(everything(states.at(-1) ?? here)).toEqual(everything(there));
      expect([...(states.at(-1)?.defaultRoles ?? [])].sort()).toEqual([...there.defaultRoles].sort());
    }), { numRuns: 1500 });
  });

  it('nothing is said where nothing differs', () => {
    fc.assert(fc.property(account, (one) => {
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
