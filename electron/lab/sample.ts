// The sample schema `orders`: made on a running server, with its load of writes.
import { randomBytes } from 'node:crypto';
import type { Connection } from 'mysql2/promise';
import { atLeast, type ServerVersion } from '../../shared/domain/fleet/version';
import { eventStatement, routineStatements } from './sample/routines';
import { FULL_SIZE, rowStatements, type SampleSize } from './sample/rows';
import { SAMPLE_DATABASE, SAMPLE_OWNER, tableStatements, viewStatements } from './sample/tables';

export { SMALL_SIZE, type SampleSize } from './sample/rows';

export interface SampleOptions {
  readonly size?: SampleSize;
  /** Orders placed each second by an event of the server; 0 for none. */
  readonly ordersPerSecond?: number;
  readonly onProgress?: (done: number, total: number, table: string) => void;
}

/** Makes the sample anew: what an interrupted attempt left of it is dropped first. */
export async function loadSample(connection: Connection, version: ServerVersion, options: SampleOptions = {}): Promise<void> {
  const { size = FULL_SIZE, ordersPerSecond = 3, onProgress } = options;
  const run = async (sql: string): Promise<void> => { await connection.query(sql); };

  await run(`DROP DATABASE IF EXISTS ${SAMPLE_DATABASE}`);
  // utf8mb4 by name: the default of the oldest supported version is a one-byte character set.
  await run(`CREATE DATABASE ${SAMPLE_DATABASE} CHARACTER SET utf8mb4`);
  await run(`USE ${SAMPLE_DATABASE}`);
  await createOwner(connection, version);
  for (const sql of tableStatements(version)) await run(sql);

  await run('SET SESSION foreign_key_checks = 0');
  await run("SET SESSION time_zone = '+00:00'");
  const fills = rowStatements(size);
  for (const [index, { table, sql }] of fills.entries()) {
    onProgress?.(index, fills.length, table);
    await run(sql);
  }
  await run('SET SESSION foreign_key_checks = 1');

  // After the rows: triggers would only slow the load down, and its own history is not what the audit table is about.
  for (const sql of [...viewStatements(), ...routineStatements(version)]) await run(sql);
  if (ordersPerSecond > 0) {
    await run(eventStatement(ordersPerSecond));
    await run('SET GLOBAL event_scheduler = ON');
  }
  // Sizes and row counts shown to users come from these figures; the server would renew them only some seconds later.
  await run(`ANALYZE NO_WRITE_TO_BINLOG TABLE ${[...new Set(fills.map(({ table }) => table))].join(', ')}`);
  await retireOldBinaryLogs(connection, version);
  onProgress?.(fills.length, fills.length, '');
}

// Nobody logs in with this account: it only owns the routines.
async function createOwner(connection: Connection, version: ServerVersion): Promise<void> {
  const secret = randomBytes(18).toString('base64url');
  if (atLeast(version, 5, 7, 6)) {
    await connection.query(`CREATE USER IF NOT EXISTS ${SAMPLE_OWNER} IDENTIFIED BY '${secret}'`);
    await connection.query(`GRANT ALL PRIVILEGES ON ${SAMPLE_DATABASE}.* TO ${SAMPLE_OWNER}`);
  } else {
    await connection.query(`GRANT ALL PRIVILEGES ON ${SAMPLE_DATABASE}.* TO ${SAMPLE_OWNER} IDENTIFIED BY '${secret}'`);
  }
}

// Like any server that has run for a while, this one no longer has the logs of its beginnings: a standby needs a seed.
async function retireOldBinaryLogs(connection: Connection, version: ServerVersion): Promise<void> {
  await connection.query('FLUSH BINARY LOGS');
  const [rows] = await connection.query(atLeast(version, 8, 2) ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
  const current = Array.isArray(rows) ? (rows[0] as { File?: unknown } | undefined)?.File : undefined;
  if (typeof current === 'string') await connection.query('PURGE BINARY LOGS TO ?', [current]);
}
