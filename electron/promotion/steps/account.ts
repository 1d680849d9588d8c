import type { Dialect } from '../../mysql/dialect/dialect';
import { isUnreachable } from '../../mysql/errors';
import type { Statement } from '../../mysql/types';
import { accountHost, madePrefix, newAccountName, newPassword, type ReplicationLogin } from '../../replication/login';
import { unlogged, type WritableServer } from '../../replication/read-only';
import type { Server } from '../../replication/servers';

const UNLOGGED = 'SET SESSION sql_log_bin = 0';
const LOGGED = 'SET SESSION sql_log_bin = 1';

/** The statements that make the account of a login. */
export function accountStatements(dialect: Dialect, user: string, password: string, requireTls: boolean): readonly Statement[] {
  return dialect.createReplicationAccount({ account: { user, host: accountHost }, password, requireTls });
}

/** The statements of `plantLogin` on a standby that is closed. */
export function plantedStatements(dialect: Dialect, user: string, password: string, requireTls: boolean): ReadonlyArray<string | Statement> {
  const closed = (on: boolean): readonly Statement[] => (dialect.features.hasSuperReadOnly ? [dialect.setGlobal('super_read_only', on)] : []);
  return [...closed(false), UNLOGGED, ...accountStatements(dialect, user, password, requireTls), LOGGED, ...closed(true)];
}

/** A login's name in a plan; one that is to be made gets its name then. */
export function loginName({ login }: { readonly login: string | null }): string {
  return login ?? `${madePrefix}…`;
}

/** Whether the account of a login is there, with the host that our accounts have. */
export async function hasAccount(server: Server, user: string): Promise<boolean> {
  return (await server.text('control', 'SELECT 1 FROM mysql.user WHERE User = ? AND Host = ?', [user, accountHost])) !== null;
}

/**
 * Makes the account of a login on a standby it cannot reach by replication: a partial copy brings no accounts and its
 * filters keep CREATE USER away. Outside of the binary log, so that the standby has no transaction of its own; read_only
 * stays on throughout, super_read_only is off for the moment it takes.
 */
export async function plantLogin(server: Server, login: ReplicationLogin, requireTls: boolean): Promise<void> {
  const dialect = await server.dialect();
  await unlogged(writableServer(server, dialect), () => server.all('control', accountStatements(dialect, login.user, login.password, requireTls)));
}

function writableServer(server: Server, dialect: Dialect): WritableServer {
  return {
    dialect,
    isSuperReadOnly: async () => dialect.features.hasSuperReadOnly && (await server.text('control', 'SELECT @@GLOBAL.super_read_only')) === '1',
    run: (statement) => server.sql('control', statement),
    inSession: (statement) => server.unstoppable('control', statement),
    always: async (statement) => {
      try {
        await server.unstoppable('control', statement);
      } catch (thrown) {
        // The server forgets a session that is lost: the next one is new.
        if (!isUnreachable(thrown)) throw thrown;
        await server.unstoppable('control', statement);
      }
    },
  };
}

/**
 * Makes a replication account on the old primary before anything is fenced: it reaches the standby by replication
 * (a partial one by `plantLogin`) and serves the reverse link there. Its name is new each time, so that an account of somebody else is never changed.
 */
export async function makeLogin(server: Server, login: ReplicationLogin, requireTls: boolean): Promise<void> {
  await server.all('control', accountStatements(await server.dialect(), login.user, login.password, requireTls));
}

/** A login whose account is still to be made. */
export function newLogin(): ReplicationLogin {
  return { user: newAccountName(), password: newPassword() };
}

/** Drops the account of a login that was made here, where it is there. */
export async function dropLogin(server: Server, user: string): Promise<void> {
  if (await hasAccount(server, user)) await server.sql('control', (await server.dialect()).dropAccount({ user, host: accountHost }));
}

/** As `dropLogin`, on a standby that is closed, outside of its binary log. */
export async function uprootLogin(server: Server, user: string): Promise<void> {
  const dialect = await server.dialect();
  if (await hasAccount(server, user)) await unlogged(
    writableServer(server, dialect),
    () => server.all('control', [dialect.dropAccount({ user, host: accountHost })]),
  );
}
