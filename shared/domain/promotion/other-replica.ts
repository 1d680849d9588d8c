// What becomes of another replica of the old primary, decided over what was read of it and of the new primary.
import type { GtidSet } from '../gtid/set';

/** Which threads of a link are to run. */
export interface Threads {
  readonly receiver: boolean;
  readonly applier: boolean;
}

/** The threads of a link as they were found. */
export interface ThreadsReading {
  readonly receiver: 'running' | 'connecting' | 'stopped';
  readonly receiverFailed: boolean;
  readonly applierRuns: boolean;
  readonly applierFailed: boolean;
}

/** The threads that somebody wants to run: those that do, and those that stopped by themselves. One that was stopped by hand stays so. */
export function wantedThreads({ receiver, receiverFailed, applierRuns, applierFailed }: ThreadsReading): Threads {
  return { receiver: receiver !== 'stopped' || receiverFailed, applier: applierRuns || applierFailed };
}

/** The sets that decide. */
export interface ReplicaSets {
  /** What the replica has executed, and what it holds, received or executed. */
  readonly executed: GtidSet;
  readonly held: GtidSet;
  readonly primaryExecuted: GtidSet;
  readonly primaryPurged: GtidSet;
}

export type ReplicaVerdict =
  | { readonly kind: 'follows' }
  /** It holds what the new primary lacks. */
  | { readonly kind: 'ahead'; readonly set: GtidSet }
  /** It needs what the new primary has thrown away. */
  | { readonly kind: 'gap'; readonly set: GtidSet };

/**
 * Whether a replica can follow the new primary. Its relay logs go when it is pointed there: what it has received and not applied has to come
 * once more, so that only what it has executed counts against what was purged.
 */
export function verdictOnReplica({ executed, held, primaryExecuted, primaryPurged }: ReplicaSets): ReplicaVerdict {
  const ahead = held.union(executed).subtract(primaryExecuted);
  if (!ahead.isEmpty()) return { kind: 'ahead', set: ahead };
  const gap = primaryPurged.subtract(executed);
  return gap.isEmpty() ? { kind: 'follows' } : { kind: 'gap', set: gap };
}
