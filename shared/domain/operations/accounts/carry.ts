import { grantStatements, mergedGrants } from '../../accounts/definition-text';
import { grantChanges } from '../../accounts/grant-changes';
import { hasLevel, partsOf } from '../../accounts/right';
import { arrivingRights, isReservedAccount, sharedAccounts } from '../../accounts/shared-accounts';
import { accountName, definitionAspects, rightText, roleText, type AccountAspect, type AccountState } from '../../accounts/state';

/** The accounts of the server that they are carried from and of the one that they are carried to. */
export interface CarrySides {
  readonly from: readonly AccountState[];
  readonly to: readonly AccountState[];
  /** Privileges that each of the two knows, in upper case. */
  readonly known: { readonly from: ReadonlySet<string>; readonly to: ReadonlySet<string> };
  /** What the series of the server that they are carried to can do. */
  readonly words: { readonly modern: boolean; readonly roles: boolean };
  /** {@link rightText} of rights on what is not there. */
  readonly absent: ReadonlySet<string>;
}

/** One account that is carried over, without the login and the rules that its definition says. */
export interface CarriedAccount {
  /** As it is there now; null: it is made. */
  readonly here: AccountState | null;
  readonly there: AccountState;
  /** In what it differs; of one that is made, nothing. */
  readonly aspects: readonly AccountAspect[];
  /** What gives and takes what it may do. */
  readonly grants: readonly string[];
  readonly undo: readonly string[];
  /** What stays although the other side has it not, because no statement takes it alone. */
  readonly kept: readonly string[];
  /** What does not arrive: the server does not know it, or what it is on is not there. */
  readonly left: readonly string[];
}

/** Those of the chosen accounts (`user@host`) that are missing or differ, as they are to be. Equal ones are left out. */
export function carriedAccounts(sides: CarrySides, chosen: ReadonlySet<string>): readonly CarriedAccount[] {
  const { from, to, known, words } = sides;
  const names = new Set(to.map(accountName));
  const mine = from.filter((state) => chosen.has(accountName(state)) && !isReservedAccount(state.user));
  const made = mine.filter((state) => !names.has(accountName(state))).map((state): CarriedAccount => {
    const { there, left } = arriving(sides, state, null);
    return { here: null, there, aspects: [], grants: grantStatements(there), undo: [], kept: [], left };
  });
  const shared = sharedAccounts(to, mine, { choice: 'take-source', ownLogin: '', known: { standby: known.to, source: known.from } });
  const changed = shared.flatMap(({ standby: here, source }): readonly CarriedAccount[] => {
    const { there, left } = arriving(sides, source, here);
    const { statements, kept } = grantChanges(here, there, false, !words.modern);
    const grants = mergedGrants(statements.map(({ sql }) => sql));
    const aspects = shared.find((one) => one.standby === here)?.differences.map(({ aspect }) => aspect) ?? [];
    if (grants.length + kept.length + left.length === 0 && !aspects.some((aspect) => definitionAspects.includes(aspect))) return [];
    const undo = mergedGrants(grantChanges(there, here, true, !words.modern).statements.map(({ sql }) => sql));
    return [{ here, there, aspects, grants, undo, kept, left }];
  });
  return [...made, ...changed].sort((a, b) => (accountName(a.there) < accountName(b.there) ? -1 : 1));
}

/** The account as it can be there, and what of it cannot. */
function arriving({ known, words, absent }: CarrySides, state: AccountState, here: AccountState | null): { there: AccountState; left: readonly string[] } {
  const { rights, unknown } = arrivingRights(state.rights, known.to);
  const held = new Set((here?.rights ?? []).map(rightText));
  const isAbsent = (text: string): boolean => absent.has(text) && !held.has(text);
  const left = [...unknown, ...rights.map(rightText).filter(isAbsent)];
  const there = { ...state, rights: rights.filter((right) => !isAbsent(rightText(right))) };
  if (words.roles) return { there, left };
  return { there: { ...there, roles: [], defaultRoles: [] }, left: [...left, ...state.roles.map(roleText)] };
}

/** All accounts of the server once these are there. */
export function afterCarrying(to: readonly AccountState[], carried: readonly CarriedAccount[]): readonly AccountState[] {
  const names = new Set(carried.map(({ there }) => accountName(there)));
  return [...to.filter((state) => !names.has(accountName(state))), ...carried.map(({ there }) => there)];
}

/** Databases of grants with characters that one server reads as a pattern and the other as a name. */
export function readDifferently(carried: readonly CarriedAccount[]): readonly string[] {
  const rights = carried.flatMap(({ there }) => there.rights).filter((right) => hasLevel(right, 'database'));
  const patterns = rights.flatMap((right) => {
    const on = partsOf(right)?.on;
    return on?.kind === 'database' && /[%_\\]/.test(on.pattern) ? [right.level] : [];
  });
  return [...new Set(patterns)];
}
