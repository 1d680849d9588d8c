// How far an import is, as the server itself tells: written in the transaction of the rows that it is about.
import { ownSchema } from '../../../shared/domain/scope/scope';
import { hasErrno } from '../../mysql/errors';
import type { QueryOptions, Session, StatementSession } from '../../mysql/types';
import type { Position } from './input';

const table = `${ownSchema}.imports`;
const plainId = (id: string): string => id.replaceAll(/[^0-9a-f-]/g, '');
const whole = (value: number): string => String(Math.max(0, Math.trunc(value)));

/** Makes the table where it is missing; writes nothing to the binary log where it is there. */
export async function ensureMarks(session: Session): Promise<void> {
  const [found] = await session.query("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'imports'", [ownSchema]);
  if (found !== undefined) return;
  await session.run(`CREATE DATABASE IF NOT EXISTS ${ownSchema}`);
  await session.run(`CREATE TABLE IF NOT EXISTS ${table} (id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY, applied_bytes BIGINT UNSIGNED NOT NULL, `
    + 'line BIGINT UNSIGNED NOT NULL, statements BIGINT UNSIGNED NOT NULL, affected BIGINT UNSIGNED NOT NULL, at_utc DATETIME(6) NOT NULL) ENGINE = InnoDB');
}

/** Says how far an import is; the caller commits. Of numbers and an id of ours alone, whatever the file has set in the session. */
export async function writeMark(session: StatementSession, id: string, { at, line, statements, rows }: Position): Promise<void> {
  await session.run(`REPLACE INTO ${table} (id, applied_bytes, line, statements, affected, at_utc) VALUES ('${plainId(id)}', `
    + `${whole(at)}, ${whole(line)}, ${whole(statements)}, ${whole(rows)}, UTC_TIMESTAMP(6))`, [], { timeoutMs: Infinity });
}

/** How far an import is as far as it is committed; null: nothing of it is. A commit that is under way is not seen. */
export function readMark(session: StatementSession, id: string): Promise<Position | null> {
  return markBy(session, id, '');
}

/**
 * How far an import is, once no other session is about to say more: a COMMIT whose answer was lost may still go through, and holds the row until it
 * has. Throws what a lock that is not to be had yet throws.
 */
export async function lockedMark(session: StatementSession, id: string, options?: QueryOptions): Promise<Position | null> {
  const mark = await markBy(session, id, ' FOR UPDATE', options);
  // Where autocommit is off the lock would stay.
  await session.run('COMMIT');
  return mark;
}

async function markBy(session: StatementSession, id: string, locking: string, options?: QueryOptions): Promise<Position | null> {
  try {
    const [row] = await session.query<{ at: string; line: string; statements: string; affected: string }>(
      `SELECT applied_bytes AS at, line, statements, affected FROM ${table} WHERE id = '${plainId(id)}'${locking}`, [], options);
    return row === undefined ? null : { at: Number(row.at), line: Number(row.line), statements: Number(row.statements), rows: Number(row.affected) };
  } catch (thrown) {
    // 1049, 1146: no such database or table.
    if (hasErrno(thrown, 1049, 1146)) return null;
    throw thrown;
  }
}

/** The import is over: its row goes. */
export async function forgetMark(session: StatementSession, id: string): Promise<void> {
  try {
    await session.run(`DELETE FROM ${table} WHERE id = ?`, [id]);
  } catch (thrown) {
    if (!hasErrno(thrown, 1049, 1146)) throw thrown;
  }
}
