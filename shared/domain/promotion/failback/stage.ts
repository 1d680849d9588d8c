import { parseGtidSet } from '../../gtid/set';
import type { Proof } from '../../verification/result';
import type { FailbackStage } from './failback';
import type { BothServers, FailbackReading } from './reading';

/** What is kept of a failback that bears on its stage. Times are milliseconds since the epoch. */
export interface FailbackMemory {
  /** Transactions that the user gave up; '': none. */
  readonly givenUp: string;
  /** The old primary has become a standby of its successor again. */
  readonly rejoinedAt: number | null;
  /** It was first seen as the primary again. */
  readonly returnedAt: number | null;
  readonly ended: boolean;
}

/** Now, milliseconds since the epoch, and how old a proof may be. */
interface ProofClock {
  readonly now: number;
  readonly proofMinutes: number;
}

/** Transactions that a standby may be behind and still count as caught up: a busy primary is never at 0. */
const near = 1000;

/**
 * Where a failback stands. The servers decide; what is kept only adds what they cannot tell: the user's word, and from when on a proof
 * is one of this link. `proof`: the freshest of the link that stands now; null: there is none.
 */
export function stageOf({ servers, isUnwatched }: FailbackReading, memory: FailbackMemory, proof: Proof | null, clock: ProofClock): FailbackStage {
  if (memory.ended) return 'done';
  if (servers === null) return isUnwatched ? 'unwatched' : 'away';
  if (memory.rejoinedAt !== null && isHome(servers)) return isProvenHome(servers, proof, memory, clock) ? 'done' : 'verify-forward';
  if (memory.rejoinedAt !== null && servers.oldFollows !== 'no') {
    if (servers.oldFollows !== 'running' || servers.behind === null || servers.behind > near) return 'catch-up';
    return provenSince(proof, memory.rejoinedAt, clock) ? 'switch-back' : 'verify';
  }
  if (servers.unsecured.length > 0) return 'secure';
  return isDecided(servers, memory) ? 'rejoin' : 'divergent';
}

/** Its successor follows the old primary, and not the other way round: by a link of before the fire too, so that only one that rejoined is home. */
export function isHome({ oldFollows, successorFollows }: BothServers): boolean {
  return successorFollows !== 'no' && oldFollows === 'no';
}

function isProvenHome({ successorFollows }: BothServers, proof: Proof | null, { returnedAt }: FailbackMemory, clock: ProofClock): boolean {
  return successorFollows === 'running' && provenSince(proof, returnedAt, clock);
}

/** Nothing is on the old primary alone, or all of it was given up by the word that is bound to it. */
export function isDecided({ divergence }: Pick<BothServers, 'divergence'>, { givenUp }: Pick<FailbackMemory, 'givenUp'>): boolean {
  if (divergence === null) return false;
  return divergence.count === 0 || (givenUp !== '' && parseGtidSet(divergence.set).isSubsetOf(parseGtidSet(givenUp)));
}

/** A proof of this link, not of one before it, and not too old. */
export function provenSince(proof: Proof | null, since: number | null, { now, proofMinutes }: ProofClock): boolean {
  return proof !== null && since !== null && proof.at >= since && now - proof.at <= proofMinutes * 60_000;
}
