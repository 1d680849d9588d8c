import { message } from '../../../i18n/message';
import { deniedProxies, grantersOf, locksOut } from '../../accounts/edit';
import { leavesOption } from '../../accounts/grant-changes';
import { accountName, quotedName, rightText, type AccountRight } from '../../accounts/state';
import type { Precondition } from '../../tasks/plan';
import { afterCarrying, readDifferently, type CarriedAccount, type CarrySides } from './carry';
import type { OwnUse } from './change';
import { check, usersSql } from './preconditions';

/** What was read for carrying accounts over. */
export interface CarryFacts extends CarrySides {
  readonly carried: readonly CarriedAccount[];
  /** `user@host` as which this program is logged in there. */
  readonly login: string;
  /** What this program uses an account of the server for. */
  readonly ownUse: (account: { readonly user: string; readonly host: string }) => OwnUse | null;
  /** Ways to log in that the server has. */
  readonly plugins: ReadonlySet<string>;
  /** The server is of an older series than the one that they are carried from. */
  readonly isOlder: boolean;
  /** partial_revokes is on: on the server that they are carried from, and there. */
  readonly restricts: { readonly from: boolean; readonly to: boolean };
}

/** What stands in the way of carrying accounts over, and what does not arrive. */
export function carryPreconditions(facts: CarryFacts): readonly Precondition[] {
  if (facts.carried.length === 0) return [check('unchanged', 'fail', message('accounts.measured.unchanged'), usersSql)];
  const guards = [
    older(facts), ownAccounts(facts), plugins(facts), roles(facts), partial(facts), proxies(facts), able(facts), spilled(facts), granters(facts),
  ];
  return [...guards.filter((one) => one !== null), ...told(facts)];
}

const nameOf = ({ there }: CarriedAccount): string => accountName(there);

function older({ isOlder }: CarryFacts): Precondition | null {
  return isOlder ? check('series', 'fail', message('accounts.measured.series'), 'SELECT VERSION()', 'accounts.remedy.series') : null;
}

/** The account that we are logged in with, one that could catch our login, and those of our links. */
function ownAccounts({ carried, login, ownUse }: CarryFacts): Precondition | null {
  const user = login.slice(0, login.lastIndexOf('@'));
  const mine = carried.filter(({ there }) => there.user === user || there.user === '' || ownUse(there) !== null).map(nameOf);
  const sql = 'SELECT CURRENT_USER()';
  if (mine.length === 0) return null;
  return check('own', 'fail', message('accounts.measured.own-carried', { accounts: mine.join(', ') }), sql, 'accounts.remedy.own-carried');
}

function plugins({ carried, plugins: known }: CarryFacts): Precondition | null {
  const foreign = carried.filter(({ here, there }) => here?.plugin !== there.plugin && !known.has(there.plugin));
  const missing = foreign.map((one) => `${nameOf(one)}: ${one.there.plugin}`);
  if (missing.length === 0) return null;
  return check('plugin', 'fail', message('accounts.measured.plugin-absent', { accounts: missing.join(', ') }), 'SHOW PLUGINS', 'accounts.remedy.plugin-absent');
}

/** A role is given only where it is there by then. */
function roles({ carried, to }: CarryFacts): Precondition | null {
  const there = new Set([...to, ...carried.map((one) => one.there)].map(quotedName));
  const missing = [...new Set(carried.flatMap((one) => one.there.roles.map(({ role }) => role)))].filter((role) => !there.has(role));
  if (missing.length === 0) return null;
  return check('roles', 'fail', message('accounts.measured.roles', { roles: missing.join(', ') }), usersSql, 'accounts.remedy.roles');
}

function partial({ carried, restricts: { to } }: CarryFacts): Precondition | null {
  if (to) return null;
  const wanted = carried.flatMap((one) => one.there.rights.filter(({ kind }) => kind === 'restricted').map((right) => `${nameOf(one)}: ${rightText(right)}`));
  if (wanted.length === 0) return null;
  const measured = message('accounts.measured.partial-off', { rights: wanted.join(', ') });
  return check('partial', 'fail', measured, 'SELECT @@GLOBAL.partial_revokes', 'accounts.remedy.partial');
}

