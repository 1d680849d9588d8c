import type { Scope } from '../../../shared/domain/scope/scope';
import type { SyncSpec, SyncTaskState } from '../../../shared/domain/sync/sync';
import type { Translator } from '../../../shared/i18n/translate';
import type { WantedLock } from '../../ui/AtWork';

/** The locks that a run of a sync task takes: its source it shares with other such runs. */
export function locksOf({ sourceId, standbyId }: Pick<SyncSpec, 'sourceId' | 'standbyId'>): readonly WantedLock[] {
  return [{ instanceId: standbyId }, { instanceId: sourceId, shared: true }];
}

/** A task in one of these states needs its user. */
export const attentionStates: readonly SyncTaskState[] = ['waiting', 'paused', 'interrupted', 'failed', 'stopped', 'created'];
/** A task in one of these states is at work. */
export const activeStates: readonly SyncTaskState[] = ['checking', 'running', 'waiting', 'pausing'];

/** A scope in a few words. */
export function scopeText(t: Translator, scope: Scope): string {
  if (scope.kind === 'instance') return t('sync.scope.instance');
  const tables = scope.databases.reduce((sum, { tables: chosen }) => sum + (chosen?.length ?? 0), 0);
  return t('sync.scope.partial', { databases: scope.databases.length, tables });
}

/** The first names of a list, and how many more there are. */
export function shortened(names: readonly string[], shown: number): string {
  const rest = names.length - shown;
  return rest > 0 ? `${names.slice(0, shown).join(', ')} … (+${rest})` : names.join(', ');
}
