import { numberOf, textOf } from '../reading';
import type { Dialect } from '../dialect/dialect';
import type { StatusServer } from './replica-status';

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

/** A row of replication_applier_status_by_worker. */
export interface WorkerRow {
  readonly worker?: unknown;
  readonly errno?: unknown;
  readonly error?: unknown;
  readonly gtid?: unknown;
  readonly moment?: unknown;
}

/**
 * By what failures of workers are ordered, microseconds. From 8.0.1 on it is the moment of commit on the source, before that the
 * moment of failure: good enough for what is shown, no proof of the source's order.
 */
export function failureMoment({ features }: Pick<Dialect, 'features'>, table: string): string {
  const column = features.hasApplierTimestamps ? 'APPLYING_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP' : 'LAST_ERROR_TIMESTAMP';
  return `CAST(UNIX_TIMESTAMP(${table}.${column}) * 1000000 AS UNSIGNED)`;
}

/** The failures among rows of replication_applier_status_by_worker, first things first. */
export function failuresOf(workers: readonly WorkerRow[]): WorkerFailure[] {
  const failed = workers.flatMap(({ errno, error, gtid, moment, worker }) => {
    const number = numberOf(errno);
    if (number === null || number === 0 || number === stoppedWithAnother) return [];
    return [{ at: numberOf(moment) ?? 0, worker: numberOf(worker) ?? 0, failure: { errno: number, error: textOf(error) ?? '', gtid: textOf(gtid) ?? '' } }];
  });
  return failed.sort((a, b) => a.at - b.at || a.worker - b.worker).map(({ failure }) => failure);
}

/**
 * What the workers of a channel's applier failed at (5.7.2+), each with its transaction, ordered by `failureMoment`. A
 * single-threaded applier is one worker. Before 8.0 some of those that failed may be missing. Manual: "The
 * replication_applier_status_by_worker Table".
 *
 * The table is read as it is: sorted or searched by the server, rows of workers that have stopped get lost (5.7.22, 8.0.15).
 */
export async function workerFailures(session: StatusServer, channel: string): Promise<WorkerFailure[]> {
  const { dialect } = session;
  const { features } = dialect;
  if (!features.hasPerformanceSchemaReplication) return [];
  // 8.0.1 split what 5.7 has in one column into what is applied and what was applied last.
  const transaction = features.hasApplierTimestamps ? 'APPLYING_TRANSACTION' : 'LAST_SEEN_TRANSACTION';
  const rows = await session.query<WorkerRow & { readonly channel: unknown }>(
    `SELECT w.CHANNEL_NAME AS channel, w.WORKER_ID AS worker, w.LAST_ERROR_NUMBER AS errno, w.LAST_ERROR_MESSAGE AS error, w.${transaction} AS gtid,
       ${failureMoment(dialect, 'w')} AS moment FROM performance_schema.replication_applier_status_by_worker w`,
  );
  return failuresOf(rows.filter((row) => textOf(row.channel) === channel));
}
