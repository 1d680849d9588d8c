import { noteOf } from '../../../shared/domain/accounts/attribute';
import { exportStatements, ruleClauses } from '../../../shared/domain/accounts/definition-text';
import { grantersOf } from '../../../shared/domain/accounts/edit';
import { isReservedAccount } from '../../../shared/domain/accounts/shared-accounts';
import { accountName, namedBy, quotedName, type AccountState } from '../../../shared/domain/accounts/state';
import { grantSummary, grantTree } from '../../../shared/domain/accounts/tree';
import type { AccountDetail, AccountName, AccountRow, LimitName, Limits } from '../../../shared/domain/operations/accounts/change';
import { failure } from '../../../shared/errors/codes';
import { ownUse, type AccountsRead } from './reading';

/** The accounts of a server as a list, in the order of their names. */
export function rowsOf({ states, login }: AccountsRead, linkUser: string | null): readonly AccountRow[] {
  const held = new Set(states.flatMap(({ roles }) => roles.map(({ role }) => role)));
  const granters = new Set(grantersOf(states));
  const rows = states.map((state): AccountRow => ({
    user: state.user, host: state.host, plugin: state.plugin, locked: state.locked, expired: state.expired, hasPassword: state.password !== '',
    requires: state.requires,
    // CREATE ROLE makes an account that is locked, has no password, and whose password has run out.
    isRole: held.has(quotedName(state)) || (state.locked === true && state.expired && state.password === ''),
    reserved: isReservedAccount(state.user), own: ownUse(state, login, linkUser), administers: granters.has(accountName(state)), summary: grantSummary(state),
  }));
  return rows.sort((a, b) => (accountName(a) < accountName(b) ? -1 : 1));
}

/** Everything of one account. @throws Failure `not-found` */
export function detailOf(read: AccountsRead, linkUser: string | null, wanted: AccountName): AccountDetail {
  const state = read.states.find((one) => accountName(one) === accountName(wanted));
  const row = rowsOf(read, linkUser).find((one) => accountName(one) === accountName(wanted));
  if (state === undefined || row === undefined) throw failure('not-found', { kind: 'account', name: accountName(wanted) });
  const byName = new Map(read.states.map((one) => [quotedName(one), one]));
  const named = (quoted: string): AccountName => {
    const one = byName.get(quoted);
    return one === undefined ? { user: quoted, host: '' } : { user: one.user, host: one.host };
  };
  const me = quotedName(state);
  const note = noteOf(state.attribute ?? '');
  return {
    row,
    tree: grantTree(state, { databases: read.databases, areNames: read.rules.areNames }),
    roles: state.roles.map(({ role, admin }) => ({ ...named(role), admin })),
    defaultRoles: state.defaultRoles.map(named),
    proxies: state.proxies.map(({ as, grantOption }) => ({ ...namedBy(as), grantOption })),
    heldBy: read.states.filter(({ roles }) => roles.some(({ role }) => role === me)).map(quotedName),
    limits: limitsOf(state),
    rules: ruleClauses(state),
    hasSecondPassword: (state.secondPassword ?? '') !== '',
    comment: note.comment,
    attribute: note.attributes,
    sql: exportStatements(state, read.words),
  };
}

function limitsOf({ limits }: AccountState): Limits {
  const value = (name: LimitName): number => limits[name] ?? 0;
  return {
    MAX_QUERIES_PER_HOUR: value('MAX_QUERIES_PER_HOUR'), MAX_UPDATES_PER_HOUR: value('MAX_UPDATES_PER_HOUR'),
    MAX_CONNECTIONS_PER_HOUR: value('MAX_CONNECTIONS_PER_HOUR'), MAX_USER_CONNECTIONS: value('MAX_USER_CONNECTIONS'),
  };
}
