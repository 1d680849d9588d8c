import { parseGtidSet, tryParseGtidSet, GtidSetError, type GtidSet } from '../../shared/domain/gtid-set';
import { gtidInError, type StoppedTransaction } from '../../shared/domain/transaction-skip';
import type { Session } from '../mysql/types';
import { statusText } from './link';

type Row = Record<string, unknown>;

/**
 * The transaction at which the applier of a standby stopped with an error; null: it runs, stopped without one, or does
 * not say at which. It is one that was received and is not executed: nothing else could be told for certain.
 */
export async function stoppedTransaction(session: Session): Promise<StoppedTransaction | null> {
  const [status] = await session.query(session.dialect.showReplicaStatus());
  if (status === undefined) return null;
  const text = (name: string): string => statusText(status, name);
  if (text('Replica_SQL_Running') === 'Yes' || Number(text('Last_SQL_Errno')) === 0) return null;
  const waiting = parseGtidSet(text('Retrieved_Gtid_Set')).subtract(parseGtidSet(text('Executed_Gtid_Set')));
  const worker = session.dialect.features.hasPerformanceSchemaReplication ? await failedWorker(session, text('Channel_Name')) : null;
  const errno = worker?.errno ?? Number(text('Last_SQL_Errno'));
  const error = worker?.error ?? text('Last_SQL_Error');
  const named = gtidInError(error) ?? worker?.gtid ?? (await gtidInRelayLog(session, text('Relay_Log_File'), text('Relay_Log_Pos'))) ?? onlyFirst(waiting);
  if (named === null) return null;
  const gtid = tryParseGtidSet(named);
  if (gtid instanceof GtidSetError || gtid.count() !== 1n || !gtid.isSubsetOf(waiting)) return null;
  return { gtid: gtid.toLine(), errno, error };
}

/** Of several workers the first one that failed, in the order of what they apply: the others may have gone ahead of it. */
async function failedWorker(session: Session, channel: string): Promise<StoppedTransaction | null> {
  // 8.0.1 split what 5.7 has in one column into what is applied and what was applied last.
  const column = session.dialect.features.hasApplierTimestamps ? 'APPLYING_TRANSACTION' : 'LAST_SEEN_TRANSACTION';
  const rows = await session.query<Row>(
    `SELECT LAST_ERROR_NUMBER AS errno, LAST_ERROR_MESSAGE AS error, ${column} AS gtid FROM performance_schema.replication_applier_status_by_worker WHERE CHANNEL_NAME = ? AND LAST_ERROR_NUMBER <> 0 ORDER BY LAST_ERROR_TIMESTAMP, WORKER_ID LIMIT 1`,
    [channel],
  );
  const [row] = rows;
  return row === undefined ? null : { gtid: String(row['gtid'] ?? ''), errno: Number(row['errno']), error: String(row['error'] ?? '') };
}

/** Before 5.7.2 the place in the relay log where the applier goes on says it: each transaction begins there with its GTID. */
async function gtidInRelayLog(session: Session, file: string, position: string): Promise<string | null> {
  if (file === '' || !/^\d+$/.test(position)) return null;
  const events = await session.query<{ Event_type: string; Info: string }>(`SHOW RELAYLOG EVENTS IN ? FROM ${position} LIMIT 3`, [file]);
  const [first] = events.filter(({ Event_type }) => Event_type === 'Gtid');
  return /GTID_NEXT\s*=\s*'([^']+)'/i.exec(first?.Info ?? '')?.[1] ?? null;
}

/** The first of what waits, where it comes from one server and so has one order. */
function onlyFirst(waiting: GtidSet): string | null {
  const [block, ...others] = waiting.byUuid();
  const first = block?.intervals[0]?.[0];
  return block === undefined || first === undefined || others.length > 0 || block.tag !== '' ? null : `${block.uuid}:${first.toString()}`;
}
