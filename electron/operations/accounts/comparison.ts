import { isReservedAccount, sharedAccounts } from '../../../shared/domain/accounts/shared-accounts';
import { accountName, type AccountState } from '../../../shared/domain/accounts/state';
import type { AccountComparison, ComparedAccount } from '../../../shared/domain/operations/accounts/change';
import type { FleetServers } from '../../fleet/types';
import { digestKey, readAccountStates, readKnownPrivileges } from '../../mysql/accounts/states';

interface OneSide {
  readonly states: readonly AccountState[];
  readonly known: ReadonlySet<string>;
}

/**
 * The accounts of two servers, side by side: which only one has, and in what those of both differ. What one of the two series does not know is
 * not compared. Passwords are compared by digests under a key of this one comparison.
 */
export async function compareAccounts(fleet: FleetServers, leftId: string, rightId: string, signal?: AbortSignal): Promise<AccountComparison> {
  const key = digestKey();
  const read = (id: string): Promise<OneSide> => fleet.withSession(id, async (session) => {
    const states = (await readAccountStates(session, key)).filter(({ user }) => !isReservedAccount(user));
    return { states, known: await readKnownPrivileges(session) };
  }, signal === undefined ? {} : { signal });
  const [left, right] = await Promise.all([read(leftId), read(rightId)]);
  const accounts = comparedAccounts(left, right);
  const both = left.states.filter((state) => right.states.some((other) => accountName(other) === accountName(state))).length;
  return {
    left: fleet.instance(leftId).name, right: fleet.instance(rightId).name,
    equal: both - accounts.filter(({ side }) => side === 'different').length, accounts,
  };
}

function comparedAccounts(left: OneSide, right: OneSide): readonly ComparedAccount[] {
  const only = (mine: OneSide, other: OneSide, side: 'left-only' | 'right-only'): readonly ComparedAccount[] => {
    const names = new Set(other.states.map(accountName));
    return mine.states.filter((state) => !names.has(accountName(state))).map(({ user, host }) => ({ user, host, side, differences: [] }));
  };
  const rules = { choice: 'take-source', ownLogin: '', known: { standby: left.known, source: right.known } } as const;
  const different = sharedAccounts(left.states, right.states, rules).map(({ standby: { user, host }, differences }): ComparedAccount => ({
    user, host, side: 'different', differences: differences.map((one) => ({ aspect: one.aspect, left: one.standby, right: one.source })),
  }));
  return [...only(left, right, 'left-only'), ...only(right, left, 'right-only'), ...different].sort((a, b) => (accountName(a) < accountName(b) ? -1 : 1));
}
