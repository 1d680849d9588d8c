import { isGood } from '../../../shared/domain/backup/standing';
import type { BackupView } from '../../../shared/domain/backup/backup';
import type { BackedUp, BackedUpKind } from '../../../shared/domain/backup/protection';
import type { Scope } from '../../../shared/domain/scope/scope';
import type { Translator } from '../../../shared/i18n/translate';
import { formatAgo, formatBytes, formatDay } from '../../ui/format';
import type { Tone } from '../../ui/StatusBadge';

/** Which colour a standing has. */
export const standingTones: Record<BackedUpKind, Tone> = { 'none': 'bad', 'broken': 'bad', 'partial': 'warn', 'old': 'warn', 'unproven': 'warn', 'good': 'good' };

/** What a backup holds, in a few words. */
export function scopeWords(t: Translator, scope: Scope): string {
  if (scope.kind === 'instance') return t('backup.screen.scope.instance');
  return t('backup.screen.scope.partial', { databases: scope.databases.length, tables: scope.databases.reduce((sum, { tables }) => sum + (tables?.length ?? 0), 0) });
}

/** The one sentence about an instance: what could be brought back of it. `now`: milliseconds since the epoch. */
export function headlineWords(t: Translator, name: string, { kind, lastGood, provenAt }: BackedUp, now: number): string {
  if (lastGood === null) return t(`backup.screen.headline.${kind === 'broken' ? 'broken' : 'none'}`, { name });
  return t(`backup.screen.headline.${kind}`, {
    name, scope: scopeWords(t, lastGood.scope), when: formatAgo(t, lastGood.startedAt, now), size: formatBytes(t.language, lastGood.storedBytes),
    proven: provenAt === null ? t('backup.screen.proven.never') : t('backup.screen.proven.at', { when: formatAgo(t, provenAt, now) }),
  });
}

/** When a backup was begun, to the minute, to tell it from another; what a damaged one does not tell any more is not known. */
export function whenWords(t: Translator, timeZone: string, at: number): string {
  if (at <= 0) return t('common.not-known');
  const { language } = t;
  return `${formatDay(language, timeZone, at)} ${new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).format(at)}`;
}

/** How a backup is, for its line of the list: `wrong` is whole and was found not to be what its manifest says. */
export function conditionOf(backup: BackupView): { readonly word: BackupView['state']; readonly tone: Tone; readonly trouble: Exclude<BackupView['state'], 'complete'> | 'wrong' | null } {
  const { state } = backup;
  switch (state) {
    case 'complete':
      return isGood(backup) ? { word: state, tone: 'good', trouble: null } : { word: 'damaged', tone: 'bad', trouble: 'wrong' };
    case 'running':
      return { word: state, tone: 'busy', trouble: state };
    case 'newer':
      return { word: state, tone: 'warn', trouble: state };
    case 'incomplete':
    case 'damaged':
      return { word: state, tone: 'bad', trouble: state };
    default:
      return state satisfies never;
  }
}
