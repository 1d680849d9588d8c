import { isReservedAccount } from './shared-accounts';
import { hasLevel } from './right';
import { accountName, quotedName, rightText, type AccountRight, type AccountState, type HeldProxy, type HeldRole } from './state';

/** What is given to an account and taken from it, all at once. */
export interface RightsEdit {
  readonly give: readonly AccountRight[];
  readonly take: readonly AccountRight[];
  readonly giveRoles: readonly HeldRole[];
  /** `'user'@'host'` of each. */
  readonly takeRoles: readonly string[];
  /** Likewise; null: those that it has and keeps. */
  readonly defaultRoles: readonly string[] | null;
  readonly giveProxies: readonly HeldProxy[];
  /** `'user'@'host'` of each. */
  readonly takeProxies: readonly string[];
}

/**
 * The account as it is to be. Who hands a dynamic privilege on holds it; who loses it hands it on no more; only roles that are held are there
 * by default. What is given wins over what is taken. What is held on everything and taken on one database is a partial revoke there, and what is
 * given where a partial revoke took it ends that. Manual: "Privilege Restriction Using Partial Revokes".
 */
export function edited(state: AccountState, edit: RightsEdit): AccountState {
  const { giveRoles, takeRoles, defaultRoles, giveProxies, takeProxies } = edit;
  const { give, take } = besideRestrictions(state, edit);
  const implied = give.filter(({ kind }) => kind === 'handed-on').map((right): AccountRight => ({ ...right, kind: 'dynamic' }));
  const given = new Map([...give, ...implied].map((right) => [rightText(right), right]));
  const lost = take.filter(({ kind }) => kind === 'dynamic').map((right): AccountRight => ({ ...right, kind: 'handed-on' }));
  const taken = new Set([...take, ...lost].map(rightText));
  const held = new Map(state.rights.filter((right) => !taken.has(rightText(right))).map((right) => [rightText(right), right]));
  const roles = new Map(state.roles.filter(({ role }) => !takeRoles.includes(role)).map((one) => [one.role, one]));
  for (const one of giveRoles) roles.set(one.role, one);
  const proxies = new Map(state.proxies.filter(({ as }) => !takeProxies.includes(as)).map((one) => [one.as, one]));
  for (const one of giveProxies) proxies.set(one.as, one);
  return {
    ...state,
    rights: withoutIdleRestrictions([...new Map([...held, ...given]).values()]),
    roles: [...roles.values()],
    proxies: [...proxies.values()],
    defaultRoles: (defaultRoles ?? state.defaultRoles).filter((role) => roles.has(role)),
  };
}

/** What is taken there is held there by a right on everything alone: to take it is a partial revoke. */
export function restrictionsIn({ rights }: Pick<AccountState, 'rights'>, take: readonly AccountRight[]): readonly AccountRight[] {
  const held = new Set(rights.map(rightText));
  return take.flatMap((right): readonly AccountRight[] => {
    const onAll = held.has(rightText({ ...right, level: '*.*' }));
    return right.kind === 'static' && hasLevel(right, 'database') && onAll && !held.has(rightText(right)) ? [{ ...right, kind: 'restricted' }] : [];
  });
}

/** The same edit in the words of the tables of grants, where a partial revoke is something that is held. */
function besideRestrictions(state: AccountState, { give, take }: RightsEdit): Pick<RightsEdit, 'give' | 'take'> {
  const held = new Set(state.rights.map(rightText));
  const restricted = (right: AccountRight): AccountRight => ({ ...right, kind: 'restricted' });
  const ends = give.filter((right) => right.kind === 'static' && held.has(rightText(restricted(right))));
  const given = new Set(give.map(rightText));
  const begins = restrictionsIn({ rights: [...state.rights, ...give] }, take.filter((right) => !given.has(rightText(right))));
  return { give: [...give.filter((right) => !ends.includes(right)), ...begins], take: [...take, ...ends.map(restricted)] };
}

/** A partial revoke goes with the right on everything that it takes from. */
function withoutIdleRestrictions(rights: readonly AccountRight[]): readonly AccountRight[] {
  const onAll = new Set(rights.filter(({ kind, level }) => kind === 'static' && level === '*.*').map(({ privilege }) => privilege));
  return rights.filter(({ kind, privilege }) => kind !== 'restricted' || onAll.has(privilege));
}

/** `user@host` of who can log in, make accounts and hand on what it has on everything: somebody must be left who can. */
export function grantersOf(states: readonly AccountState[]): readonly string[] {
  const byName = new Map(states.map((state) => [quotedName(state), state]));
  const holds = (state: AccountState, privilege: string, seen: ReadonlySet<string>): boolean => {
    if (state.rights.some((right) => right.kind === 'static' && right.level === '*.*' && right.privilege === privilege)) return true;
    return state.roles.some(({ role }) => {
      const next = byName.get(role);
      return next !== undefined && !seen.has(role) && holds(next, privilege, new Set([...seen, role]));
    });
  };
  const can = (state: AccountState): boolean => ['CREATE USER', 'GRANT OPTION'].every((privilege) => holds(state, privilege, new Set()));
  return states.filter((state) => state.locked !== true && !isReservedAccount(state.user) && can(state)).map(accountName);
}

/** Whether a server on which somebody could make accounts and give them everything would have nobody left who can. */
export function locksOut(before: readonly AccountState[], after: readonly AccountState[]): boolean {
  return grantersOf(before).length > 0 && grantersOf(after).length === 0;
}

/** As whom of these a login cannot let others act: that takes PROXY of its own on them, or on everybody, with its grant option. */
export function deniedProxies(states: readonly AccountState[], login: string, wanted: readonly string[]): readonly string[] {
  const me = states.find((state) => accountName(state) === login);
  const mine = new Set((me?.proxies ?? []).filter(({ grantOption }) => grantOption).map(({ as }) => as));
  if (me !== undefined) mine.add(quotedName(me));
  return mine.has("''@''") ? [] : wanted.filter((as) => !mine.has(as));
}

/** All accounts of a server with one of them changed, new (`name` null) or gone (`after` null). */
export function withAccount(states: readonly AccountState[], name: string | null, after: AccountState | null): readonly AccountState[] {
  const others = states.filter((state) => accountName(state) !== name);
  return after === null ? others : [...others, after];
}
