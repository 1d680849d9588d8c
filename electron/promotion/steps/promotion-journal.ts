import { ownSchema } from '../../../shared/domain/scope/scope';
import type { PromotionKind } from '../../../shared/domain/promotion/promotion';
import type { Server } from '../../replication/servers';

const tables: Readonly<Record<string, string>> = {
  probe: `CREATE TABLE IF NOT EXISTS ${ownSchema}.probe (id TINYINT NOT NULL PRIMARY KEY, token CHAR(36) CHARACTER SET ascii NOT NULL, at_utc DATETIME(6) ` +
    'NOT NULL) ENGINE = InnoDB',
  journal:
    `CREATE TABLE IF NOT EXISTS ${ownSchema}.journal (id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY, kind VARCHAR(16) NOT NULL, epoch BIGINT ` +
    'UNSIGNED NOT NULL, ' +
    'new_primary VARCHAR(255) NOT NULL, old_primary VARCHAR(255) NOT NULL, operator VARCHAR(255) NOT NULL, promotion_set LONGTEXT, ' +
    'began_utc DATETIME(6) NOT NULL, opened_utc DATETIME(6) NULL) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4',
};

/** Makes our own schema and tables where they are missing; writes nothing to the binary log where they are there. */
export async function ensureOwnSchema(server: Server): Promise<void> {
  for (const sql of await missingOwnSchema(server)) await server.sql('control', sql);
}

/** The statements that make what is missing of our own schema. */
export async function missingOwnSchema(server: Server): Promise<readonly string[]> {
  const found = await server.sql<{ name: string }>('control', 'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?', [ownSchema]);
  const names = new Set(found.map(({ name }) => name.toLowerCase()));
  const missing = Object.entries(tables).filter(([name]) => !names.has(name));
  return missing.length === 0 ? [] : [`CREATE DATABASE IF NOT EXISTS ${ownSchema}`, ...missing.map(([, sql]) => sql)];
}

export interface JournalRow {
  readonly id: string;
  readonly kind: PromotionKind;
  readonly newPrimary: string;
  readonly oldPrimary: string;
  readonly operator: string;
}

export const JOURNAL_BEGIN =
  `INSERT IGNORE INTO ${ownSchema}.journal (id, kind, epoch, new_primary, old_primary, operator, began_utc) ` +
  `SELECT ?, ?, COALESCE(MAX(epoch), 0) + 1, ?, ?, ?, UTC_TIMESTAMP(6) FROM ${ownSchema}.journal`;
export const JOURNAL_OPENED = `UPDATE ${ownSchema}.journal SET promotion_set = ?, opened_utc = COALESCE(opened_utc, UTC_TIMESTAMP(6)) WHERE id = ?`;

/** Writes what begins, with the next epoch; a row that is there already stays as it is. */
export async function journalBegins(server: Server, row: JournalRow): Promise<void> {
  await server.sql('control', JOURNAL_BEGIN, [row.id, row.kind, row.newPrimary, row.oldPrimary, row.operator]);
}

/** Completes the row on the new primary; it reaches the others by replication. */
export async function journalOpened(server: Server, id: string, promotionSet: string): Promise<void> {
  await server.sql('control', JOURNAL_OPENED, [promotionSet, id]);
}

/** The row of an operation that did not come about goes; one that died before the journal was made has none. */
export async function journalForget(server: Server, id: string): Promise<void> {
  const made = await server.text('control', "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'journal'", [ownSchema]);
  if (made === null) return;
  await server.sql('control', `DELETE FROM ${ownSchema}.journal WHERE id = ? AND opened_utc IS NULL`, [id]);
}
