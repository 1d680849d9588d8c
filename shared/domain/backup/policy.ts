// What becomes of the backups that a schedule takes: where they go, and which of them are kept.
import { message, type Message } from '../../i18n/message';
import type { BackupView } from './backup';
import { expired, isGood, provenForDays } from './standing';

/** How backups of an instance are taken on a schedule: always of the whole of it. */
export interface BackupPolicy {
  readonly instanceId: string;
  /** The folder that they go to; null: the program's own. */
  readonly place: string | null;
  /** So many of the newest are kept; null: no number says so. */
  readonly keepCount: number | null;
  /** Those younger than so many days are kept; null: no age says so. Where both are null, all are. */
  readonly keepDays: number | null;
  /** They are encrypted with a passphrase that is kept with this workstation's passwords, and nowhere else. */
  readonly encrypted: boolean;
  /** A new one is proven where none of the instance was for so many days; null: none is proven by itself. */
  readonly proveDays: number | null;
}

const day = 86_400_000;

/** The most that a policy may say. */
export const mostKept = { count: 9_999, days: 36_500 } as const;
/** A proof counts no longer. */
export const mostProveDays = provenForDays;

/** The policy of an instance for which nobody has said anything. */
export function defaultPolicy(instanceId: string): BackupPolicy {
  return { instanceId, place: null, keepCount: 14, keepDays: null, encrypted: false, proveDays: null };
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

/**
 * The backup that is due to be proven: the newest good one of the whole instance in the policy's place, where no backup of the instance was
 * restored and found equal in the days that the policy names. Null: none is due, or there is none.
 */
export function proofDue(backups: readonly PlacedBackup[], { instanceId, proveDays }: BackupPolicy, place: string, now: number): BackupView | null {
  if (proveDays === null) return null;
  const whole = backups.filter((one) => one.takenFrom === instanceId && one.view.scope.kind === 'instance').map(({ view }) => view);
  // A day is not over to the second: of a schedule at three each night the proof of a week ago is due again.
  const since = now - proveDays * day + day / 2;
  if (whole.some(({ proven }) => proven?.ok === true && proven.at > since)) return null;
  const here = backups.filter((one) => one.place === place && whole.includes(one.view)).map(({ view }) => view);
  return [...here].filter(isGood).sort((a, b) => b.startedAt - a.startedAt)[0] ?? null;
}

/** What is kept, for people. */
export function keepsText({ keepCount, keepDays }: Pick<BackupPolicy, 'keepCount' | 'keepDays'>): Message {
  if (keepCount !== null && keepDays !== null) return message('backup.keeps.both', { count: keepCount, days: keepDays });
  if (keepCount !== null) return message('backup.keeps.count', { count: keepCount });
  return keepDays === null ? message('backup.keeps.all', {}) : message('backup.keeps.days', { days: keepDays });
}

/** Whether new ones are proven by themselves, for people. */
export function provesText({ proveDays }: Pick<BackupPolicy, 'proveDays'>): Message {
  return proveDays === null ? message('backup.proves.never', {}) : message('backup.proves.days', { days: proveDays });
}
