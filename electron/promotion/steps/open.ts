import type { Dialect } from '../../mysql/dialect';
import type { LastingChange } from '../../mysql/dialect-variables';
import type { Statement } from '../../mysql/types';
import type { Server } from '../../replication/servers';
import { ensureOwnSchema } from './promotion-journal';
import { probe } from './write-probe';

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
  await server.sql('control', await openStatement(server));
  try {
    await probe(server, token);
  } catch {
    await ensureOwnSchema(server);
    await probe(server, token);
  }
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
