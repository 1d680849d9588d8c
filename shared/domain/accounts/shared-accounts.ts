import { accountDifferences, accountName, administratorsOf, type AccountDifference, type AccountRight, type AccountState } from './state';

/** What happens to ordinary accounts that both servers have and that differ. */
export const accountChoices = ['take-source', 'keep-standby'] as const;
export type AccountChoice = (typeof accountChoices)[number];

/** Where nothing was chosen: after a promotion the applications log in as they do today. */
export const defaultAccountChoice: AccountChoice = 'take-source';

/** The privileges that each of two servers knows, in upper case, as SHOW PRIVILEGES tells. */
export interface KnownPrivileges {
  readonly source: ReadonlySet<string>;
  readonly standby: ReadonlySet<string>;
}

/**
 * What took the place of a privilege that was removed; an upgrade of the server gives all of them to who held it.
 * https://dev.mysql.com/doc/refman/8.4/en/privileges-provided.html, "SET_USER_ID … removed"
 */
const heirs: Readonly<Record<string, readonly string[]>> = { SET_USER_ID: ['SET_ANY_DEFINER', 'ALLOW_NONEXISTENT_DEFINER'] };

/** Without the column that it is on. */
const nameOf = ({ privilege }: AccountRight): string => privilege.replace(/ \(.*$/s, '');

/** What of an account's rights reaches the standby: as it is, under another name, or not at all. */
export interface ArrivingRights {
  readonly rights: readonly AccountRight[];
  /** Names of privileges that arrive under other names. */
  readonly translated: readonly string[];
  /** Names of privileges that the standby does not know. */
  readonly unknown: readonly string[];
}

export function arrivingRights(rights: readonly AccountRight[], standby: ReadonlySet<string>): ArrivingRights {
  const [translated, unknown] = [new Set<string>(), new Set<string>()];
  const arriving = rights.flatMap((right): readonly AccountRight[] => {
    const name = nameOf(right);
    if (standby.has(name)) return [right];
    const into = heirs[name]?.filter((heir) => standby.has(heir)) ?? [];
    (into.length > 0 ? translated : unknown).add(name);
    return into.map((privilege) => ({ ...right, privilege }));
  });
  const once = new Map(arriving.map((right) => [JSON.stringify(right), right]));
  return { rights: [...once.values()], translated: [...translated], unknown: [...unknown] };
}

/**
 * An account of both servers with the rights that can be compared: those of the source as they would arrive, and those of the standby that
 * the source knows too. What only the standby's series knows stays there.
 */
function comparablePair(standby: AccountState, source: AccountState, known: KnownPrivileges): Pick<SharedAccount, 'standby' | 'source'> {
  const comparable = new Set([...known.source].flatMap((name) => [name, ...(heirs[name] ?? [])]));
  return {
    standby: { ...standby, rights: standby.rights.filter((right) => comparable.has(nameOf(right))) },
    source: { ...source, rights: arrivingRights(source.rights, known.standby).rights },
  };
}

/** An account of both servers that is not the same on both. */
export interface SharedAccount {
  readonly standby: AccountState;
  readonly source: AccountState;
  readonly differences: readonly AccountDifference[];
  /**
   * `taken`: it becomes what it is on the source. Kept as it is on the standby: `chosen`, by the user's choice; `administrator`, because it
   * administers the standby; `own-login`, because we are logged in with it, or a login of its name could catch ours.
   */
  readonly fate: 'taken' | 'chosen' | 'administrator' | 'own-login';
}

/** The servers' own accounts. */
const reserved: readonly string[] = ['mysql.sys', 'mysql.session', 'mysql.infoschema', 'mariadb.sys'];

/** True for the accounts that a server makes for itself. */
export function isReservedAccount(user: string): boolean {
  return reserved.includes(user);
}

export interface SharingRules {
  readonly choice: AccountChoice;
  /** `user@host` as which we are logged in on the standby. */
  readonly ownLogin: string;
  readonly known: KnownPrivileges;
}

/** The accounts that both servers have and that differ, and what a copy does with each. */
export function sharedAccounts(standby: readonly AccountState[], source: readonly AccountState[], rules: SharingRules): readonly SharedAccount[] {
  const { choice, ownLogin, known } = rules;
  const there = new Map(source.map((state) => [accountName(state), state]));
  const administrators = administratorsOf(standby);
  const ownUser = ownLogin.slice(0, ownLogin.lastIndexOf('@'));
  const fateOf = (state: AccountState): SharedAccount['fate'] => {
    if (state.user === ownUser || state.user === '') return 'own-login';
    if (administrators.has(accountName(state))) return 'administrator';
    return choice === 'keep-standby' ? 'chosen' : 'taken';
  };
  return standby.flatMap((state): readonly SharedAccount[] => {
    const other = there.get(accountName(state));
    if (other === undefined || isReservedAccount(state.user)) return [];
    const pair = comparablePair(state, other, known);
    const differences = accountDifferences(pair.standby, pair.source);
    return differences.length === 0 ? [] : [{ ...pair, differences, fate: fateOf(state) }];
  });
}
