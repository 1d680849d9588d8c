import { message, type Message } from '../../i18n/message';
import type { Member } from './input';
import type { InstanceFacts } from '../fleet/facts';
import type { InstanceView } from '../fleet/view';
import { isReplicaRole, type Role } from '../fleet/role';
import { atLeast, formatVersion, isMysql, MINIMUM_VERSION, parseServerVersion } from '../fleet/version';

/** From this version on GTIDs can be turned on step by step without a restart. */
const ONLINE_GTID = [5, 7, 6] as const;

/**
 * Why no DR instance can be added to this one (S8), with the way out; null: one can be. Asks for a server that was read,
 * is MySQL 5.6.10 or newer, writes a binary log and has GTIDs on, and that is no standby itself.
 */
export function standbyObstacleOf(member: Member, role: Role, primaryName: string | null): Message | null {
  if (role === 'fenced') return message('fleet.obstacle.fenced');
  if (isReplicaRole(role)) {
    return primaryName === null ? message('fleet.obstacle.replica') : message('fleet.obstacle.replica-of', { primary: primaryName });
  }
  return sourceObstacleOf(member.current?.facts ?? null);
}

/** Why nothing can replicate from a server, whatever its role; null: something can. */
function sourceObstacleOf(facts: InstanceFacts | null): Message | null {
  if (facts === null) return message('fleet.obstacle.unread');
  const { server } = facts;
  const version = parseServerVersion(server.version, server.versionComment);
  if (!isMysql(version)) return message('fleet.obstacle.product', { product: server.version });
  if (!atLeast(version, ...MINIMUM_VERSION)) return message('fleet.obstacle.version', { version: server.version, minimum: formatVersion(MINIMUM_VERSION) });
  if (!server.logBin) return message('fleet.obstacle.binlog-off');
  if (server.gtidMode !== 'ON') {
    return message(atLeast(version, ...ONLINE_GTID) ? 'fleet.obstacle.gtid-online' : 'fleet.obstacle.gtid-restart', { mode: server.gtidMode });
  }
  if (server.enforceGtidConsistency !== 'ON') return message('fleet.obstacle.consistency', { value: server.enforceGtidConsistency });
  return null;
}

/**
 * Why this standby can have no local replica (S2), with the way out; null: it can. Beside what every source needs, it must
 * be a DR standby, hold what it follows, and write that into its own binary log.
 */
export function localReplicaObstacleOf({ role, facts }: Pick<InstanceView, 'role' | 'facts'>): Message | null {
  if (role !== 'standby') return message('fleet.obstacle.not-a-standby');
  const obstacle = sourceObstacleOf(facts);
  if (obstacle !== null || facts === null) return obstacle;
  if (!facts.server.logReplicaUpdates) return message('fleet.obstacle.updates-off');
  return facts.channels.length === 0 ? message('fleet.obstacle.not-following') : null;
}
