import { ownSchema } from '../../../shared/domain/scope/scope';
import { failure } from '../../../shared/errors/codes';
import type { Server } from '../../replication/servers';

export const PROBE_WRITE = `REPLACE INTO ${ownSchema}.probe (id, token, at_utc) VALUES (1, ?, UTC_TIMESTAMP(6))`;
export const PROBE_READ = `SELECT token FROM ${ownSchema}.probe WHERE id = 1`;

/** So long the probe may take while clients wait, milliseconds. */
const PROBE_LIMIT_MS = 5000;

/** Writes a token and reads it back: the server takes writes. */
export async function probe(server: Server, token: string): Promise<void> {
  await server.sql('control', PROBE_WRITE, [token], { timeoutMs: PROBE_LIMIT_MS });
  const seen = await server.text('control', PROBE_READ, [], { timeoutMs: PROBE_LIMIT_MS });
  if (seen !== token) throw failure('step-failed', { step: 'open', server: server.name }, { server: server.name });
}
