import type { Precondition } from '../../../shared/domain/tasks/plan';
import type { InstanceFacts } from '../../../shared/domain/fleet/facts';
import { GtidSet, parseGtidSet } from '../../../shared/domain/gtid/set';
import { noFailover } from '../../../shared/domain/promotion/failover';
import { noSemiSync } from '../../../shared/domain/promotion/semi-sync';
import {
  surroundingPreconditions, type ReplicaSurroundings, type ServerSurroundings, type SurroundingsReading,
} from '../../../shared/domain/promotion/surroundings';
import type { PromotionKind } from '../../../shared/domain/promotion/promotion';
import type { FleetAccess, FleetInventory } from '../../fleet/types';
import type { Session } from '../../mysql/types';
import { readFailoverLists } from '../../replication/failover-lists';
import { executedOn } from '../../replication/gtid';
import { readSemiSync } from '../../replication/semi-sync';
import { replicaStatus } from '../../replication/status';
import { threadsOf } from '../steps/replica-link';
import { LONGEST_WAIT_MS } from '../steps/semi-sync';
import { readNoticed } from '../../mysql/status/noticed';
import { preparedXa } from './blockers';
import type { Fates } from './other-replicas';

/** How long one other replica may take; of one that does not answer nothing is known. */
const REPLICA_LIMIT_MS = 4000;
const GROUP =
  "SELECT CONCAT(MEMBER_HOST, ':', MEMBER_PORT, ' ', MEMBER_STATE) AS member FROM performance_schema.replication_group_members " +
    "WHERE MEMBER_STATE NOT IN ('OFFLINE', '')";

/** What belongs to one of the two servers. */
export async function serverSurroundings(session: Session, name: string): Promise<ServerSurroundings> {
  const { features } = session.dialect;
  const group = features.hasPerformanceSchemaReplication ? await session.query<{ member: string }>(GROUP) : [];
  return {
    name,
    semiSync: await readSemiSync(session),
    failover: await readFailoverLists(session),
    group: group.map(({ member }) => member),
    preparedXa: await preparedXa((sql, params) => session.query(sql, params)),
    settings: await readNoticed(session, session.version),
  };
}

/** What around a pair decides over statements and preconditions. */
export interface Around {
  readonly source: ServerSurroundings | null;
  readonly standby: ServerSurroundings;
  readonly replicas: readonly ReplicaSurroundings[];
  /** Names of those that did not answer in time. */
  readonly unread: readonly string[];
}

export const nothingAround: Around = {
  source: null, standby: { name: '', semiSync: noSemiSync, failover: noFailover, group: [], preparedXa: [], settings: {} }, replicas: [], unread: [],
};

/** The replicas that are to follow the new primary, each under a limit of its own; those that did not answer are named. */
export async function replicaSurroundings(
  fleet: FleetAccess & FleetInventory, { siblingIds, keptIds, behindIds }: Fates,
): Promise<Pick<Around, 'replicas' | 'unread'>> {
  const ids = [...siblingIds, ...keptIds, ...behindIds];
  const read = await Promise.allSettled(ids.map((id) => oneReplica(fleet, id)));
  return {
    replicas: read.flatMap((one) => (one.status === 'fulfilled' && one.value !== null ? [one.value] : [])),
    unread: ids.filter((_id, at) => read[at]?.status === 'rejected').map((id) => fleet.instance(id).name),
  };
}

function oneReplica(fleet: FleetAccess & FleetInventory, id: string): Promise<ReplicaSurroundings | null> {
  return fleet.withSession(id, async (session) => {
    const [status] = await replicaStatus(session);
    if (status === undefined) return null;
    return {
      id, name: fleet.instance(id).name, failover: await readFailoverLists(session), executed: await executedOn(session),
      threads: threadsOf(status), delaySeconds: status.delaySeconds, tls: status.tls,
    };
  }, { timeoutMs: REPLICA_LIMIT_MS, queryTimeoutMs: REPLICA_LIMIT_MS });
}

/** The old primary and what was last read of it. */
interface SeenPrimary {
  readonly name: string;
  /** null: never. */
  readonly facts: InstanceFacts | null;
}

/** The preconditions over what was read around a pair. */
export function preconditionsAround(
  kind: PromotionKind, around: Around,
  { standby, primary, unshown }: { readonly standby: InstanceFacts; readonly primary: SeenPrimary; readonly unshown?: GtidSet },
): Precondition[] {
  const { name, facts } = primary;
  const settings = around.source?.settings ?? facts?.noticed;
  const reading: SurroundingsReading = {
    kind, ...around, standbyPurged: parseGtidSet(standby.gtid.purged), unshown: unshown ?? GtidSet.empty, longestWaitMs: LONGEST_WAIT_MS,
    seen: settings === undefined ? null : { name, settings, clients: facts?.server.threadsConnected ?? null },
  };
  return surroundingPreconditions(reading);
}
