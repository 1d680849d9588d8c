import type { ReplicaChannel } from '../../fleet/facts';
import { parseGtidSet } from '../../gtid/set';

/** What is to be proven of a replica whose source has a new port, and which of its threads are to run: those that ran before. */
interface WantedStanding {
  readonly port: number;
  readonly uuid: string;
  readonly receives: boolean;
  readonly applies: boolean;
}

/**
 * Where a replica stands. `unproven`: it does not receive, and did not before, so that nobody tells which server it would meet; `silent`: it does
 * not receive; `stands`: it does not apply.
 */
export type ReplicaStanding = 'right' | 'unproven' | 'gone' | 'elsewhere' | 'silent' | 'other-server' | 'stands';

/** Where a replica stands after the port of its source was changed; null: its channel is not there, or could not be read. */
export function replicaStanding(
  channel: Pick<ReplicaChannel, 'sourcePort' | 'sourceUuid' | 'receiver' | 'applier'> | null, { port, uuid, receives, applies }: WantedStanding,
): ReplicaStanding {
  if (channel === null) return 'gone';
  if (channel.sourcePort !== port) return 'elsewhere';
  if (channel.receiver !== 'running' || channel.sourceUuid === null) return receives ? 'silent' : 'unproven';
  if (channel.sourceUuid.toLowerCase() !== uuid.toLowerCase()) return 'other-server';
  return applies && channel.applier !== 'running' ? 'stands' : 'right';
}

/** Whether nothing is left to be done for it. */
export const isSettled = (standing: ReplicaStanding): boolean => standing === 'right' || standing === 'unproven';

/** What a replica would have to be sent again and is gone at its source: transactions, or the file of the log in which it stands. */
export type LostLog = { readonly kind: 'gtids'; readonly gtids: string } | { readonly kind: 'file'; readonly file: string };

/** What a source still has of its log: the names of its files, and gtid_purged. */
export interface KeptLog {
  readonly files: readonly string[];
  readonly purged: string;
}

/**
 * A replica's relay logs go with the change: it is sent again what it has not applied, which its source must still have. A delayed one may hold what
 * was purged there long ago. null: nothing is lost.
 *
 * @param executed gtid_executed of the replica
 */
export function lostLog(
  { autoPosition, relaySourceLogFile: file, received }: Pick<ReplicaChannel, 'autoPosition' | 'relaySourceLogFile' | 'received'>, executed: string,
  { files, purged }: KeptLog,
): LostLog | null {
  if (autoPosition) {
    const gone = parseGtidSet(received).subtract(parseGtidSet(executed)).intersect(parseGtidSet(purged));
    return gone.isEmpty() ? null : { kind: 'gtids', gtids: gone.shorten() };
  }
  return file === null || files.includes(file) ? null : { kind: 'file', file };
}
