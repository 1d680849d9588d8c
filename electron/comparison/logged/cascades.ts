import type { ActingKey } from '../../../shared/domain/operations/rollback/acting';
import type { Session } from '../../mysql/types';
import type { TodayTable } from './tables-today';

/** The columns that others refer to with an action that changes them along, where no log holds it (before 9.6 none does); null: none are. */
export async function cascadesOf(session: Session, table: TodayTable): Promise<ReadonlySet<string> | null> {
  if (table.children.length === 0) return null;
  const [native] = await session.query<{ Value: string }>("SHOW GLOBAL VARIABLES LIKE 'innodb_native_foreign_keys'");
  if (native?.Value === 'OFF') return null;
  const acting = await session.query<{ name: string }>(
    `SELECT CONSTRAINT_NAME AS name FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE UNIQUE_CONSTRAINT_SCHEMA = ? AND REFERENCED_TABLE_NAME = ?
     AND (DELETE_RULE IN ('CASCADE', 'SET NULL') OR UPDATE_RULE IN ('CASCADE', 'SET NULL'))`, [table.database, table.table],
  );
  const names = new Set(acting.map(({ name }) => name));
  const columns = table.children.filter(({ name }) => names.has(name)).flatMap(({ columns: own }) => own);
  return columns.length === 0 ? null : new Set(columns);
}

/** All foreign keys of the server that act by themselves, where no log holds what they do. */
export async function readActing(session: Session): Promise<readonly ActingKey[]> {
  const [native] = await session.query<{ Value: string }>("SHOW GLOBAL VARIABLES LIKE 'innodb_native_foreign_keys'");
  if (native?.Value === 'OFF') return [];
  const rows = await session.query<{ db: string; tab: string; parentDb: string; parentTab: string }>(
    `SELECT CONSTRAINT_SCHEMA AS db, TABLE_NAME AS tab, UNIQUE_CONSTRAINT_SCHEMA AS parentDb, REFERENCED_TABLE_NAME AS parentTab
     FROM information_schema.REFERENTIAL_CONSTRAINTS
     WHERE DELETE_RULE IN ('CASCADE', 'SET NULL') OR UPDATE_RULE IN ('CASCADE', 'SET NULL')`,
  );
  return rows.map(({ db, tab, parentDb, parentTab }) => ({ child: { database: db, table: tab }, parent: { database: parentDb, table: parentTab } }));
}
