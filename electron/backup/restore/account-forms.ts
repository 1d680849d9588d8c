// Accounts of a backup in the words of a newer server. Pure.
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import { SqlCursor } from '../../../shared/domain/sql/cursor';

/** `CREATE USER … IDENTIFIED BY PASSWORD 'hash'`, as 5.6 takes a hash and no 8.0 does. */
const byPassword = /^(CREATE USER [^]+) IDENTIFIED BY PASSWORD ('[^']*')$/;

/**
 * A statement of `accounts.sql` as the target takes it: what 5.6 said of hashes, and in grants of what an account requires and how much it may use,
 * has other words from 5.7.6 on, and the old ones are gone in 8.0.
 */
export function inWordsOf(target: ServerVersion, sql: string): readonly string[] {
  if (!atLeast(target, 5, 7, 6)) return [sql];
  const made = byPassword.exec(sql);
  if (made !== null) return [`${made[1]} IDENTIFIED WITH 'mysql_native_password' AS ${made[2]}`];
  return /^GRANT /.test(sql) ? grantInParts(sql) : [sql];
}

function grantInParts(sql: string): readonly string[] {
  const cursor = new SqlCursor(sql);
  while (!cursor.isAtEnd && !cursor.words('TO')) cursor.take();
  const from = cursor.end;
  if (!cursor.account()) return [sql];
  const grant = sql.slice(0, cursor.end);
  const who = sql.slice(from, cursor.end).trim();
  const requires = cursor.words('REQUIRE') ? textUpTo(cursor, sql, 'WITH') : null;
  const hasOptions = cursor.words('WITH');
  const limits: string[] = [];
  let hands = false;
  while (hasOptions && !cursor.isAtEnd) {
    const start = cursor.end;
    if (cursor.words('GRANT', 'OPTION')) hands = true;
    else {
      // What is none of 5.6 is of a server that says it in today's words.
      if (cursor.take()?.text.startsWith('MAX_') !== true) return [sql];
      cursor.take();
      limits.push(sql.slice(start, cursor.end).trim());
    }
  }
  if (requires === null && limits.length === 0) return [sql];
  const clauses = `${requires === null ? '' : ` REQUIRE ${requires}`}${limits.length === 0 ? '' : ` WITH ${limits.join(' ')}`}`;
  return [`ALTER USER ${who}${clauses}`, `${grant}${hands ? ' WITH GRANT OPTION' : ''}`];
}

/** What stands before a word, or before the end. */
function textUpTo(cursor: SqlCursor, sql: string, word: string): string {
  const from = cursor.end;
  while (!cursor.isAtEnd && cursor.peek()?.text.toUpperCase() !== word) cursor.take();
  return sql.slice(from, cursor.end).trim();
}
