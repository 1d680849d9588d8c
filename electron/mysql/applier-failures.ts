import { numberOf, textOf } from './reading';
import type { Dialect } from './dialect';
import type { Session } from './types';

/** A transaction that a worker of an applier could not apply. */
export interface WorkerFailure {
  /** As the server names it; '' where it does not. */
  readonly gtid: string;
  readonly errno: number;
  /** The server's own text. */
  readonly error: string;
}

/**
 * ER_REPLICA_WORKER_STOPPED_PREVIOUS_THD_ERROR: with the source's order of commits kept, a worker says so that only stopped
 * because a transaction before its own failed. Nothing is wrong with what it applies.
 */
const stoppedWithAnother = 3030;

/** Whether an error of a worker is about the transaction that it applies. */
export function isOwnFailure(errno: number | null): errno is number {
  return errno !== null && errno !== 0 && errno !== stoppedWithAnother;
}

/**
 * The column of replication_applier_status_by_worker that orders failures. From 8.0.1 on it is the moment of commit on the
 * source, before that the moment of failure: good enough for what is shown, no proof of the source's order.
 */
export function failureMoment({ features }: Pick<Dialect, 'features'>): string {
  return features.hasApplierTimestamps ? 'APPLYING_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP' : 'LAST_ERROR_TIMESTAMP';
}

/**
 * What the workers of a channel's applier failed at (5.7.2+), each with its transaction, ordered by `failureMoment`. A
 * single-threaded applier is one worker. Manual: "The replication_applier_status_by_worker Table".
 */
export async function workerFailures(session: Session, channel: string): Promise<WorkerFailure[]> {
  const { dialect } = session;
  const { features } = dialect;
  if (!features.hasPerformanceSchemaReplication) return [];
  // 8.0.1 split what 5.7 has in one column into what is applied and what was applied last.
  const transaction = features.hasApplierTimestamps ? 'APPLYING_TRANSACTION' : 'LAST_SEEN_TRANSACTION';
  const rows = await session.query(
    `SELECT LAST_ERROR_NUMBER AS errno, LAST_ERROR_MESSAGE AS error, ${transaction} AS gtid
     FROM performance_schema.replication_applier_status_by_worker
     WHERE CHANNEL_NAME = ? AND LAST_ERROR_NUMBER <> 0 ORDER BY ${failureMoment(dialect)}, WORKER_ID`,
    [channel],
  );
  return rows.flatMap((row) => {
    const errno = numberOf(row['errno']);
    return isOwnFailure(errno) ? [{ errno, error: textOf(row['error']) ?? '', gtid: textOf(row['gtid']) ?? '' }] : [];
  });
}
