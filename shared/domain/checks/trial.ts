import type { InstanceFacts } from '../fleet/facts';
import { ownSchema } from '../scope/scope';

/**
 * The name under which the app lets a server try a login at another one, for the preflight checks and for the way back of a planned
 * switchover: the user lock held meanwhile, the channel that is borrowed for it where there are channels (before 5.7.6 it is the
 * only one), and the login that does not exist where none is given. What bears it is left over and ours to clear.
 */
export const trialName = `${ownSchema}_trial`;

/** No trial takes longer; what stays after that is shown as it is. */
const longestTrialMs = 60_000;

/**
 * A reading as it counts: what a trial put there for a moment is no link of the server's, so until it is over its channels
 * are those of before. `trialSince`: when the trial was first seen, milliseconds since the epoch; null: there is none.
 */
export function withoutTrial(facts: InstanceFacts, before: InstanceFacts | null, trialSince: number | null): InstanceFacts {
  if (trialSince === null || facts.sampledAt - trialSince > longestTrialMs) return facts;
  return { ...facts, channels: before?.channels ?? [] };
}
