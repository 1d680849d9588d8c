import type { Fleet } from '../../fleet/types';
import type { LinkContext } from '../../replication/link-context';
import type { CheckReport } from '../../../shared/domain/checks/check';
import type { CheckRequest } from '../../../shared/domain/checks/request';
import type { Seed, SyncSpec } from '../../../shared/domain/sync/sync';
import type { ObjectList } from '../../copy/rows/object-list';
import type { LeftOutRecord } from '../../replication/left-out';
import type { CopyContext } from '../../copy/job';

/** What a run of a sync task stands on. */
export interface SyncContext extends LinkContext, Pick<CopyContext, 'objects' | 'already'> {
  readonly fleet: Fleet;
  /** The speed limit of the first copy as it is now, MB per second; absent, or undefined from it: none. */
  readonly copyRateMb?: () => number | undefined;
}

/** What a run needs of the service around it. */
export interface RunDeps {
  readonly fleet: Fleet;
  readonly clock: () => number;
  readonly runChecks: (request: CheckRequest, signal?: AbortSignal) => Promise<CheckReport>;
  /** Called with what the run found out; kept with the sync task. */
  readonly checked: (syncId: string, report: CheckReport, seed: Seed) => void;
  /** The user goes on in spite of the warnings of these checks, separated by commas. */
  readonly accepted: (spec: SyncSpec, checkIds: string) => void;
  /** The lists of tables of the runs of this process, by sync task. */
  readonly objects: Map<string, ObjectList>;
  /** The speed limit of a sync task's first copy as it is now, MB per second: it changes while a run goes on. */
  readonly copyRateMb: (syncId: string) => number | undefined;
  /** What the first copy of a sync task left out. */
  readonly leftOut: (syncId: string) => LeftOutRecord;
  /** The link stands. */
  readonly linked: (syncId: string) => void;
}

/** What a run is built from, again after a crash as well; no secrets. */
export interface RunInput {
  readonly syncId: string;
  readonly spec: SyncSpec;
}
