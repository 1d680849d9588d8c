// Where a run of a read-only instance ends, by the log of its primary.
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { endsAt, type PendingTransaction, type RunPlan, type RunTarget } from '../../../shared/domain/operations/read-only/read-only';
import { failure } from '../../../shared/errors/codes';
import type { FleetServers } from '../../fleet/types';
import { SeenGtids } from '../../mysql/binlog/seen-gtids';
import type { Session, Statement } from '../../mysql/types';
import { executedOn } from '../../replication/gtid';
import { readStanding, type Standing } from '../../replication/standing';
import { pendingSet, readPending, type PendingOrder } from './pending';
import { untilStatement, type RunInput } from './run';

/** A plan, and what its task is started with. */
export interface ReadRun extends Pick<RunInput, 'edge' | 'gtid' | 'wanted'> {
  readonly plan: RunPlan;
}

/** Where a run ends, by the log of the primary. */
export async function readRun(servers: FleetServers, instanceId: string, target: RunTarget, signal?: AbortSignal): Promise<ReadRun> {
  await servers.refresh(instanceId);
  const order = pendingOrder(servers, instanceId);
  const { name } = servers.instance(instanceId);
  const executed = await servers.withSession(instanceId, executedOn);
  if (target.kind !== 'time' && parseGtidSet(target.gtid).isSubsetOf(executed)) throw failure('already-applied', { gtid: target.gtid, name });
  const cut = new Cut(target);
  const end = await readPending(servers, order, await pendingSet(servers, order), (one) => cut.take(one), signal);
  if (end === 'purged') throw failure('waiting-log-purged', { name, primary: servers.instance(order.sourceId).name });
  const { last, first, count, wanted } = cut;
  if ((target.kind !== 'time' && !cut.isEnded) || (last === null && first === null)) {
    throw failure('transaction-not-pending', { gtid: target.kind === 'time' ? '—' : target.gtid, name });
  }
  const [edge, gtid] = first !== null ? (['before', first.gtid] as const) : (['after', last?.gtid ?? ''] as const);
  const { sql, restart } = await servers.withSession(instanceId, async (session) => {
    const standing = await readStanding(session);
    return { restart: standing.outlook, sql: runStatements(session, standing, { edge, gtid, delaySeconds: order.delaySeconds }) };
  });
  const plan: RunPlan = {
    last, first, count, delaySeconds: order.delaySeconds, restart, sql: sql.map((statement) => ({ server: name, sql: statement.redacted })),
  };
  return { plan, wanted, edge, gtid };
}

/** What a run comes to, statement by statement. */
function runStatements(
  { dialect }: Session, { statement: kept }: Standing, { edge, gtid, delaySeconds }: Pick<RunInput, 'edge' | 'gtid' | 'delaySeconds'>,
): readonly Statement[] {
  return [
    dialect.stopReplica({ threads: 'applier' }),
    ...(kept === null ? [] : [kept]),
    ...(delaySeconds > 0 ? [dialect.changeReplicationSource({ delaySeconds: 0 })] : []),
    untilStatement(dialect, { edge, gtid }),
    ...(delaySeconds > 0 ? [dialect.changeReplicationSource({ delaySeconds })] : []),
  ];
}

/** Takes transactions in the order of the log up to where a run ends. */
class Cut {
  last: PendingTransaction | null = null;
  first: PendingTransaction | null = null;
  count = 0;
  isEnded = false;
  readonly #seen = new SeenGtids();

  constructor(private readonly target: RunTarget) {}

  take(one: PendingTransaction): void {
    if (this.isEnded) {
      this.first ??= one;
      return;
    }
    const ends = endsAt(this.target, one);
    if (ends === 'before') {
      this.isEnded = true;
      this.first = one;
      return;
    }
    this.last = one;
    this.count += 1;
    this.#seen.add(one.gtid);
    this.isEnded = ends === 'after';
  }

  get wanted(): string {
    return this.#seen.set().toLine();
  }
}

/** What is read for a read-only instance, from what it says of its link. */
export function pendingOrder(fleet: FleetServers, instanceId: string): PendingOrder {
  refuseOther(fleet, instanceId);
  const { sourceId, facts } = fleet.view(instanceId);
  if (sourceId === null) throw failure('not-a-standby', { name: fleet.instance(instanceId).name });
  return { sourceId, replicaId: instanceId, delaySeconds: facts?.channels[0]?.delaySeconds ?? 0 };
}

/** @throws Failure `not-read-only-instance` */
export function refuseOther(fleet: FleetServers, instanceId: string): void {
  const { instance, role } = fleet.view(instanceId);
  if (role !== 'read-only') throw failure('not-read-only-instance', { name: instance.name });
}
