import { curableVariables } from '../../../shared/domain/promotion/cure';
import { failure } from '../../../shared/errors/codes';
import type { Dialect } from '../../mysql/dialect/dialect';
import type { LastingChange } from '../../mysql/dialect/variables';
import { hasErrno } from '../../mysql/errors';
import type { Statement } from '../../mysql/types';
import type { Server } from '../../replication/servers';
import { ensureOwnSchema } from './promotion-journal';
import { probe } from './write-probe';

/** What is read of the settings beside the statement that opens. */
export const HINDERING = `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${curableVariables.map((name) => `'${name}'`).join(', ')})`;

/** Whether a server takes writes, by its own word. Throws where it cannot be asked. */
export async function standOf(server: Server): Promise<'writable' | 'read-only'> {
  return (await server.text('control', 'SELECT @@GLOBAL.read_only')) === '0' ? 'writable' : 'read-only';
}

/** One statement: turning read_only off turns super_read_only off with it. Manual: "super_read_only". */
async function openStatement(server: Pick<Server, 'dialect'>): Promise<Statement> {
  return (await server.dialect()).setGlobal('read_only', false);
}

/**
 * Opens a server for writes and proves it: a row is written into our own schema and read back. The schema is there
 * already where it came by replication; where it is not, it is made, which takes longer.
 */
export async function openForWrites(server: Server, token: string): Promise<void> {
  const statement = await openStatement(server);
  // On two connections, at the same time: the clients' time without writes runs.
  await Promise.all([server.sql('control', statement), refuseHindered(server)]);
  try {
    await probe(server, token);
  } catch (thrown) {
    // 1049, 1146: no such database, no such table.
    if (!hasErrno(thrown, 1049, 1146)) throw thrown;
    await ensureOwnSchema(server);
    await probe(server, token);
  }
}

/** The probe's own session is older than a setting that keeps new ones from writing. */
async function refuseHindered(server: Server): Promise<void> {
  const rows = await server.sql<{ Variable_name: string; Value: string }>('wait', HINDERING);
  const found = rows.filter(({ Value }) => Value === 'ON').map(({ Variable_name: name }) => `${name} = ON`);
  if (found.length > 0) throw failure('opening-barred', { server: server.name, found: found.join(', ') }, { server: server.name });
}

/** Keeps a server open over a restart. Returns the lines for my.cnf where the server cannot keep it (before 8.0). */
export async function persistOpen(server: Server): Promise<readonly string[]> {
  const { statements, configLines } = persistedOpen(await server.dialect());
  await server.all('control', statements);
  return configLines;
}

/** What `persistOpen` runs and says: before 8.0 lines alone. */
export function persistedOpen(dialect: Dialect): LastingChange {
  const change = dialect.setReadOnly(false, true);
  return dialect.features.hasSetPersist ? change : { ...change, statements: [] };
}
