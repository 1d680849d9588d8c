import type { Scope } from '../../../shared/domain/scope/scope';
import { wholeInstance } from '../../../shared/domain/scope/scope';
import { filtersMatch, wildTablesOf } from '../../../shared/domain/scope/filters';
import type { FilterSettings } from '../../mysql/dialect-replication';
import type { Dialect } from '../../mysql/dialect';
import type { LastingChange } from '../../mysql/dialect-variables';
import type { Statement } from '../../mysql/types';
import { failure } from '../../../shared/errors/codes';
import type { Hand } from '../../replication/servers';
import { replicaStatus } from './link';

/** Exactly the filters of a scope: what an earlier link left would narrow or widen this one unseen, and is emptied. */
function settingsOf(scope: Scope): FilterSettings {
  return { doDb: [], ignoreDb: [], doTable: [], ignoreTable: [], wildIgnoreTable: [], rewriteDb: [], wildDoTable: wildTablesOf(scope) };
}

/**
 * Makes ready a server that is about to replicate a part: the filters of the scope, and no start of replication by itself
 * after a restart, which forgets filters and would apply everything. The applier is stopped. Returns the lines for my.cnf
 * where the server cannot keep this itself. Nothing to do for a whole instance, nor before 5.7.3, where the filters are
 * lines of the option file: see `refuseOtherFilters`.
 */
export async function narrow(hand: Hand, scope: Scope): Promise<readonly string[]> {
  const { statements, configLines } = narrowing(await hand.dialect(), scope);
  await hand.all('control', statements);
  return configLines;
}

/** The statements of `narrow`. */
export function narrowing(dialect: Dialect, scope: Scope): LastingChange {
  if (scope.kind === 'instance' || !dialect.features.hasFilterStatement) return { statements: [], configLines: [] };
  const kept = dialect.setSkipReplicaStart(true);
  return { statements: [...kept.statements, dialect.changeReplicationFilter(settingsOf(scope))], configLines: kept.configLines };
}

/**
 * A part is never replicated with other filters than its own. Called where the channel is set and stands still.
 *
 * @throws Failure `checks-failed` naming the check with the lines for the option file
 */
export async function refuseOtherFilters(hand: Hand, scope: Scope): Promise<void> {
  if (scope.kind === 'instance') return;
  const live = (await replicaStatus(hand))[0]?.filters;
  if (live !== undefined && filtersMatch(scope, live)) return;
  throw failure('checks-failed', { count: 1, first: 'obj.filter' }, { server: hand.name, detail: `replicate_wild_do_table: ${live?.wildDoTable.join(', ') ?? ''}` });
}

/** What shows the filters of a channel, in the words of a server. */
export function filtersSqlOf({ features, showReplicaStatus }: Dialect): string {
  return features.hasFilterPerChannel ? 'SELECT * FROM performance_schema.replication_applier_filters' : showReplicaStatus().redacted;
}

/** Takes the filters of a part off a server that does not replicate any more. */
export async function widen(hand: Hand, scope: Scope): Promise<void> {
  await hand.all('control', widening(await hand.dialect(), scope));
}

/** The statements of `widen`. */
export function widening(dialect: Dialect, scope: Scope): readonly Statement[] {
  if (scope.kind === 'instance' || !dialect.features.hasFilterStatement) return [];
  const emptied = dialect.changeReplicationFilter(settingsOf(wholeInstance));
  return dialect.features.hasSkipReplicaStartVariable ? [emptied, dialect.resetPersist('skip_replica_start')] : [emptied];
}
