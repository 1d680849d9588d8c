import type { LeftOutRecord } from '../../replication/left-out';
import type { Scope } from '../../../shared/domain/scope/scope';

/** A link that is watched. */
export interface GuardedLink {
  readonly standbyId: string;
  readonly sourceId: string;
  readonly name: string;
  readonly scope: Scope;
  readonly leftOut: LeftOutRecord;
  /** While its scope is being changed the filters of either are right, and the run sees to the rest. */
  readonly changingTo: Scope | null;
  /** Filters that are gone are set again at once, as the user wants it of this task. */
  readonly restores: boolean;
  /** The user stopped its replication: filters come back, the threads do not. */
  readonly held: boolean;
}
