import { failure } from '../../../shared/errors/codes';
import { isLeftOver } from '../../../shared/domain/checks/trial';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { ownSchema } from '../../../shared/domain/scope/scope';
import { beyondSource } from '../../../shared/domain/sync/cascade';
import { isDatabaseInScope } from '../../../shared/domain/scope/filters';
import type { Seed, SyncSpec } from '../../../shared/domain/sync/sync';
import type { InstanceFacts } from '../../../shared/domain/fleet/facts';
import type { FleetServers } from '../../fleet/types';
import { databasesOf } from '../../copy/schema/catalogue';
import { readMark, type SeedMark } from '../../copy/marker';

/** Both ends of a link to be, as the servers say now. */
export interface PairReading {
  readonly source: InstanceFacts;
  readonly standby: InstanceFacts;
  /** User databases on the standby, our own schema left out. */
  readonly standbyDatabases: readonly string[];
  /** A copy that was begun there and never completed. */
  readonly mark: SeedMark | null;
}

/** Reads the standby first and the source second: what the standby has more than the source is then no artefact of time. */
export async function readPair(fleet: FleetServers, ends: Pick<SyncSpec, 'sourceId' | 'standbyId'>, signal?: AbortSignal): Promise<PairReading> {
  const standby = await fleet.readFacts(ends.standbyId, signal);
  const { databases, mark } = await fleet.withSession(
    ends.standbyId,
    async (session) => ({ databases: await databasesOf(session), mark: await readMark(session) }),
    signal === undefined ? {} : { signal },
  );
  const source = await fleet.readFacts(ends.sourceId, signal);
  return { source, standby, standbyDatabases: databases.filter((name) => name !== ownSchema), mark };
}

/** True where the standby replicates from this very source. */
export function followsAlready({ source, standby }: PairReading): boolean {
  return source.server.uuid !== null && standby.channels.some((channel) => channel.sourceUuid === source.server.uuid);
}

/** Refuses pairs that can never be one, whatever the seed; cheap enough for every entry point. */
export function refuseSamePair(fleet: FleetServers, ends: Pick<SyncSpec, 'sourceId' | 'standbyId'>): void {
  if (ends.sourceId === ends.standbyId) throw failure('source-is-target', { name: fleet.instance(ends.standbyId).name });
}

/**
 * A fence is kept until the server was seeded anew, or follows this very source and holds nothing that the source lacks:
 * merely to register it as a standby would forget it.
 *
 * @throws Failure `target-fenced`
 */
export function refuseFenced(fleet: FleetServers, standbyId: string, reading: PairReading): void {
  const { name, intent } = fleet.instance(standbyId);
  if (intent.kind !== 'fenced') return;
  const own = parseGtidSet(reading.standby.gtid.executed).subtract(parseGtidSet(reading.source.gtid.executed));
  if (!followsAlready(reading) || !own.isEmpty()) throw failure('target-fenced', { name });
}

/**
 * Refuses what must not become a standby of this source: the same server, somebody's source, somebody's replica.
 *
 * @throws Failure `same-server`, `gtid-off`, `target-is-source`, `target-is-replica`
 */
export function refusePair(fleet: FleetServers, ends: Pick<SyncSpec, 'sourceId' | 'standbyId'>, reading: PairReading): void {
  const name = fleet.instance(ends.standbyId).name;
  const { source, standby } = reading;
  if (source.server.uuid !== null && source.server.uuid === standby.server.uuid) throw failure('same-server', { name, uuid: source.server.uuid });
  for (const [facts, id] of [[source, ends.sourceId], [standby, ends.standbyId]] as const) {
    if (facts.server.gtidMode !== 'ON') throw failure('gtid-off', { server: fleet.instance(id).name, mode: facts.server.gtidMode });
  }
  if (standby.replicas.length > 0) throw failure(
    'target-is-source',
    { name, replicas: standby.replicas.map((replica) => `${replica.host ?? replica.uuid ?? '?'}`).join(', ') },
  );
  // Left by a check that was killed half-way; the next one clears it away.
  const channel = standby.channels.find(({ name: of, sourceUser: user, applier }) => !isLeftOver({ name: of, user, applies: applier === 'running' }));
  if (channel !== undefined) throw failure('target-is-replica', { name, source: `${channel.sourceHost}:${channel.sourcePort}` });
}

/**
 * Refuses a seed that would destroy something on the standby without the typed word, or one that cannot work.
 *
 * Before a copy or a clone the standby's own GTIDs are reset. A new server has some (accounts were made there): with no
 * user database, and all of them its own, nothing of the user's goes, and the step shows it. Transactions of other
 * servers, or any beside data that stays, take the typed word.
 *
 * @throws Failure `target-has-data`, `target-has-transactions`, `seed-impossible`
 */
export function refuseSeed(name: string, spec: Pick<SyncSpec, 'scope' | 'eraseTarget'>, seed: Seed, reading: PairReading): void {
  // A partial standby is never the source of more than it receives, whatever the seed.
  const beyond = beyondSource(spec.scope, reading.source.channels.map(({ filters }) => filters));
  if (beyond.length > 0) throw failure('seed-impossible', { seed, reason: `replicate_wild_do_table: ${beyond.join(', ')}` }, { server: name });
  const standby = parseGtidSet(reading.standby.gtid.executed);
  const source = parseGtidSet(reading.source.gtid.executed);
  const own = standby.subtract(source);
  switch (seed) {
    case 'adopt': {
      if (!own.isEmpty()) throw failure('seed-impossible', { seed, reason: `standby − source = ${own.shorten()}` }, { server: name });
      const gap = parseGtidSet(reading.source.gtid.purged).subtract(standby);
      if (!gap.isEmpty()) throw failure('seed-impossible', { seed, reason: `source purged − standby = ${gap.shorten()}` }, { server: name });
      return;
    }
    case 'copy':
    case 'clone': {
      if (seed === 'clone' && spec.scope.kind !== 'instance') throw failure('seed-impossible', { seed, reason: 'scope' }, { server: name });
      if (spec.eraseTarget) return;
      const endangered = endangeredDatabases(spec, seed, reading);
      if (endangered.length > 0) throw failure('target-has-data', { name, databases: endangered.slice(0, 10).join(', ') });
      const uuid = reading.standby.server.uuid;
      const foreign = uuid === null ? own : own.notFrom(uuid);
      const transactions = reading.standbyDatabases.length === 0 ? foreign : standby;
      if (!transactions.isEmpty()) throw failure('target-has-transactions', { name, count: Number(transactions.count()) });
      return;
    }
    default:
      seed satisfies never;
  }
}

/** Databases of the standby that the seed would erase, or collide with. */
export function endangeredDatabases(spec: Pick<SyncSpec, 'scope'>, seed: Seed, reading: PairReading): readonly string[] {
  if (seed === 'adopt') return [];
  if (seed === 'clone') return reading.standbyDatabases;
  // Chosen tables of a database that exists there are compared by name when the copy begins.
  return reading.standbyDatabases.filter((database) => isDatabaseInScope(spec.scope, database));
}
