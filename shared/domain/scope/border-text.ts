import type { Translator } from '../../i18n/translate';
import { leavesNothing, narrowsDatabase, type BorderStatement } from './border';
import type { TableName } from './protection';
import type { Scope } from './scope';

/** What stopped an applier at the border of a scope, and its cure. Names are untrusted. */
export function borderText(t: Translator, scope: Scope, { inside, outside, inTheWay }: BorderStatement): string {
  const names = (tables: readonly TableName[]): string => tables.map(({ database, name }) => `${database}.${name}`).join(', ');
  const said = { inside: names(inside), outside: names(outside) };
  const what = outside.length === 0 ? t('sync.scope.border-missing', said) : inTheWay ? t('sync.scope.border-in-the-way', said) : t('sync.scope.border', said);
  if (scope.kind === 'partial' && leavesNothing(scope, inside)) return `${what} ${t('sync.scope.border-all')}`;
  return [what, t('sync.scope.border-cure'), ...(narrowsDatabase(scope, inside) ? [t('sync.scope.border-narrows')] : [])].join(' ');
}
