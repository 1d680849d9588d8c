// The one reader of a server's links for whatever acts on them; the poller's readings come from the same rows (mysql/status/channels).
import { workerFailures } from '../mysql/status/applier-failures';
import { isLink, replicaStatusOf, type ReplicaStatus as StatusRow, type StatusServer } from '../mysql/status/replica-status';

export type { StatusServer } from '../mysql/status/replica-status';

/** A link of a server. */
export interface ReplicaStatus extends StatusRow {
  /** What the applier stopped at, in the server's words; '' where it did not. */
  readonly applierError: string;
}

/**
 * Every link of a server as it stands now. Of an applier with several workers the status names only their coordinator, or the one that
 * failed last: the error is the first worker's, which says what happened.
 *
 * @throws Failure where the server does not answer or does not let this login read it
 */
export async function replicaStatus(server: StatusServer): Promise<readonly ReplicaStatus[]> {
  const rows = await server.query(server.dialect.showReplicaStatus());
  return Promise.all(rows.map(replicaStatusOf).filter(isLink).map((status) => withWorkersError(server, status)));
}

/** One link; null: there is none of that name. Without a name the only one, which is all that a link of ours has beside it. */
export async function linkStatus(server: StatusServer, channel?: string): Promise<ReplicaStatus | null> {
  const links = await replicaStatus(server);
  return links.find((link) => channel === undefined || link.channel === channel) ?? null;
}

async function withWorkersError(server: StatusServer, status: StatusRow): Promise<ReplicaStatus> {
  if (status.lastApplierError === '') return { ...status, applierError: '' };
  const [first] = await workerFailures(server, status.channel);
  return { ...status, applierError: first?.error ?? status.lastApplierError };
}

/** Whether receiver and applier run; "connecting" is not running. */
export function runs({ receiver, applierRuns }: ReplicaStatus): boolean {
  return receiver === 'running' && applierRuns;
}
