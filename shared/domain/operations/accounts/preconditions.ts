import { keptProxy, leavesOption } from '../../accounts/grant-changes';
import { message, type Message } from '../../../i18n/message';
import type { MessageKey } from '../../../i18n/en';
import { deniedProxies, grantersOf, locksOut, withAccount } from '../../accounts/edit';
import { isReservedAccount } from '../../accounts/shared-accounts';
import { accountName, quotedName, rightText, type AccountState } from '../../accounts/state';
import type { Precondition } from '../../tasks/plan';
import { needsPassword, type AccountChange, type OwnUse } from './change';
import { holdersOf, partialRevokes, type AccountEffect } from './statements';

/** What was read for a change to one account. */
export interface ChangeFacts {
  readonly change: AccountChange;
  /** Every account of the server. */
  readonly states: readonly AccountState[];
  /** The one that is changed, or that a clone is made after; undefined: it is new. */
  readonly state: AccountState | undefined;
  readonly effect: AccountEffect;
  readonly own: OwnUse | null;
  /** `user@host` as which this program is logged in. */
  readonly login: string;
  /** partial_revokes is on. */
  readonly restricts: boolean;
  /** The option to hand one dynamic privilege on turns on that of everything (before 8.0.16). */
  readonly spillsOptions: boolean;
  /** Sessions that are open with it. */
  readonly sessions: number;
  /** Views, programs, triggers and events that run as it; null: not asked. */
  readonly definer: number | null;
}

/** Plugins whose accounts have a password in the server's own table. */
export const passwordPlugins: readonly string[] = ['caching_sha2_password', 'mysql_native_password', 'sha256_password'];

/** What stands in the way of a change, what it would break, and what was looked at and is well. */
export function accountPreconditions(facts: ChangeFacts): readonly Precondition[] {
  const { state, change } = facts;
  if (state === undefined) return [];
  const guards = [reserved(state, change), unchanged(facts), own(facts), lastGranter(facts), passwordKept(facts), restrictable(facts)];
  const told = [mayGiveProxies(facts), lowersProxies(facts), spillsOption(facts), sessions(facts), holders(facts), definer(facts)];
  const checks = [...guards, ...told, ...leftovers(facts)];
  return checks.filter((one) => one !== null);
}

type Text = Extract<MessageKey, `accounts.${string}`>;

/** A check in the texts of accounts. */
export function check(id: string, status: Precondition['status'], measured: Message, sql: string, remedy: Text | null = null): Precondition {
  return { id, title: message(`accounts.check.${id}` as Text), status, measured, remedy: remedy === null ? null : message(remedy), sql };
}

export const usersSql = 'SELECT * FROM mysql.user';

function reserved(state: AccountState, { kind }: AccountChange): Precondition | null {
  if (!isReservedAccount(state.user) || kind === 'clone') return null;
  return check('reserved', 'fail', message('accounts.measured.reserved'), usersSql, 'accounts.remedy.reserved');
}

/** What would change nothing. */
function unchanged({ change, state, effect }: ChangeFacts): Precondition | null {
  const same = (): boolean => {
    switch (change.kind) {
      case 'lock':
        return state?.locked === true;
      case 'unlock':
        return state?.locked === false;
      case 'expire':
        return state?.expired === true;
      case 'discard-old':
        return (state?.secondPassword ?? '') === '';
      case 'tls':
        return state?.requires === effect.after?.requires;
      case 'rename':
        return change.account.user === change.to.user && change.account.host === change.to.host;
      default:
        return effect.statements.length === 0 && effect.kept.length === 0;
    }
  };
  return same() ? check('unchanged', 'fail', message('accounts.measured.unchanged'), usersSql) : null;
}

