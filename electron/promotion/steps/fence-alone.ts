import { failure } from '../../../shared/errors/codes';
import type { ServerSessions, Server } from '../../replication/servers';
import { closeClients, fence, fenceStatements, isFenced, persistFence, prepareFence } from './fence';

/**
 * Fences a server that nobody is to write to any more: closed, kept closed over a restart, its clients ended. `closed`: how many were;
 * `configLines`: what my.cnf needs where the server cannot keep the fence itself (before 8.0).
 *
 * @throws Failure `step-failed` where it takes writes all the same; what `fence` throws
 */
export async function fenceForGood(sessions: ServerSessions, server: Server): Promise<{ readonly closed: number; readonly configLines: readonly string[] }> {
  await prepareFence(server);
  await fence(server, await fenceStatements(server));
  const configLines = await persistFence(server);
  const closed = await closeClients(sessions, server);
  if (!(await isFenced(server))) throw failure('step-failed', { step: 'fence', server: server.name }, { server: server.name });
  return { closed, configLines };
}
