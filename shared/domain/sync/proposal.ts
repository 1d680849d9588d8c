import { estimateSeedSeconds } from '../checks/seed-estimate';
import { message, type Message } from '../../i18n/message';
import type { GtidSet } from '../gtid/set';
import type { Scope } from '../scope/scope';
import { seedChoices, type Seed, type SeedProposal } from './sync';
import { atLeast, canClone, CLONE_VERSION, formatVersion, replicationOrder, type ServerVersion } from '../fleet/version';

/** What a proposal of the first copy rests on. */
export interface ProposalFacts {
  readonly scope: Scope;
  readonly sourceVersion: ServerVersion;
  readonly standbyVersion: ServerVersion;
  readonly sourceExecuted: GtidSet;
  readonly sourcePurged: GtidSet;
  readonly standbyExecuted: GtidSet;
  /** User databases on the standby. */
  readonly standbyDatabases: readonly string[];
  /** Those of them that a copy within the scope would erase. */
  readonly endangered: readonly string[];
  /** Tables in scope that are not InnoDB. */
  readonly foreignEngines: number;
  /** The source's estimate of the data in scope, bytes; null: unknown. */
  readonly bytes: number | null;
}

/** From this size on a clone is worth the restart of the standby that it takes. */
export const cloneWorthBytes = 10 * 1024 ** 3;

interface Fit {
  readonly seed: Seed;
  readonly possible: boolean;
  readonly reason: Message;
}

/** Which seed fits best, why, and why not the others. */
export function proposalOf(facts: ProposalFacts): SeedProposal {
  const fits: Readonly<Record<Seed, Fit>> = { adopt: adoptFit(facts), clone: cloneFit(facts), copy: copyFit(facts) };
  const seed = choose(facts, fits);
  const others = seedChoices.filter((choice): choice is Seed => choice !== 'auto' && choice !== seed);
  return {
    seed,
    reason: fits[seed].reason,
    estimateSeconds: facts.bytes === null || seed === 'adopt' ? (seed === 'adopt' ? 0 : null) : estimateSeedSeconds(seed, facts.bytes),
    bytes: facts.bytes,
    alternatives: others.map((other) => fits[other]),
    erases: seed === 'adopt' ? [] : seed === 'clone' ? facts.standbyDatabases : facts.endangered,
  };
}

function choose(facts: ProposalFacts, fits: Readonly<Record<Seed, Fit>>): Seed {
  if (fits.adopt.possible) return 'adopt';
  if (!fits.clone.possible) return 'copy';
  if (!fits.copy.possible) return 'clone';
  return facts.bytes !== null && facts.bytes >= cloneWorthBytes ? 'clone' : 'copy';
}

function adoptFit({ standbyExecuted, sourceExecuted, sourcePurged, standbyDatabases }: ProposalFacts): Fit {
  const no = (reason: Message): Fit => ({ seed: 'adopt', possible: false, reason });
  // An empty server would take "everything from the first transaction on" for true; only one with data was restored.
  if (standbyExecuted.isEmpty() || standbyDatabases.length === 0) return no(message('sync.seed.adopt.empty'));
  const errant = standbyExecuted.subtract(sourceExecuted);
  if (!errant.isEmpty()) return no(message('sync.seed.adopt.errant', { count: Number(errant.count()) }));
  const gap = sourcePurged.subtract(standbyExecuted);
  if (!gap.isEmpty()) return no(message('sync.seed.adopt.gap', { count: Number(gap.count()) }));
  return { seed: 'adopt', possible: true, reason: message('sync.seed.adopt.fits', { missing: Number(sourceExecuted.subtract(standbyExecuted).count()) }) };
}

/** Manual: "Remote Cloning Prerequisites", "Clone Plugin Limitations". */
function cloneFit(facts: ProposalFacts): Fit {
  const { sourceVersion, standbyVersion } = facts;
  const no = (reason: Message): Fit => ({ seed: 'clone', possible: false, reason });
  if (facts.scope.kind !== 'instance') return no(message('sync.seed.clone.partial'));
  const [source, standby] = [formatVersion(sourceVersion), formatVersion(standbyVersion)];
  if (!atLeast(sourceVersion, ...CLONE_VERSION) || !atLeast(standbyVersion, ...CLONE_VERSION)) return no(message('sync.seed.clone.old', { source, standby }));
  if (!canClone(sourceVersion, standbyVersion)) return no(message('sync.seed.clone.versions', { source, standby }));
  if (facts.foreignEngines > 0) return no(message('sync.seed.clone.engines', { count: facts.foreignEngines }));
  const large = facts.bytes !== null && facts.bytes >= cloneWorthBytes;
  return { seed: 'clone', possible: true, reason: message(large ? 'sync.seed.clone.fits' : 'sync.seed.clone.second') };
}

function copyFit({ sourceVersion, standbyVersion }: ProposalFacts): Fit {
  if (replicationOrder(sourceVersion, standbyVersion) === 'older') {
    return {
      seed: 'copy', possible: false, reason: message('sync.seed.copy.older', { source: formatVersion(sourceVersion), standby: formatVersion(standbyVersion) }),
    };
  }
  return { seed: 'copy', possible: true, reason: message('sync.seed.copy.fits') };
}
