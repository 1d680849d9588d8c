import type { Scope } from '../../shared/domain/scope';
import { wholeInstance } from '../../shared/domain/scope';
import { wildTablesOf } from '../../shared/domain/sync-filters';
import type { FilterSettings } from '../mysql/dialect-replication';
import type { Hand } from './crew';

/** Exactly the filters of a scope: what an earlier link left would narrow or widen this one unseen, and is emptied. */
function settingsOf(scope: Scope): FilterSettings {
  return { doDb: [], ignoreDb: [], doTable: [], ignoreTable: [], wildIgnoreTable: [], rewriteDb: [], wildDoTable: wildTablesOf(scope) };
}

/**
 * Makes ready a server that is about to replicate a part: the filters of the scope, and no start of replication by itself
 * after a restart, which forgets filters and would apply everything. The applier is stopped. Returns the lines for my.cnf
 * where the server cannot keep this itself; nothing to do for a whole instance.
 */
export async function narrow(hand: Hand, scope: Scope): Promise<readonly string[]> {
  if (scope.kind === 'instance') return [];
  const dialect = await hand.dialect();
  const kept = dialect.setSkipReplicaStart(true);
  await hand.all('control', [...kept.statements, dialect.changeReplicationFilter(settingsOf(scope))]);
  return kept.configLines;
}

/** Takes the filters of a part off a server that does not replicate any more. */
export async function widen(hand: Hand, scope: Scope): Promise<void> {
  const dialect = await hand.dialect();
  if (scope.kind === 'instance' || !dialect.features.hasFilterStatement) return;
  await hand.sql('control', dialect.changeReplicationFilter(settingsOf(wholeInstance)));
  if (dialect.features.hasSkipReplicaStartVariable) await hand.sql('control', dialect.resetPersist('skip_replica_start'));
}
