// What became of a swap of names, and which of the two is the copy by now.
import type { GtidSet } from '../../gtid/set';
import type { NewName } from './names';
import type { RollbackRecord } from './record';

/** What a server tells of the statement of a swap, once nobody runs it any more. */
interface SwapEvidence {
  /** gtid_executed before the statement was sent, and now. */
  readonly before: GtidSet;
  readonly now: GtidSet;
  /** Whether what came since was logged as that statement; null: a part of that log is gone. */
  readonly isLogged: boolean | null;
}

/**
 * Whether the names were swapped, where the server's renames and its log are of one mind: from 8.0 on, with GTIDs and a log that filters nothing.
 * `unclear`: the log was begun anew, or is purged. Manual: "Atomic Data Definition Statement Support".
 */
export function swapVerdict({ before, now, isLogged }: SwapEvidence): 'swapped' | 'not-swapped' | 'unclear' {
  if (isLogged === true) return 'swapped';
  return isLogged === null || !before.isSubsetOf(now) ? 'unclear' : 'not-swapped';
}

const isSamePair = (one: NewName, other: NewName): boolean =>
  one.database === other.database && one.table === other.table && one.newDatabase === other.newDatabase && one.newTable === other.newTable;

/** A table and its copy, by the swaps since it was made. */
export interface PairStanding {
  /** `swapped`: each has the other's name; `unclear`: of one swap nobody knows, or it is not at its end. */
  readonly names: 'as-made' | 'swapped' | 'unclear';
  /** What stands under the name of the copy has not been written to by applications since, milliseconds since the epoch. */
  readonly since: number;
}

/** Which of the two holds the past; `made`: the rollback that made the copy. */
export function pairStanding(records: readonly RollbackRecord[], made: RollbackRecord, pair: NewName): PairStanding {
  const swaps = records
    .filter(({ way, instanceId, at, names }) => way === 'swap' && instanceId === made.instanceId && at >= made.at && names.some((one) => isSamePair(one, pair)))
    .sort((a, b) => a.at - b.at);
  const outcomes = swaps.map(({ end }) => end?.steps.find(({ id }) => id === 'swap')?.state ?? (end === null ? 'running' : 'pending'));
  const held = swaps.filter((_swap, index) => outcomes[index] === 'done');
  const since = held.at(-1)?.end?.at ?? made.moment?.at ?? made.at;
  // Undone or never begun: nothing of it is there.
  const isUnclear = outcomes.some((state) => !['done', 'undone', 'pending'].includes(state));
  return { names: isUnclear ? 'unclear' : held.length % 2 === 1 ? 'swapped' : 'as-made', since };
}
