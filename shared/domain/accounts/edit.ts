import { isReservedAccount } from './shared-accounts';
import { accountName, quotedName, rightText, type AccountRight, type AccountState, type HeldRole } from './state';

/** What is given to an account and taken from it, all at once. */
export interface RightsEdit {
  readonly give: readonly AccountRight[];
  readonly take: readonly AccountRight[];
  readonly giveRoles: readonly HeldRole[];
  /** `'user'@'host'` of each. */
  readonly takeRoles: readonly string[];
  /** Likewise; null: those that it has and keeps. */
  readonly defaultRoles: readonly string[] | null;
}

/**
 * The account as it is to be. Who hands a dynamic privilege on holds it; who loses it hands it on no more; only roles that are held are there
 * by default. What is given wins over what is taken.
 */
export function edited(state: AccountState, { give, take, giveRoles, takeRoles, defaultRoles }: RightsEdit): AccountState {
  const implied = give.filter(({ kind }) => kind === 'handed-on').map((right): AccountRight => ({ ...right, kind: 'dynamic' }));
  const given = new Map([...give, ...implied].map((right) => [rightText(right), right]));
  const lost = take.filter(({ kind }) => kind === 'dynamic').map((right): AccountRight => ({ ...right, kind: 'handed-on' }));
  const taken = new Set([...take, ...lost].map(rightText));
  const held = new Map(state.rights.filter((right) => !taken.has(rightText(right))).map((right) => [rightText(right), right]));
  const roles = new Map(state.roles.filter(({ role }) => !takeRoles.includes(role)).map((one) => [one.role, one]));
  for (const one of giveRoles) roles.set(one.role, one);
  return {
    ...state,
    rights: [...new Map([...held, ...given]).values()],
    roles: [...roles.values()],
    defaultRoles: (defaultRoles ?? state.defaultRoles).filter((role) => roles.has(role)),
  };
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

/** All accounts of a server with one of them changed, new (`name` null) or gone (`after` null). */
export function withAccount(states: readonly AccountState[], name: string | null, after: AccountState | null): readonly AccountState[] {
  const others = states.filter((state) => accountName(state) !== name);
  return after === null ? others : [...others, after];
}