/** What the account does not have any more. */
function loses({ change, state, effect }: ChangeFacts): readonly string[] {
  const after = new Set((effect.after?.rights ?? []).map(rightText));
  const roles = new Set((effect.after?.roles ?? []).map(({ role }) => role));
  // Its grant option counts: without it the login could not give it again.
  const kept = new Map((effect.after?.proxies ?? []).map(({ as, grantOption }) => [as, grantOption]));
  const isLost = ({ as, grantOption }: AccountState['proxies'][number]): boolean => !kept.has(as) || (grantOption && kept.get(as) === false);
  const lostProxies = (state?.proxies ?? []).filter(isLost).map(({ as }) => `PROXY ${as}`);
  const lostRoles = (state?.roles ?? []).map(({ role }) => role).filter((role) => !roles.has(role));
  const lostRights = (state?.rights ?? []).filter(({ kind }) => kind !== 'restricted').map(rightText).filter((right) => !after.has(right));
  return [...lostRights, ...partialRevokes(change, state, effect.after), ...lostRoles, ...lostProxies];
}

/** The program does not saw at the branch it sits on: its login, and the login of links that it set up. */
function own(facts: ChangeFacts): Precondition | null {
  const { change, own: use } = facts;
  if (use === null || change.kind === 'clone') return null;
  const lost = loses(facts);
  const keepsEnough = use === 'login' ? lost.length === 0 : !lost.includes('REPLICATION SLAVE ON *.*');
  const harmless = change.kind === 'unlock' || change.kind === 'attribute' || (change.kind === 'rights' && keepsEnough);
  const measured = message(`accounts.measured.own-${use}`);
  return check('own', harmless ? 'pass' : 'fail', measured, 'SELECT CURRENT_USER()', harmless ? null : `accounts.remedy.own-${use}`);
}

function lastGranter({ change, states, state, effect }: ChangeFacts): Precondition | null {
  if (!['rights', 'drop', 'lock'].includes(change.kind) || state === undefined) return null;
  const after = withoutRole(withAccount(states, accountName(state), effect.after), change.kind === 'drop' ? quotedName(state) : null);
  const granters = grantersOf(after);
  const measured = message('accounts.measured.granters', { count: granters.length, accounts: granters.slice(0, 5).join(', ') });
  const isLast = locksOut(states, after);
  return check('last-granter', isLast ? 'fail' : 'pass', measured, usersSql, isLast ? 'accounts.remedy.last-granter' : null);
}

/** A role that is dropped is held by nobody any more. */
function withoutRole(states: readonly AccountState[], role: string | null): readonly AccountState[] {
  return role === null ? states : states.map((state) => ({ ...state, roles: state.roles.filter((held) => held.role !== role) }));
}

function passwordKept({ change, state }: ChangeFacts): Precondition | null {
  if (!needsPassword(change) && change.kind !== 'expire') return null;
  const plugin = state?.plugin ?? '';
  if (passwordPlugins.includes(plugin)) return null;
  return check('plugin', 'fail', message('accounts.measured.plugin', { plugin }), usersSql, 'accounts.remedy.plugin');
}

/** What is held on everything is taken on one database only where the server is set to. */
function restrictable({ change, state, effect, restricts }: ChangeFacts): Precondition | null {
  const wanted = partialRevokes(change, state, effect.after);
  if (wanted.length === 0) return null;
  const measured = message(`accounts.measured.partial-${restricts ? 'on' : 'off'}`, { rights: wanted.join(', ') });
  return check('partial', restricts ? 'pass' : 'fail', measured, 'SELECT @@GLOBAL.partial_revokes', restricts ? null : 'accounts.remedy.partial');
}

/** Who gives or takes PROXY needs it with its own grant option; everybody may on itself. */
function mayGiveProxies({ change, states, login }: ChangeFacts): Precondition | null {
  if (change.kind !== 'rights') return null;
  const wanted = [...change.giveProxies, ...change.takeProxies].map(quotedName);
  if (wanted.length === 0) return null;
  const denied = deniedProxies(states, login, wanted);
  const sql = 'SELECT * FROM mysql.proxies_priv';
  if (denied.length === 0) return check('proxy', 'pass', message('accounts.measured.proxy', { accounts: wanted.join(', ') }), sql);
  return check('proxy', 'fail', message('accounts.measured.proxy-denied', { login, accounts: denied.join(', ') }), sql, 'accounts.remedy.proxy');
}