function proxies({ carried, to, login }: CarryFacts): Precondition | null {
  const changed = carried.flatMap(({ here, there }) => {
    const texts = (state: typeof there | null): readonly string[] => (state?.proxies ?? []).map((proxy) => JSON.stringify(proxy));
    const all = [...there.proxies, ...(here?.proxies ?? [])];
    return all.filter((one) => texts(here).includes(JSON.stringify(one)) !== texts(there).includes(JSON.stringify(one)));
  });
  const denied = deniedProxies(to, login, [...new Set(changed.map(({ as }) => as))]);
  if (denied.length === 0) return null;
  const measured = message('accounts.measured.proxy-denied', { login, accounts: denied.join(', ') });
  return check('proxy', 'fail', measured, 'SELECT * FROM mysql.proxies_priv', 'accounts.remedy.proxy');
}

/**
 * Definitions come before rights: what our login may not give has to be known before the first password is changed. Rights that it holds on one database
 * alone are not looked for: whoever carries accounts over holds them on everything.
 */
function able({ carried, to, login }: CarryFacts): Precondition | null {
  const account = to.find((state) => accountName(state) === login);
  // What it holds by roles, or as somebody else, is not seen here.
  if (account === undefined || account.roles.length > 0) return null;
  const own = account.rights;
  const holds = (kind: AccountRight['kind'], privilege: string): boolean =>
    own.some((right) => right.kind === kind && right.privilege === privilege && (kind === 'handed-on' || right.level === '*.*'));
  const rights = carried.flatMap(({ here, there }) => [...(here?.rights ?? []), ...there.rights]);
  const wanted = rights.flatMap(({ kind, privilege }): readonly string[] => {
    const bare = privilege.replace(/ \(.*$/, '');
    if (kind === 'static' || kind === 'restricted') return holds('static', bare) ? [] : [bare];
    return holds('handed-on', privilege) || holds('static', 'SUPER') ? [] : [`${privilege} WITH GRANT OPTION`];
  });
  const option = rights.some(({ kind }) => kind === 'static') && !holds('static', 'GRANT OPTION') ? ['GRANT OPTION'] : [];
  const missing = [...new Set([...wanted, ...option])].sort();
  if (missing.length === 0) return null;
  const shown = missing.length > 10 ? [...missing.slice(0, 10), '…'] : missing;
  return check('able', 'fail', message('accounts.measured.able', { login, rights: shown.join(', ') }), 'SHOW GRANTS', 'accounts.remedy.able');
}

/** PROXY that is handed on brings GRANT OPTION on everything along, which goes again only with the options of dynamic privileges. */
function spilled({ carried }: CarryFacts): Precondition | null {
  const left = carried.filter(({ here, there, kept }) => leavesOption(here, there, kept)).map(nameOf);
  if (left.length === 0) return null;
  return check('spilled', 'fail', message('accounts.measured.spilled', { accounts: left.join(', ') }), usersSql, 'accounts.remedy.spilled');
}

function granters({ to, carried }: CarryFacts): Precondition {
  const after = afterCarrying(to, carried);
  const left = grantersOf(after);
  const measured = message('accounts.measured.granters', { count: left.length, accounts: left.slice(0, 5).join(', ') });
  const isLast = locksOut(to, after);
  return check('last-granter', isLast ? 'fail' : 'pass', measured, usersSql, isLast ? 'accounts.remedy.last-granter' : null);
}

function told({ carried, restricts }: CarryFacts): readonly Precondition[] {
  const listed = (part: 'kept' | 'left'): string => {
    return carried.filter((one) => one[part].length > 0).map((one) => `${nameOf(one)}: ${one[part].join(', ')}`).join('; ');
  };
  const [kept, left, patterns] = [listed('kept'), listed('left'), restricts.from === restricts.to ? [] : readDifferently(carried)];
  const sql = 'SHOW GRANTS';
  return [
    ...(kept === '' ? [] : [check('kept', 'warn', message('accounts.measured.kept', { rights: kept }), sql, 'accounts.remedy.kept')]),
    ...(left === '' ? [] : [check('left', 'warn', message('accounts.measured.left', { rights: left }), sql, 'accounts.remedy.left')]),
    ...patterns.slice(0, 1).map(() => {
      return check('patterns', 'warn', message('accounts.measured.patterns', { names: patterns.join(', ') }), sql, 'accounts.remedy.patterns');
    }),
  ];
}
