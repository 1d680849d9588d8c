import { describe, expect, it } from 'vitest';
import { arrivingRights, sharedAccounts, type SharedAccount } from '../../../shared/domain/accounts/shared-accounts';
import { accountAspects, accountDifferences, administratorsOf, type AccountAspect, type AccountState } from '../../../shared/domain/accounts/state';
import { accountState, right } from '../../fixtures/accounts';

const known = { source: new Set(['SELECT', 'SUPER', 'SET_USER_ID']), standby: new Set(['SELECT', 'SUPER', 'SET_ANY_DEFINER', 'ALLOW_NONEXISTENT_DEFINER', 'FLUSH_PRIVILEGES']) };

describe('differences of an account', () => {
  const changes: Readonly<Record<AccountAspect, Partial<AccountState>>> = {
    plugin: { plugin: 'sha256_password' }, password: { password: 'd2' }, 'second-password': { secondPassword: 'd3' }, factors: { factors: 'd4' }, lock: { locked: true },
    expiry: { expired: true }, 'password-rules': { passwordRules: { 'PASSWORD HISTORY': '5', FAILED_LOGIN_ATTEMPTS: '0' } }, tls: { requires: 'SSL' },
    limits: { limits: { MAX_QUERIES_PER_HOUR: 7 } }, attribute: { attribute: '{"comment":"x"}' }, rights: { rights: [right('SELECT')] },
    roles: { roles: [{ role: "'r'@'%'", admin: false }] }, 'default-roles': { defaultRoles: ["'r'@'%'"] }, proxy: { proxies: [{ as: "'p'@'%'", grantOption: false }] },
  };
  it.each(accountAspects)('%s is seen, and alone', (aspect) => {
    expect(accountDifferences(accountState('app'), accountState('app', changes[aspect])).map((one) => one.aspect)).toEqual([aspect]);
  });

  it('of a password nothing is said but that it differs', () => {
    const told = accountDifferences(accountState('app', { password: 'here', secondPassword: 'a' }), accountState('app', { password: 'there', secondPassword: 'b' }));
    expect(JSON.stringify(told)).not.toMatch(/here|there|"a"|"b"/);
    expect(told).toHaveLength(2);
  });

  it('what one of the two series does not have is not compared', () => {
    const old = accountState('app', { locked: null, secondPassword: null, factors: null, attribute: null, passwordRules: {} });
    expect(accountDifferences(old, accountState('app', { locked: true, secondPassword: 'x', attribute: '{}' }))).toEqual([]);
  });

  it('an ADMIN OPTION is a difference', () => {
    const role = (admin: boolean): Partial<AccountState> => ({ roles: [{ role: "'r'@'%'", admin }] });
    expect(accountDifferences(accountState('app', role(true)), accountState('app', role(false)))).toEqual([{ aspect: 'roles', standby: ["'r'@'%' WITH ADMIN OPTION"], source: ["'r'@'%'"] }]);
  });
});

describe('what becomes of an account of both servers', () => {
  const fates = (standby: readonly AccountState[], source: readonly AccountState[], choice: 'take-source' | 'keep-standby' = 'take-source'): Record<string, SharedAccount['fate']> =>
    Object.fromEntries(sharedAccounts(standby, source, { choice, ownLogin: 'tool@%', known }).map(({ standby: { user }, fate }) => [user, fate]));
  const other = (user: string, change: Partial<AccountState> = {}): AccountState => accountState(user, { password: 'd2', ...change });

  it('ordinary ones follow the choice; administrators and our own login stay', () => {
    const standby = [accountState('app'), accountState('dba', { rights: [right('SUPER')] }), accountState('tool'), accountState('same'), accountState('mysql.sys'), accountState('')];
    const source = [other('app'), other('dba'), other('tool'), accountState('same'), other('mysql.sys'), other('')];
    expect(fates(standby, source)).toEqual({ app: 'taken', dba: 'administrator', tool: 'own-login', '': 'own-login' });
    expect(fates(standby, source, 'keep-standby')).toEqual({ app: 'chosen', dba: 'administrator', tool: 'own-login', '': 'own-login' });
  });

  it('one that administers by a role of a role stays too; on one table nobody administers', () => {
    const standby = [
      accountState('top', { rights: [right('CONNECTION_ADMIN', '*.*', 'dynamic')] }), accountState('middle', { roles: [{ role: "'top'@'%'", admin: false }] }),
      accountState('dba', { roles: [{ role: "'middle'@'%'", admin: false }] }), accountState('app', { rights: [right('SHUTDOWN', '`d`.*')] }),
    ];
    expect([...administratorsOf(standby)].sort()).toEqual(['dba@%', 'middle@%', 'top@%']);
  });

  it('a privilege that has heirs arrives as these, and one that is unknown there is left', () => {
    const rights = [right('SET_USER_ID', '*.*', 'dynamic'), right('AUDIT_ADMIN', '*.*', 'dynamic'), right('SELECT (`a`)', '`d`.`t`')];
    expect(arrivingRights(rights, known.standby)).toEqual({
      rights: [right('SET_ANY_DEFINER', '*.*', 'dynamic'), right('ALLOW_NONEXISTENT_DEFINER', '*.*', 'dynamic'), right('SELECT (`a`)', '`d`.`t`')],
      translated: ['SET_USER_ID'], unknown: ['AUDIT_ADMIN'],
    });
  });

  it('is the same where only words differ, and where the standby has what the source cannot have', () => {
    const heirs = ['SET_ANY_DEFINER', 'ALLOW_NONEXISTENT_DEFINER', 'FLUSH_PRIVILEGES'].map((one) => right(one, '*.*', 'dynamic'));
    expect(fates([accountState('app', { rights: heirs })], [accountState('app', { rights: [right('SET_USER_ID', '*.*', 'dynamic')] })])).toEqual({});
  });
});
