import type { AccountChoice } from '../accounts/shared-accounts';
import type { ScopePart } from '../scope/change';
import type { Scope } from '../scope/scope';
import type { SeedChoice } from '../sync/sync';
import type { CheckId } from '.';

/** What is checked: two servers, and what a sync task would do with them. */
export interface CheckRequest {
  readonly sourceId: string;
  readonly standbyId: string;
  readonly scope: Scope;
  readonly seed: SeedChoice;
  readonly eraseTarget: boolean;
  /** Absent: ordinary accounts become what they are on the source. */
  readonly accounts?: AccountChoice | undefined;
  /** Dropped on the standby before the scope is as it says; absent: nothing is. */
  readonly dropped?: readonly ScopePart[] | undefined;
  /** Only these checks; absent: all. */
  readonly only?: readonly CheckId[];
}
