// Accounts of two servers, side by side: those that a transaction was about which a standby passed over.
import { accountName, type AccountState } from '../../shared/domain/accounts/state';
import { sharedAccounts } from '../../shared/domain/accounts/shared-accounts';
import { failure } from '../../shared/errors/codes';
import { digestKey, readAccountStates, readKnownPrivileges } from '../mysql/accounts/states';
import type { Session } from '../mysql/types';
import { onSource, onStandby, standbyOf, type LinkContext } from '../replication/link-context';
import type { StepContext } from '../tasks/types';

interface OneSide {
  readonly states: readonly AccountState[];
  readonly known: ReadonlySet<string>;
}

/**
 * Compares accounts by what they log in with and what they may do, as the tables of grants of both servers say now; a name that neither has is equal.
 *
 * @param names `user@host`
 * @throws Failure `accounts-differ` naming each with what differs
 */
export async function refuseDifferentAccounts(link: LinkContext, step: StepContext, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const key = digestKey();
  const read = async (session: Session): Promise<OneSide> => ({ states: await readAccountStates(session, key), known: await readKnownPrivileges(session) });
  const [source, standby] = await Promise.all([onSource(link, step, read), onStandby(link, step, read)]);
  const differing = differingAccounts(source, standby, names);
  if (differing.length === 0) return;
  const { name } = standbyOf(link);
  throw failure('accounts-differ', { count: differing.length, accounts: differing.join('; ') }, { server: name });
}

/** `user@host` with what differs in field's words, of those among `names` that are not the same on both sides. */
function differingAccounts(source: OneSide, standby: OneSide, names: readonly string[]): readonly string[] {
  const has = ({ states }: OneSide, name: string): boolean => states.some((state) => accountName(state) === name);
  const rules = { choice: 'take-source', ownLogin: '', known: { source: source.known, standby: standby.known } } as const;
  const shared = new Map(sharedAccounts(standby.states, source.states, rules).map((one) => [accountName(one.standby), one]));
  return names.flatMap((name) => {
    const [there, here] = [has(source, name), has(standby, name)];
    if (there !== here) return [`${name} (${there ? 'source' : 'standby'} only)`];
    const differences = shared.get(name)?.differences ?? [];
    return differences.length === 0 ? [] : [`${name} (${differences.map(({ aspect }) => aspect).join(', ')})`];
  });
}