/** Servers from 5.7 on take the grant option of a PROXY that is given again without it; it is told, as no other GRANT takes anything. */
function lowersProxies({ change, state, effect: { after, kept } }: ChangeFacts): Precondition | null {
  if (change.kind !== 'rights') return null;
  const less = new Set((after?.proxies ?? []).filter(({ grantOption }) => !grantOption).map(({ as }) => as));
  const lowered = (state?.proxies ?? []).filter(({ as, grantOption }) => grantOption && less.has(as) && !kept.includes(keptProxy(as))).map(({ as }) => as);
  if (lowered.length === 0) return null;
  const measured = message('accounts.measured.proxy-option', { accounts: lowered.join(', ') });
  return check('proxy-option', 'warn', measured, 'SELECT * FROM mysql.proxies_priv', 'accounts.remedy.proxy-option');
}

const takesAway: readonly AccountChange['kind'][] = ['drop', 'lock', 'rename', 'password', 'discard-old', 'expire', 'tls', 'limits'];

function sessions(facts: ChangeFacts): Precondition | null {
  const { change, sessions: count } = facts;
  if (!takesAway.includes(change.kind) && !(change.kind === 'rights' && loses(facts).length > 0)) return null;
  const sql = 'SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = ?';
  if (count === 0) return check('sessions', 'pass', message('accounts.measured.sessions', { count }), sql);
  const remedy = change.kind === 'rights' ? 'accounts.remedy.sessions-rights' : 'accounts.remedy.sessions';
  return check('sessions', 'warn', message('accounts.measured.sessions', { count }), sql, remedy);
}

/** Before 8.0.16 a server cannot give the one without the other, nor take it back alone. Seen on 8.0.15. */
function spillsOption({ change, state, spillsOptions, effect: { after } }: ChangeFacts): Precondition | null {
  if (!spillsOptions || change.kind !== 'rights') return null;
  const [before, wanted] = [state?.rights ?? [], after?.rights ?? []].map((rights) => new Set(rights.map(rightText)));
  const isNew = (after?.rights ?? []).some((right) => right.kind === 'handed-on' && before?.has(rightText(right)) === false);
  if (!isNew || before?.has(allOptionText) === true || wanted?.has(allOptionText) === true) return null;
  return check('option-spills', 'warn', message('accounts.measured.option-spills'), 'SELECT Grant_priv FROM mysql.user', 'accounts.remedy.option-spills');
}

const allOptionText = 'GRANT OPTION ON *.*';

/** A role that goes is gone from everybody who holds it. */
function holders({ change, state, states }: ChangeFacts): Precondition | null {
  if (change.kind !== 'drop' || state === undefined) return null;
  const held = holdersOf(states, quotedName(state)).map(accountName);
  if (held.length === 0) return null;
  const measured = message('accounts.measured.holders', { count: held.length, accounts: held.slice(0, 5).join(', ') });
  return check('holders', 'warn', measured, 'SELECT * FROM mysql.role_edges', 'accounts.remedy.holders');
}

function definer({ definer: count }: ChangeFacts): Precondition | null {
  if (count === null) return null;
  const sql = 'SELECT COUNT(*) FROM information_schema.ROUTINES WHERE DEFINER = ?';
  return check('definer', count === 0 ? 'pass' : 'warn', message('accounts.measured.definer', { count }), sql, count === 0 ? null : 'accounts.remedy.definer');
}

function leftovers({ state, effect: { after, kept, gaps } }: ChangeFacts): readonly Precondition[] {
  const sql = 'SHOW GRANTS';
  return [
    ...(after !== null && leavesOption(state ?? null, after, kept)
      ? [check('spilled', 'fail', message('accounts.measured.spilled', { accounts: accountName(after) }), usersSql, 'accounts.remedy.spilled')] : []),
    ...(kept.length === 0 ? [] : [check('kept', 'warn', message('accounts.measured.kept', { rights: kept.join(', ') }), sql, 'accounts.remedy.kept')]),
    ...(gaps ? [check('gap', 'warn', message('accounts.measured.gap'), sql, 'accounts.remedy.gap')] : []),
  ];
}
