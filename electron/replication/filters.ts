// Replication filters of a link: set, compared, and refused where they are others than its scope's.
import { type filtersForScope, filtersMatch, wildTablesOf } from '../../shared/domain/scope/filters';
import { filterText } from '../../shared/domain/scope/live-filters';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import { failure } from '../../shared/errors/codes';
import type { Dialect } from '../mysql/dialect/dialect';
import type { FilterSettings } from '../mysql/dialect/replication';
import type { LastingChange } from '../mysql/dialect/variables';
import type { StatusServer } from '../mysql/status/replica-status';
import type { Statement } from '../mysql/types';
import { linkStatus } from './status';

/** Exactly the filters of a scope: what somebody set by hand, or an earlier link left, would narrow this one unseen, and is emptied. */
export function settingsFor(scope: Scope): FilterSettings {
  return { doDb: [], ignoreDb: [], doTable: [], ignoreTable: [], wildIgnoreTable: [], rewriteDb: [], wildDoTable: wildTablesOf(scope) };
}

/** Puts exactly the filters of a scope in force; the applier must stand still. Before 5.7.3 they are lines of the option file: none. */
export function changeFilters(dialect: Dialect, scope: Scope): readonly Statement[] {
  return dialect.features.hasFilterStatement ? [dialect.changeReplicationFilter(settingsFor(scope))] : [];
}

/**
 * What makes a server ready to replicate a part: no start of replication by itself after a restart, which forgets filters and would
 * apply everything, and the filters of the scope. The applier stands still. Nothing for a whole instance, nor before 5.7.3, where the
 * filters are lines of the option file: see `refuseOtherFilters`.
 */
export function narrowing(dialect: Dialect, scope: Scope): LastingChange {
  if (scope.kind === 'instance' || !dialect.features.hasFilterStatement) return { statements: [], configLines: [] };
  const kept = dialect.setSkipReplicaStart(true);
  return { statements: [...kept.statements, ...changeFilters(dialect, scope)], configLines: kept.configLines };
}

/** Runs `narrowing`; returns the lines for the option file, where the server cannot keep it itself. */
export async function narrow(dialect: Dialect, scope: Scope, run: (statement: Statement) => Promise<unknown>): Promise<readonly string[]> {
  const { statements, configLines } = narrowing(dialect, scope);
  for (const statement of statements) await run(statement);
  return configLines;
}

/** What takes the marks of a part off a server that does not replicate any more: its filters, and that replication does not start by itself. */
export function widening(dialect: Dialect): readonly Statement[] {
  if (!dialect.features.hasFilterStatement) return [];
  return [...changeFilters(dialect, wholeInstance), ...(dialect.features.hasSkipReplicaStartVariable ? [dialect.resetPersist('skip_replica_start')] : [])];
}

/**
 * A link never starts with other filters than those of its scope: before 5.7.3 they come from the option file, and a global filter of
 * the server goes over to every channel that is made; only a server that knows a source shows which it has. Called where the channel
 * is set and stands still.
 *
 * @throws Failure `checks-failed` naming the check with the lines for the option file
 */
export async function refuseOtherFilters(server: StatusServer, name: string, scope: Scope): Promise<void> {
  const live = (await linkStatus(server))?.filters;
  if (live !== undefined && filtersMatch(scope, live)) return;
  throw failure('checks-failed', { count: 1, first: 'obj.filter' }, { server: name, detail: live === undefined ? '' : filterText(live) });
}

/** What shows the filters of a channel, in the words of a server. */
export function showFilters({ features, showReplicaStatus }: Dialect): string {
  return features.hasFilterPerChannel ? 'SELECT * FROM performance_schema.replication_applier_filters' : showReplicaStatus().redacted;
}

/** Whether any filter is in force on a link: whoever set it, it narrows what the link carries. */
export function isFiltered({ filters }: { readonly filters: ReturnType<typeof filtersForScope> }): boolean {
  return !filtersMatch(wholeInstance, filters);
}
