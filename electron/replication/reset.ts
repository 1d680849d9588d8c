// What takes the link off a server that is the primary now: the one reset of every promotion.
import type { Scope } from '../../shared/domain/scope/scope';
import type { Dialect } from '../mysql/dialect/dialect';
import type { StatusServer } from '../mysql/status/replica-status';
import type { Statement } from '../mysql/types';
import { isFiltered, widening } from './filters';
import { replicaStatus } from './status';

/**
 * The statements of `resetLinks`. `partial`: the link carried a part, so that filters and a start of replication that is kept off go with
 * it: on a primary that follows again one day they would narrow the new link, or leave it standing after a restart.
 */
export function resetting(dialect: Dialect, { linked = true, partial }: { readonly linked?: boolean; readonly partial: boolean }): readonly Statement[] {
  return [...(linked ? [dialect.stopReplica(), dialect.resetReplica({ all: true })] : []), ...(partial ? widening(dialect) : [])];
}

/**
 * Takes every link off the server, with its relay logs: only once nothing of them is needed. What is there already is left as it is, so
 * that the step may run again. Live filters count as much as the scope, whoever set them.
 */
export async function resetLinks(server: StatusServer, scope: Scope, run: (statement: Statement) => Promise<unknown>): Promise<void> {
  const links = await replicaStatus(server);
  const partial = scope.kind === 'partial' || links.some(isFiltered);
  for (const statement of resetting(server.dialect, { linked: links.length > 0, partial })) await run(statement);
}
