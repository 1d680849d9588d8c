import { beyondSource } from '../../../shared/domain/sync/cascade';
import { formatVersion, parseServerVersion } from '../../../shared/domain/fleet/version';
import { scopeDifference, type PartialScope } from '../../../shared/domain/scope/change';
import type { SyncSpec } from '../../../shared/domain/sync/sync';
import { failure } from '../../../shared/errors/codes';
import type { FleetInventory } from '../../fleet/types';
import { dialectFor } from '../../mysql/dialect/dialect';
import { followsAlready, type PairReading } from '../seed/refusals';

/** Who follows the standby: what is copied to it, or dropped there, outside of its binary log does not reach them. */
export function followersOf({ standby }: PairReading): readonly string[] {
  return standby.replicas.map((replica) => replica.host ?? replica.uuid ?? '?');
}

/**
 * Refuses a change of scope that cannot work, whatever the objects are like.
 *
 * @throws Failure `scope-not-partial`, `scope-unchanged`, `filters-at-start-only`, `not-a-standby`, `task-state`, `scope-has-replicas`, `seed-impossible`
 */
export function refuseScopeChange(
  fleet: FleetInventory,
  spec: SyncSpec,
  { to, dropRemoved }: { readonly to: PartialScope; readonly dropRemoved: boolean },
  reading: PairReading,
): void {
  const { name } = fleet.instance(spec.standbyId);
  if (spec.scope.kind !== 'partial') throw failure('scope-not-partial', { name: spec.name });
  const { added, removed } = scopeDifference(spec.scope, to);
  if (added.length + removed.length === 0) throw failure('scope-unchanged', { name: spec.name });
  const version = parseServerVersion(reading.standby.server.version, reading.standby.server.versionComment);
  if (!dialectFor(version).features.hasFilterStatement) throw failure('filters-at-start-only', { name, version: formatVersion(version) }, { server: name });
  const channel = reading.standby.channels[0];
  if (channel === undefined || !followsAlready(reading)) throw failure('not-a-standby', { name }, { server: name });
  // An applier that stopped at a statement that reaches out of the scope goes on once that is out of it altogether.
  const broken = added.length === 0 && channel.applierError !== null;
  if (!broken && (channel.applier !== 'running' || channel.receiver === 'stopped')) throw failure(
    'task-state',
    { name: spec.name, state: 'stopped', action: 'change-scope' },
    { server: name },
  );
  const followers = followersOf(reading);
  const pastLog = added.length > 0 || (dropRemoved && removed.length > 0);
  if (pastLog && followers.length > 0) throw failure('scope-has-replicas', { name, replicas: followers.join(', ') }, { server: name });
  if (added.length === 0) return;
  const beyond = beyondSource(to, reading.source.channels.map(({ filters }) => filters));
  if (beyond.length > 0) throw failure('seed-impossible', { seed: 'copy', reason: `replicate_wild_do_table: ${beyond.join(', ')}` }, { server: name });
}
