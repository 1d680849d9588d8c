import type { ChannelReading, ProcessReading, SessionFormat, TransactionReading } from '../../shared/domain/checks';
import { atLeast } from '../../shared/domain/fleet/version';
import { killedAtRest } from '../mysql/session/killed-at-rest';
import { withoutLiterals } from '../mysql/statement';
import { replicaStatusOf } from '../mysql/status/replica-status';
import type { Session } from '../mysql/types';
import { hasErrno } from '../mysql/errors';
import { number, read, text } from './rows';

export async function readChannels(session: Session): Promise<readonly ChannelReading[]> {
  const rows = await session.query(session.dialect.showReplicaStatus());
  return rows.map(replicaStatusOf).map(({ channel, host, port, user, applierRuns: applies }) => ({ name: channel, host, port, user, applies }));
}

export async function readProcesses(session: Session, own: () => ReadonlySet<string>): Promise<readonly ProcessReading[]> {
  const rows = await read(session, 'SHOW FULL PROCESSLIST');
  const ours = own();
  return rows
    .filter((row) => !ours.has(text(row, 'Id')))
    .map((row) => ({
      id: text(row, 'Id'),
      user: text(row, 'User'),
      host: text(row, 'Host'),
      command: text(row, 'Command'),
      seconds: number(row, 'Time'),
      state: text(row, 'State'),
      statement: withoutLiterals(text(row, 'Info')),
    }));
}

/** trx_started is in the server's own zone, whatever the session's. */
const transactionSql = `SELECT trx_mysql_thread_id AS threadId, TIMESTAMPDIFF(SECOND, trx_started, CONVERT_TZ(NOW(), @@SESSION.time_zone, 'SYSTEM')) AS seconds,
  trx_rows_modified AS modified, trx_query AS statement FROM information_schema.INNODB_TRX`;

export async function readTransactions(session: Session): Promise<readonly TransactionReading[]> {
  const rows = await read(session, transactionSql);
  return rows.map((row) => ({
    threadId: text(row, 'threadId'), seconds: number(row, 'seconds'), rowsModified: number(row, 'modified'), statement: withoutLiterals(text(row, 'statement')),
  }));
}

/** Sessions that write another format than ROW; null where the server does not tell: before 5.7.6, or not to this login. */
export async function readFormats(session: Session): Promise<readonly SessionFormat[] | null> {
  if (!atLeast(session.version, 5, 7, 6)) return null;
  try {
    const rows = await read(
      session,
      `SELECT t.PROCESSLIST_ID AS id, t.PROCESSLIST_USER AS user, t.PROCESSLIST_HOST AS host, v.VARIABLE_VALUE AS format
       FROM performance_schema.variables_by_thread v JOIN performance_schema.threads t ON t.THREAD_ID = v.THREAD_ID
       WHERE v.VARIABLE_NAME = 'binlog_format' AND v.VARIABLE_VALUE <> 'ROW' AND t.TYPE = 'FOREGROUND' AND t.PROCESSLIST_USER IS NOT NULL
         AND NOT ${killedAtRest('t.PROCESSLIST_ID')} ORDER BY id`,
    );
    return rows.map((row) => ({ id: text(row, 'id'), user: text(row, 'user'), host: text(row, 'host'), format: text(row, 'format') }));
  } catch (thrown) {
    // ER_TABLEACCESS_DENIED_ERROR.
    if (hasErrno(thrown, 1142)) return null;
    throw thrown;
  }
}

/** Ids of prepared XA transactions; null where the login may not ask (XA_RECOVER_ADMIN, 8.0+). */
export async function readXa(session: Session): Promise<readonly string[] | null> {
  try {
    const rows = await read(session, 'XA RECOVER CONVERT XID').catch((thrown: unknown) => {
      // CONVERT XID exists from 5.7.5 on.
      if (hasErrno(thrown, 1064)) return read(session, 'XA RECOVER');
      throw thrown;
    });
    return rows.map((row) => text(row, 'data'));
  } catch (thrown) {
    // ER_XAER_RMERR and ER_SPECIFIC_ACCESS_DENIED_ERROR are what a missing right gives.
    if (hasErrno(thrown, 1401, 1227)) return null;
    throw thrown;
  }
}
