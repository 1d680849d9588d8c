import type { InstanceFacts } from '../../../shared/domain/fleet/facts';
import type { Instance } from '../../../shared/domain/fleet/instance';
import type { Bystander, PromotionKind } from '../../../shared/domain/promotion/promotion';
import { parseServerVersion, replicationOrder, type ServerVersion } from '../../../shared/domain/fleet/version';
import type { FleetInventory, FleetObserved } from '../../fleet/types';
import { instanceByUuid } from '../../replication/chain';

/** The cluster around a promotion. */
export interface Surroundings {
  readonly kind: PromotionKind;
  readonly standbyId: string;
  /** null: not registered. */
  readonly sourceId: string | null;
  /** The primary above a source that is a standby itself; null: the source is the primary. Emergency only. */
  readonly headId: string | null;
  /** The source as it answers, for replicas that are connected to it and not registered; null: it was not read. */
  readonly source: InstanceFacts | null;
  /** The version of the standby: an older server cannot follow it. */
  readonly standbyVersion: ServerVersion;
  /** The standby holds a part, and is no source for replicas that hold more; they stay with the old primary. */
  readonly partial: boolean;
}

/** The registered among the other members, by what becomes of them. */
export interface Fates {
  /** Pointed at the new primary. */
  readonly siblingIds: readonly string[];
  /** Replicas of the standby, which go on following it. */
  readonly keptIds: readonly string[];
  /** Local replicas of the source, which go on behind it. */
  readonly behindIds: readonly string[];
  /** Replicas of an older version than the new primary: they cannot follow it, and are left as they are. */
  readonly olderIds: readonly string[];
}

/** The other members of the cluster: registered replicas of every end, and replicas that are connected and not registered. */
export function bystandersOf(fleet: FleetInventory & FleetObserved, around: Surroundings): Bystander[] {
  const { standbyId, sourceId, headId } = around;
  const registered = (ofId: string | null, ends: readonly (string | null)[], fateOf: (instance: Instance) => Bystander['fate']): Bystander[] =>
    ofId === null
      ? []
      : fleet
          .replicasOf(ofId)
          .filter((instance) => !ends.includes(instance.id))
          .map((instance) => ({ instanceId: instance.id, name: instance.name, fate: possible(fleet, instance, around, fateOf(instance)) }));
  const strangers = (around.source?.replicas ?? [])
    .filter((replica) => replica.uuid !== null && instanceByUuid(fleet, replica.uuid) === null)
    .map((replica): Bystander => ({
      instanceId: null, name: replica.host === null ? (replica.uuid ?? '?') : `${replica.host}:${replica.port ?? '?'}`, fate: 'unregistered',
    }));
  const all = [
    ...registered(sourceId, [standbyId, sourceId, headId], (instance) => fateBesideStandby(fleet, instance, around)),
    // The standby in the middle of a chain is a replica like any other: its own primary is gone.
    ...registered(headId, [standbyId, headId], () => (around.partial ? 'stays' : 're-pointed')),
    ...registered(standbyId, [sourceId, standbyId, headId], () => 'stays'),
    ...strangers,
  ];
  return all.filter((one, index) => one.instanceId === null || all.findIndex(({ instanceId }) => instanceId === one.instanceId) === index);
}

/** What becomes of a replica in fact: one that does not answer, or is older than the new primary, cannot be pointed at it. */
function possible(fleet: FleetInventory & FleetObserved, { id }: Instance, { standbyVersion }: Surroundings, wanted: Bystander['fate']): Bystander['fate'] {
  const { health, facts } = fleet.view(id);
  if (health.state === 'unreachable') return 'unreachable';
  if (wanted !== 're-pointed' || facts === null) return wanted;
  return replicationOrder(standbyVersion, parseServerVersion(facts.server.version, facts.server.versionComment)) === 'older' ? 'older' : wanted;
}

function fateBesideStandby(
  fleet: FleetInventory & FleetObserved, { intent, regionId }: Instance, { kind, sourceId, partial }: Surroundings,
): Bystander['fate'] {
  const isLocal = intent.kind === 'replica' && intent.local === true && intent.sourceId === sourceId && fleet.instance(intent.sourceId).regionId === regionId;
  if (kind === 'planned' && isLocal) return 'stays-behind';
  return partial ? 'stays' : 're-pointed';
}

/** Who is to be pointed elsewhere, and who keeps a link. */
export function fatesOf(fleet: FleetInventory & FleetObserved, standbyId: string, bystanders: readonly Bystander[]): Fates {
  const own = new Set(fleet.replicasOf(standbyId).map(({ id }) => id));
  const ids = (fate: Bystander['fate']): string[] => bystanders.flatMap((one) => (one.fate === fate && one.instanceId !== null ? [one.instanceId] : []));
  return { siblingIds: ids('re-pointed'), keptIds: ids('stays').filter((id) => own.has(id)), behindIds: ids('stays-behind'), olderIds: ids('older') };
}
