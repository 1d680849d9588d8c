import { errorOf } from '../../../shared/errors/codes';
import { AuditedRun } from '../../fleet/audited';
import type { FleetServers } from '../../fleet/types';
import type { Session } from '../../mysql/types';
import { linkStatus } from '../../replication/status';
import type { AuditLog } from '../../storage/types';
import { lockServers, type LockTarget } from '../../tasks/server-lock';
import type { SyncRecord } from '../records';

export interface ReceiverDeps {
  readonly fleet: FleetServers;
  readonly audit: Pick<AuditLog, 'append'>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** The record of a task as it is now; null: there is none any more. */
  readonly record: (id: string) => SyncRecord | null;
  /** The receiver runs as it did before, or is the user's matter. */
  readonly settled: (id: string) => void;
}

/**
 * Starts the receiver of a standby again where passing over a transaction has stopped it and did not come to its end: the application died, or the
 * server was away. The applier stood before, and goes on standing. While somebody is at work on the standby, or has opened it, nothing is done.
 */
export async function startReceiverAgain(deps: ReceiverDeps, { id, spec: { name, standbyId } }: SyncRecord): Promise<void> {
  const { fleet } = deps;
  // Of one that was opened it is asked at every reading: that is to keep nobody else from operating there.
  if (!(await fleet.withSession(standbyId, isClosed))) return;
  const standby = fleet.instance(standbyId).name;
  const target: LockTarget = { name: standby, connect: (options) => fleet.connect(standbyId, options) };
  const locks = await lockServers([target], { kind: 'cure', name }, deps.clock).catch((thrown: unknown) => {
    // It may be the very work that has stopped it.
    if (errorOf(thrown).code !== 'lock-held') throw thrown;
    return null;
  });
  if (locks === null) return;
  try {
    await fleet.withSession(standbyId, async (session) => {
      const now = deps.record(id);
      if (!(await isClosed(session)) || now?.receiverDue !== true || now.held) return;
      const status = await linkStatus(session);
      if (status !== null && status.receiver === 'stopped') {
        const audited = new AuditedRun(deps.audit, 'sync.start-receiver', name);
        audited.before({ standby });
        await session.run(session.dialect.startReplica({ threads: 'receiver' }));
        audited.done({ standby });
      }
      deps.settled(id);
    });
  } finally {
    await locks.release();
  }
}

async function isClosed(session: Session): Promise<boolean> {
  const [row] = await session.query<{ closed: number | string }>('SELECT @@GLOBAL.read_only AS closed');
  return Number(row?.closed) === 1;
}
