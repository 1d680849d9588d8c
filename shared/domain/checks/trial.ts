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
 * A reading as it counts: what a trial put there for a moment is no link of the server's, and is left out until it is over.
 * `trialSince`: when the trial was first seen, milliseconds since the epoch; null: there is none.
 */
export function withoutTrial(facts: InstanceFacts, before: InstanceFacts | null, trialSince: number | null): InstanceFacts {
  if (trialSince === null || facts.sampledAt - trialSince > longestTrialMs) return facts;
  const known = before?.channels ?? [];
  // A trial starts no applier, and borrows no channel that is there: what runs, or was there before, is a link whatever its name is.
  const isBorrowed = ({ name, applier }: InstanceFacts['channels'][number]): boolean =>
    applier === 'stopped' && (name === trialName || (name === '' && before !== null)) && known.every((one) => one.name !== name);
  return { ...facts, channels: facts.channels.filter((channel) => !isBorrowed(channel)) };
}

/** Whether a channel is what a trial left over when the application died in it: a link that applies is none, whatever its name is. */
export function isLeftOver({ name, user, applies }: { readonly name: string; readonly user: string; readonly applies: boolean }): boolean {
  return (name === trialName || user === trialName) && !applies;
}
