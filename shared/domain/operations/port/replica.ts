import type { ReplicaChannel } from '../../fleet/facts';

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

/**
 * Its relay logs go with the change: a replica that follows by file and position is sent again what it has not applied, from a file that its source must
 * still have. That file's name where the source has it no more; null: nothing is lost.
 */
export function lostLog({ autoPosition, relaySourceLogFile: file }: Pick<ReplicaChannel, 'autoPosition' | 'relaySourceLogFile'>,
  files: readonly string[]): string | null {
  return autoPosition || file === null || files.includes(file) ? null : file;
}
