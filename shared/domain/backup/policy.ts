// What becomes of the backups that a schedule takes: where they go, and which of them are kept.
import { message, type Message } from '../../i18n/message';
import type { BackupView } from './backup';
import { expired } from './standing';

/** How backups of an instance are taken on a schedule: always of the whole of it, and not encrypted. */
export interface BackupPolicy {
  readonly instanceId: string;
  /** The folder that they go to; null: the program's own. */
  readonly place: string | null;
  /** So many of the newest are kept; null: no number says so. */
  readonly keepCount: number | null;
  /** Those younger than so many days are kept; null: no age says so. Where both are null, all are. */
  readonly keepDays: number | null;
}

/** The most that a policy may say. */
export const mostKept = { count: 9_999, days: 36_500 } as const;

/** The policy of an instance for which nobody has said anything. */
export function defaultPolicy(instanceId: string): BackupPolicy {
  return { instanceId, place: null, keepCount: 14, keepDays: null };
}

/** A whole backup, with what its manifest says of where it is from. */
export interface PlacedBackup {
  readonly view: BackupView;
  /** The instance by the id in the manifest: another registration of the same server has a policy of its own. */
  readonly takenFrom: string;
  /** The folder that holds the backup's own. */
  readonly place: string;
}

/**
 * The backups that a policy lets go of: of its instance, in its place, of the whole instance, whoever took them. `place`: the path that the
 * policy's stands for. See {@link expired} for what is never among them.
 */
export function letGo(backups: readonly PlacedBackup[], policy: BackupPolicy, place: string, now: number): readonly BackupView[] {
  const mine = backups.filter((one) => one.takenFrom === policy.instanceId && one.place === place && one.view.scope.kind === 'instance');
  return expired(mine.map(({ view }) => view), { count: policy.keepCount, days: policy.keepDays }, now);
}

/** What is kept, for people. */
export function keepsText({ keepCount, keepDays }: Pick<BackupPolicy, 'keepCount' | 'keepDays'>): Message {
  if (keepCount !== null && keepDays !== null) return message('backup.keeps.both', { count: keepCount, days: keepDays });
  if (keepCount !== null) return message('backup.keeps.count', { count: keepCount });
  return keepDays === null ? message('backup.keeps.all', {}) : message('backup.keeps.days', { days: keepDays });
}
