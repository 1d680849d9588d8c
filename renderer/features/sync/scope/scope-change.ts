import type { DatabaseObjects } from '../../../../shared/domain/fleet/view';
import { scopeWithout } from '../../../../shared/domain/scope/border';
import type { PartialScope, ScopeChangePlan } from '../../../../shared/domain/scope/change';
import type { TableName } from '../../../../shared/domain/scope/protection';
import type { ScopeDatabase } from '../../../../shared/domain/scope/scope';
import { mayGoOn } from '../checks/verdict';

/** What is chosen when the dialog opens: the scope as it is, less the tables that it was opened to go on without. */
export function firstChoice(from: PartialScope, without: readonly TableName[], objects: readonly DatabaseObjects[] | null): readonly ScopeDatabase[] {
  if (objects === null || without.length === 0) return from.databases;
  const tablesOf = (database: string): readonly string[] => objects.find(({ name }) => name === database)?.tables.map(({ name }) => name) ?? [];
  return scopeWithout(from, without, tablesOf).databases;
}

/** Whether a planned change may be made: its checks allow it, and what has to be typed was. Pure. */
export function mayChange({ report, phrase }: Pick<ScopeChangePlan, 'report' | 'phrase'>, acceptWarnings: boolean, word: string): boolean {
  return mayGoOn(report.results, acceptWarnings) && (phrase === null || word === phrase);
}
