// How far an import is, as the server itself tells: written in the transaction of the rows that it is about.
import { ownSchema } from '../../../shared/domain/scope/scope';
import { hasErrno } from '../../mysql/errors';
import type { Session, StatementSession } from '../../mysql/types';
import type { Position } from './input';

const table = `${ownSchema}.imports`;
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
  await session.run(`REPLACE INTO ${table} (id, applied_bytes, line, statements, affected, at_utc) VALUES ('${id.replaceAll(/[^0-9a-f-]/g, '')}', `
    + `${whole(at)}, ${whole(line)}, ${whole(statements)}, ${whole(rows)}, UTC_TIMESTAMP(6))`, [], { timeoutMs: Infinity });
}

/** How far an import is; null: nothing of it is committed. */
export async function readMark(session: StatementSession, id: string): Promise<Position | null> {
  try {
    const [row] = await session.query<{ at: string; line: string; statements: string; affected: string }>(
      `SELECT applied_bytes AS at, line, statements, affected FROM ${table} WHERE id = ?`, [id]);
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
