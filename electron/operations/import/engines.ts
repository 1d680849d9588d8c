// Whether what a table takes can be taken back.
import type { ObjectName } from '../../../shared/domain/operations/import/verdict';
import { systemSchemas } from '../../../shared/domain/scope/scope';
import type { Session } from '../../mysql/types';
import { hexOf } from './values';

/** Whether rows for a table, and what its triggers do, are of one transaction; whatever the session's character set and modes are. */
export async function isTransactional(session: Pick<Session, 'query'>, { database, table }: ObjectName): Promise<boolean> {
  const [where, what] = [hexOf(database), hexOf(table ?? '')];
  const [row] = await session.query<{ engine: string | Uint8Array | null; triggers: string | number }>(
    `SELECT ENGINE AS engine, (SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ${where} AND EVENT_OBJECT_TABLE = ${what}) `
    + `AS triggers FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${where} AND TABLE_NAME = ${what}`);
  // Where the file has set its session to `SET NAMES binary` texts come as bytes.
  const engine = row?.engine == null ? '' : Buffer.from(row.engine).toString();
  return engine.toLowerCase() === 'innodb' && (Number(row?.triggers) === 0 || !(await hasOthers(session)));
}

/** Whether any table is without transactions: a trigger may write into any. */
async function hasOthers(session: Pick<Session, 'query'>): Promise<boolean> {
  const [other] = await session.query(
    "SELECT 1 FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND (ENGINE IS NULL OR ENGINE <> 'InnoDB') "
    + `AND TABLE_SCHEMA NOT IN (${systemSchemas.map((name) => `'${name}'`).join(', ')}) LIMIT 1`);
  return other !== undefined;
}
