import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { atLeast } from '../../../shared/domain/fleet/version';
import type { DialectBase } from './features';
import { quoteString } from '../quote';
import { plain, Secret, statementOf, type Statement } from '../statement';

/** The server a CLONE copies from. Host and port as the recipient reaches it. */
interface CloneDonor {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly requireTls: boolean;
}

export interface BinlogStatements {
  /** The current file and position: SHOW BINARY LOG STATUS. No row where log_bin is off. */
  showBinaryLogStatus(): Statement;
  /** Every file with its size. Error 1381 where log_bin is off. */
  showBinaryLogs(): Statement;
  /** Events of one file from a position on (from its beginning without one), `limit` at most; the file must be there. */
  showBinlogEvents(file: string, position: number | null, limit: number): Statement;
  /** As showBinlogEvents, of a replica's relay log. */
  showRelayLogEvents(file: string, position: number, limit: number): Statement;
  /** RESET MASTER: deletes every binary log and empties gtid_executed and gtid_purged. */
  resetBinaryLogsAndGtids(): Statement;
  flushBinaryLogs(): Statement;
  /**
   * SET GLOBAL gtid_purged. `replace` before 8.0 needs an empty gtid_executed; from 8.0 the new set must hold the old
   * one. `append` (8.0+) adds to it.
   */
  setGtidPurged(gtidSet: string, mode: 'replace' | 'append'): Statement;
  /** A consistent reading of binary log position, GTIDs and channels without a lock. 8.0.11+. */
  showLogStatus(): Statement;
  /** FLUSH TABLES WITH READ LOCK: waits for running statements (bound it with lock_wait_timeout), then stops all writes. */
  lockForRead(): Statement;
  unlock(): Statement;
  /** Holds back DDL, not writes. 8.0+. */
  lockForBackup(): Statement;
  unlockForBackup(): Statement;
  /** Limit of this session's waits for metadata locks, FLUSH TABLES WITH READ LOCK among them. Whole seconds, at least 1. */
  setLockWaitTimeout(seconds: number): Statement;
  installClone(): Statement;
  setCloneDonors(donors: ReadonlyArray<{ readonly host: string; readonly port: number }>): Statement;
  /** The CA file, on the recipient's own disk, that the donor's certificate has to be signed by, until the recipient restarts. 8.0.17+. */
  setCloneCa(file: string): Statement;
  /** Replaces all data of the server it runs on, accounts included, and restarts it. 8.0.17+. */
  cloneFrom(donor: CloneDonor): Statement;
  killQuery(connectionId: number): Statement;
  killConnection(connectionId: number): Statement;
}

/** Manual: "SQL Statements for Controlling Source Servers", gtid_purged, "The Clone Plugin", version notes of each. */
export function binlogStatements({ version, need }: DialectBase): BinlogStatements {
  const newWords = atLeast(version, 8, 2, 0);
  return {
    showBinaryLogStatus: () => plain(newWords ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS'),
    showBinaryLogs: () => plain('SHOW BINARY LOGS'),
    showBinlogEvents: (file, position, limit) => plain(
      `SHOW BINLOG EVENTS IN ${quoteString(file)}${position === null ? '' : ` FROM ${String(position)}`} LIMIT ${String(limit)}`,
    ),
    showRelayLogEvents: (file, position, limit) => plain(`SHOW RELAYLOG EVENTS IN ${quoteString(file)} FROM ${String(position)} LIMIT ${String(limit)}`),
    resetBinaryLogsAndGtids: () => plain(newWords ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER'),
    flushBinaryLogs: () => plain('FLUSH BINARY LOGS'),
    setGtidPurged: (gtidSet, mode) => {
      if (mode === 'append') need('hasGtidPurgedAppend');
      const set = parseGtidSet(gtidSet);
      if (set.hasTags()) need('hasTaggedGtid');
      return plain(`SET GLOBAL gtid_purged = ${quoteString(`${mode === 'append' ? '+' : ''}${set.toLine()}`)}`);
    },
    showLogStatus: () => {
      need('hasLogStatus');
      return plain('SELECT SERVER_UUID, LOCAL, REPLICATION, STORAGE_ENGINES FROM performance_schema.log_status');
    },
    lockForRead: () => plain('FLUSH TABLES WITH READ LOCK'),
    unlock: () => plain('UNLOCK TABLES'),
    lockForBackup: () => {
      need('hasBackupLock');
      return plain('LOCK INSTANCE FOR BACKUP');
    },
    unlockForBackup: () => {
      need('hasBackupLock');
      return plain('UNLOCK INSTANCE');
    },
    setLockWaitTimeout: (seconds) => plain(`SET SESSION lock_wait_timeout = ${String(Math.max(1, Math.ceil(seconds)))}`),
    installClone: () => {
      need('hasClone');
      return plain("INSTALL PLUGIN clone SONAME 'mysql_clone.so'");
    },
    setCloneDonors: (donors) => {
      need('hasClone');
      const list = donors.map(({ host, port }) => `${host}:${String(port)}`).join(',');
      return plain(`SET GLOBAL clone_valid_donor_list = ${quoteString(list)}`);
    },
    setCloneCa: (file) => {
      need('hasClone');
      return plain(`SET GLOBAL clone_ssl_ca = ${quoteString(file)}`);
    },
    cloneFrom: ({ host, port, user, password, requireTls }) => {
      need('hasClone');
      return statementOf(
        `CLONE INSTANCE FROM ${quoteString(user)}@${quoteString(host)}:${String(port)} IDENTIFIED BY `,
        new Secret(password),
        requireTls ? ' REQUIRE SSL' : '',
      );
    },
    killQuery: (connectionId) => plain(`KILL QUERY ${String(Math.trunc(connectionId))}`),
    killConnection: (connectionId) => plain(`KILL CONNECTION ${String(Math.trunc(connectionId))}`),
  };
}
