// The first statements on a new server: an administrator of its own, nobody else, and a clean transaction history.
import { createConnection, type Connection } from 'mysql2/promise';
import { atLeast, type ServerVersion } from '../../shared/domain/fleet/version';

export const ADMIN_USER = 'antipode';

export interface SocketLogin {
  readonly socketPath: string;
  readonly user: string;
  readonly password: string;
  readonly connectTimeout?: number;
}

export function openSocket(login: SocketLogin): Promise<Connection> {
  return createConnection({ supportBigNumbers: true, multipleStatements: true, connectTimeout: 10_000, ...login });
}

/** A password is written into SQL here and nowhere else; it is generated, and holds letters, digits, `-` and `_` only. */
function quotedPassword(password: string): string {
  if (!/^[\w-]+$/.test(password)) throw new Error('A generated password has unexpected characters.');
  return `'${password}'`;
}

export function bootstrapStatements(version: ServerVersion, password: string, options: { keepAnonymous: boolean }): string[] {
  const secret = quotedPassword(password);
  const statements = ['SET SESSION sql_log_bin = 0'];
  if (!options.keepAnonymous) {
    if (!atLeast(version, 5, 7)) {
      statements.push(
        "DELETE FROM mysql.user WHERE User = '' OR Host NOT IN ('localhost')", "DELETE FROM mysql.db WHERE Db LIKE 'test%' OR User = ''",
        'DROP DATABASE IF EXISTS test', 'FLUSH PRIVILEGES',
      );
    }
  }
  if (atLeast(version, 5, 7, 6)) {
    statements.push(
      `CREATE USER '${ADMIN_USER}'@'%' IDENTIFIED BY ${secret}`, `GRANT ALL PRIVILEGES ON *.* TO '${ADMIN_USER}'@'%' WITH GRANT OPTION`,
      `ALTER USER 'root'@'localhost' IDENTIFIED BY ${secret}`,
    );
  } else {
    statements.push(
      `GRANT ALL PRIVILEGES ON *.* TO '${ADMIN_USER}'@'%' IDENTIFIED BY ${secret} WITH GRANT OPTION`,
      `SET PASSWORD FOR 'root'@'localhost' = PASSWORD(${secret})`,
    );
  }
  statements.push(atLeast(version, 8, 2) ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
  return statements;
}

export async function bootstrap(socketPath: string, version: ServerVersion, password: string, options: { keepAnonymous: boolean }): Promise<void> {
  const connection = await openSocket({ socketPath, user: 'root', password: '' });
  try {
    for (const statement of bootstrapStatements(version, password, options)) await connection.query(statement);
  } finally {
    await connection.end();
  }
}
