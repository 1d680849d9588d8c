import type { ChannelFilters, InstanceFacts } from '../fleet/facts';
import { filtersMatch } from './filters';
import type { Scope } from './scope';

const names = [
  'doDb', 'ignoreDb', 'doTable', 'ignoreTable', 'wildDoTable', 'wildIgnoreTable', 'rewriteDb',
] as const satisfies readonly (keyof ChannelFilters)[];

/** Filters as people read them: `doDb: crm, shop; ignoreDb: x`. Empty where there are none. Names are the server's: untrusted. */
export function filterText(filters: ChannelFilters): string {
  return names.filter((name) => filters[name].length > 0).map((name) => `${name}: ${[...filters[name]].sort().join(', ')}`).join('; ');
}

/** A name may hold a comma, at which the server's list is cut: compared are the pieces of both, whatever their order. */
export function sameFilters(live: ChannelFilters, wanted: ChannelFilters | null): boolean {
  const pieces = (rules: readonly string[]): string => rules.join(',').split(',').sort().join(',');
  return names.every((name) => pieces(live[name]) === pieces(wanted?.[name] ?? []));
}

/** True where any filter is in force, whoever set it. */
export function isNarrowed(filters: ChannelFilters): boolean {
  return filterText(filters) !== '';
}

/**
 * What is in force on the channels of a replica beside the filters of its scope: a transaction that they keep away counts as
 * executed all the same, so that no set of GTIDs shows what is missing. One line a channel; empty: the scope is all there is.
 * On MySQL 5.6 a replicate-rewrite-db of the option file is not told by the server, and not seen here.
 */
export function filtersBeside(facts: InstanceFacts, scope: Scope): readonly string[] {
  return facts.channels
    .filter(({ filters }) => !filtersMatch(scope, filters))
    .map(({ name, filters }) => `${name === '' ? '' : `${name}: `}${filterText(filters) === '' ? '—' : filterText(filters)}`);
}

/** binlog_do_db and binlog_ignore_db of a server: what they leave out reaches no replica and takes no GTID. Empty: it logs everything. */
export function logFilters({ binlog }: Pick<InstanceFacts, 'binlog'>): string {
  const rules = [['binlog_do_db', binlog?.doDb ?? ''], ['binlog_ignore_db', binlog?.ignoreDb ?? '']] as const;
  return rules.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`).join('; ');
}
