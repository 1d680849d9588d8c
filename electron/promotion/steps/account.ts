import type { Dialect } from '../../mysql/dialect/dialect';
import { isUnreachable } from '../../mysql/errors';
import type { Statement } from '../../mysql/types';
import { loginAccounts, loginStatements, madePrefix, newAccountName, newPassword, type NewLogin, type ReplicationLogin } from '../../replication/login';
import { unlogged, type WritableServer } from '../../replication/read-only';
import type { Server } from '../../replication/servers';

const UNLOGGED = 'SET SESSION sql_log_bin = 0';
const LOGGED = 'SET SESSION sql_log_bin = 1';

/** The statements of `plantLogin` on a standby that is closed. */
export function plantedStatements(dialect: Dialect, login: NewLogin, hosts: readonly string[]): ReadonlyArray<string | Statement> {
  const closed = (on: boolean): readonly Statement[] => (dialect.features.hasSuperReadOnly ? [dialect.setGlobal('super_read_only', on)] : []);
  return [...closed(false), UNLOGGED, ...loginStatements(dialect, login, hosts), LOGGED, ...closed(true)];
}

/** A login's name in a plan; one that is to be made gets its name then. */
export function loginName({ login }: { readonly login: string | null }): string {
  return login ?? `${madePrefix}…`;
}

/**
 * Makes the account of a login on a standby it cannot reach by replication: a partial copy brings no accounts and its
 * filters keep CREATE USER away. Outside of the binary log, so that the standby has no transaction of its own; read_only
 * stays on throughout, super_read_only is off for the moment it takes.
 */
export async function plantLogin(server: Server, login: NewLogin, hosts: readonly string[]): Promise<void> {
  const dialect = await server.dialect();
  await unlogged(writableServer(server, dialect), () => server.all('control', loginStatements(dialect, login, hosts)));
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
export async function makeLogin(server: Server, login: NewLogin, hosts: readonly string[]): Promise<void> {
  await server.all('control', loginStatements(await server.dialect(), login, hosts));
}

/** A login whose account is still to be made. */
export function newLogin(): ReplicationLogin {
  return { user: newAccountName(), password: newPassword() };
}

/** Drops the accounts of a login that was made here, as many as are there. */
export async function dropLogin(server: Server, user: string): Promise<void> {
  const dialect = await server.dialect();
  for (const account of await loginAccounts(await server.reader(), user)) await server.sql('control', dialect.dropAccount(account));
}

/** As `dropLogin`, on a standby that is closed, outside of its binary log. */
export async function uprootLogin(server: Server, user: string): Promise<void> {
  const dialect = await server.dialect();
  const accounts = await loginAccounts(await server.reader(), user);
  if (accounts.length > 0) await unlogged(writableServer(server, dialect), () => server.all('control', accounts.map((one) => dialect.dropAccount(one))));
}
