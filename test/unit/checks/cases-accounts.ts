import type { AccountState } from '../../../shared/domain/accounts/state';
import type { BrokenObject, CheckFacts } from '../../../shared/domain/checks';
import { accountState, right } from '../../fixtures/accounts';
import type { Case } from './cases';
import { server, shop, shopOrders } from './fixture';

const broken: BrokenObject = { kind: 'view', database: 'shop', name: 'v', table: null, detail: 'references invalid table(s)' };
const pairOf = (user: string, change: Partial<AccountState> = {}): Partial<CheckFacts> => ({ sourceAccountStates: [accountState(user, { password: 'd2' })], standbyAccountStates: [accountState(user, change)] });
const sha2 = { name: 'caching_sha2_password', type: 'AUTHENTICATION' };
const revokes = (source: string | undefined, standby: string | undefined, more: Record<string, string> = {}): Partial<CheckFacts> => ({ sourceServer: server('9.7.0', 1, { partial_revokes: source, ...more }), standbyServer: server('9.7.0', 2, { partial_revokes: standby }) });

/** Accounts of both servers, what arrives of them, and what does not work on the source. */
export const pairCases: readonly Case[] = [
  { id: 'priv.accounts', says: 'nothing differs', facts: { sourceAccountStates: [accountState('app')], standbyAccountStates: [accountState('app')] }, status: 'pass' },
  { id: 'priv.accounts', says: 'a password is replaced', facts: pairOf('app'), status: 'warn', measured: 'app@%' },
  { id: 'priv.accounts', says: 'the standby keeps it', facts: pairOf('app'), input: { accounts: 'keep-standby' }, status: 'info', measured: 'app@%' },
  { id: 'priv.accounts', says: 'an administrator of the standby stays', facts: pairOf('dba', { rights: [right('CREATE USER')] }), status: 'info' },
  { id: 'priv.accounts', says: 'our own login stays', facts: pairOf('admin'), status: 'info' },
  { id: 'priv.accounts', says: 'a clone replaces all, and what the source has not is gone', facts: { standbyAccountStates: [accountState('mine')] }, input: { seed: 'clone' }, status: 'warn', measured: 'mine@%' },
  { id: 'priv.accounts', says: 'adopted: nothing is copied', facts: pairOf('app'), input: { seed: 'adopt' }, status: 'skipped' },
  { id: 'priv.accounts', says: 'partial: accounts stay', facts: pairOf('app'), input: { scope: shop }, status: 'skipped' },
  { id: 'priv.arriving', says: 'everything is known', facts: { sourceAccountStates: [accountState('app')], standbyPlugins: [sha2] }, status: 'pass' },
  { id: 'priv.arriving', says: 'a plugin that is gone', facts: { sourceAccountStates: [accountState('old', { plugin: 'mysql_native_password' })], standbyPlugins: [sha2] }, status: 'warn', measured: 'mysql_native_password' },
  { id: 'priv.arriving', says: 'a privilege of a component that is not loaded', facts: { sourceAccountStates: [accountState('app', { rights: [right('AUDIT_ADMIN', '*.*', 'dynamic')] })], standbyPlugins: [sha2] }, status: 'warn', measured: 'AUDIT_ADMIN' },
  {
    id: 'priv.arriving', says: 'SET_USER_ID has heirs',
    facts: { sourceAccountStates: [accountState('app', { rights: [right('SET_USER_ID', '*.*', 'dynamic')] })], standbyPlugins: [sha2], knownPrivileges: { source: new Set(['SET_USER_ID']), standby: new Set(['SET_ANY_DEFINER', 'ALLOW_NONEXISTENT_DEFINER']) } },
    status: 'info', measured: 'SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER',
  },
  { id: 'priv.arriving', says: 'one that the standby keeps as it is does not arrive', facts: { ...pairOf('app'), standbyPlugins: [] }, input: { accounts: 'keep-standby' }, status: 'pass' },
  { id: 'priv.settings', says: 'alike', facts: revokes('OFF', 'OFF'), status: 'pass' },
  { id: 'priv.settings', says: 'a source that has no such variable is as one where it is off', facts: revokes(undefined, 'OFF'), status: 'pass' },
  { id: 'priv.settings', says: 'partial revokes on the source', facts: revokes('ON', 'OFF'), status: 'warn', fixable: true, sql: ['SET PERSIST partial_revokes = ON'] },
  { id: 'priv.settings', says: 'mandatory roles are set by hand, once the copy is complete', facts: revokes('OFF', 'OFF', { mandatory_roles: 'r' }), status: 'warn', fixable: false },
  { id: 'priv.settings', says: 'both', facts: revokes('ON', 'OFF', { mandatory_roles: 'r', activate_all_roles_on_login: 'ON' }), status: 'warn', fixable: true, sql: ['SET PERSIST partial_revokes = ON'], measured: "mandatory_roles=''" },
  { id: 'obj.broken', says: 'everything works', status: 'pass' },
  { id: 'obj.broken', says: 'a view over a dropped table', facts: { sourceBroken: [broken] }, status: 'warn', measured: 'view shop.v' },
  { id: 'obj.broken', says: 'a view of another database', facts: { sourceBroken: [{ ...broken, database: 'hr' }] }, input: { scope: shop }, status: 'pass' },
  { id: 'obj.broken', says: 'a trigger goes with its table', facts: { sourceBroken: [{ ...broken, kind: 'trigger', table: 'orders' }] }, input: { scope: shopOrders }, status: 'warn' },
  { id: 'obj.broken', says: 'an event that ended goes with its whole database', facts: { sourceBroken: [{ ...broken, kind: 'event' }] }, input: { scope: shopOrders }, status: 'pass' },
  { id: 'obj.broken', says: 'a clone brings it as it is', facts: { sourceBroken: [broken] }, input: { seed: 'clone' }, status: 'skipped' },
];
