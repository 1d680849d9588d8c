import type { InstanceFacts, ReplicaChannel } from '../fleet/facts';
import { parseServerVersion } from '../fleet/version';
import type { Precondition } from '../tasks/plan';
import { canEndDelay } from './applier-wait';
import type { Cure } from './cure';

/** The link of a standby as it was read; `instanceId`: null where nothing more of the standby was read. */
interface Link {
  readonly instanceId: string | null;
  readonly standby: InstanceFacts;
  readonly channel: ReplicaChannel | null;
}

/** A precondition with what the program can do about it. */
export const withCures = (one: Precondition, cures: readonly Cure[]): Precondition => (cures.length === 0 ? one : { ...one, cures });

/** Starts a thread of the only link; one that stopped with an error stops there again, and is no matter of a start. */
export function startOf({ instanceId, standby, channel }: Link, thread: 'receiver' | 'applier'): readonly Cure[] {
  const error = thread === 'receiver' ? channel?.receiverError : channel?.applierError;
  if (instanceId === null || standby.channels.length !== 1 || channel?.[thread] !== 'stopped' || error !== null) return [];
  return [{ kind: 'start-thread', instanceId, thread }];
}

/** Ends the delay of the only link, where that loses nothing. */
export function endOfDelay({ instanceId, standby, channel }: Link): readonly Cure[] {
  const version = parseServerVersion(standby.server.version, standby.server.versionComment);
  if (instanceId === null || standby.channels.length !== 1 || channel === null || channel.delaySeconds === 0 || !canEndDelay(version)) return [];
  return [{ kind: 'end-delay', instanceId }];
}
