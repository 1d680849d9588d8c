import type { ScheduledEvent } from '../../../shared/domain/promotion/events';
import type { Scope } from '../../../shared/domain/scope/scope';
import type { ServerVersion } from '../../../shared/domain/fleet/version';
import type { Around } from './surroundings';
import type { Fates } from './other-replicas';
import type { Account } from '../../mysql/dialect/accounts';
import type { Statement } from '../../mysql/types';
import type { LinkShape } from '../../replication/link-settings';

/** What a plan read of a pair, as far as it decides which statements the steps will run. */
export interface Particulars {
  /** Versions of the servers as they were read for this plan, by instance. */
  readonly versions: ReadonlyMap<string, ServerVersion>;
  readonly fates: Fates;
  readonly scope: Scope;
  /** The link of the standby; the way back is made like it. null: there is none, or it was not read. */
  readonly shape: LinkShape | null;
  /** The channel on the source that the trial of the way back borrows. */
  readonly trialChannel: string;
  /** Who the way back logs in as; null: an account is made. */
  readonly login: string | null;
  /** Keeps the password of that account from running out; none where it does not. */
  readonly lastingLogin: readonly Statement[];
  /** The hosts of an account that is made for the way back. */
  readonly loginHosts: readonly string[];
  /** The accounts of the old link, which go with it. */
  readonly retiring: readonly Account[];
  /** The account of the way back has to be made on the standby by hand: replication does not bring it. */
  readonly plantsLogin: boolean;
  /** Statements that make our own schema on the server that is written to first; none: it is there. */
  readonly ownSchema: readonly string[];
  /** What was found around the pair. */
  readonly around: Around;
  /** Events of the new primary that get another state. */
  readonly events: readonly ScheduledEvent[];
  readonly scheduler: { readonly source: string | null; readonly standby: string | null };
}
