// What the backups of an instance come to: the one place that lists, badges, the fleet's page and the terminal read.
import type { BackupFinding, BackupView } from './backup';

const day = 86_400_000;

/** Days after which a backup that nobody restored counts as unproven. */
export const provenForDays = 30;
/** Days after which the last good backup counts as old. */
export const freshForDays = 2;

/**
 * - `none`: there is none. - `broken`: none that is whole and not known to be damaged. - `old`: the last good one is.
 * - `unproven`: there is a good one, and none was restored and found equal for too long. - `good`.
 */
export type BackupStandingKind = 'none' | 'broken' | 'old' | 'unproven' | 'good';

export interface BackupStanding {
  readonly kind: BackupStandingKind;
  /** The newest that is whole and not known to be damaged. */
  readonly lastGood: BackupView | null;
  /** When a backup of the instance was last restored and found equal. */
  readonly provenAt: number | null;
  /** When the newest attempt that came to nothing began, if nothing good came after it. */
  readonly failedAt: number | null;
}

function isWrong(finding: BackupFinding | null): boolean {
  return finding !== null && !finding.ok;
}

/** It can be restored, as far as anybody knows. */
export function isGood({ state, verified, proven }: BackupView): boolean {
  // What was looked at last says how it is now.
  const [last] = [verified, proven].filter((one) => one !== null).sort((a, b) => b.at - a.at);
  return state === 'complete' && !isWrong(last ?? null);
}

/** What the backups of one instance come to. `now`: milliseconds since the epoch. */
export function backupStanding(backups: readonly BackupView[], now: number): BackupStanding {
  const newest = [...backups].sort((a, b) => b.startedAt - a.startedAt);
  const lastGood = newest.find(isGood) ?? null;
  const provenAt = newest.reduce<number | null>((at, { proven }) => (proven?.ok === true && proven.at > (at ?? 0) ? proven.at : at), null);
  const failed = newest.find((one) => one.state !== 'running' && !isGood(one) && one.startedAt > (lastGood?.startedAt ?? 0));
  const rest = { lastGood, provenAt, failedAt: failed?.startedAt ?? null };
  if (lastGood === null) return { kind: failed === undefined ? 'none' : 'broken', ...rest };
  if (now - lastGood.startedAt > freshForDays * day) return { kind: 'old', ...rest };
  return { kind: provenAt === null || now - provenAt > provenForDays * day ? 'unproven' : 'good', ...rest };
}

/** One day of the strip that a page shows. */
export interface BackupDay {
  /** Its beginning, milliseconds since the epoch. */
  readonly from: number;
  /** Good backups that began in it. */
  readonly good: number;
  readonly proven: boolean;
  /** Attempts that came to nothing. */
  readonly failed: number;
  /** Before the first backup nothing is missing. */
  readonly expected: boolean;
}

/** The days that end with the one of `now`. `startOfDay`: of a moment, in the time zone that is shown. */
export function backupDays(
  backups: readonly BackupView[], now: number, { count, startOfDay }: { readonly count: number; readonly startOfDay: (at: number) => number },
): readonly BackupDay[] {
  // Of one that cannot be read nobody may know when it was taken.
  const first = backups.reduce((at, { startedAt }) => (startedAt === 0 ? at : Math.min(at, startedAt)), Infinity);
  const days: BackupDay[] = [];
  // Noon of the day before is in the day before, whatever clocks do in the night.
  for (let from = startOfDay(now); days.length < count; from = startOfDay(from - day / 2)) {
    const end = days[0]?.from ?? Infinity;
    const mine = backups.filter(({ startedAt }) => startedAt >= from && startedAt < end);
    days.unshift({
      from, good: mine.filter(isGood).length, proven: mine.some(({ proven }) => proven?.ok === true),
      failed: mine.filter((one) => one.state !== 'running' && !isGood(one)).length, expected: first < end,
    });
  }
  return days;
}

/** What is kept by a schedule. */
export interface Retention {
  /** The newest good ones; null: all. */
  readonly count: number | null;
  /** Those younger than this, days; null: whatever their age. */
  readonly days: number | null;
}

/**
 * The backups that a retention lets go of: whole ones that neither rule keeps. Never the newest good one, nor the newest that was proven: whatever
 * a rule says, something to go back to is left. What is not whole or not known to be good is left to its user.
 */
export function expired(backups: readonly BackupView[], { count, days }: Retention, now: number): readonly BackupView[] {
  if (count === null && days === null) return [];
  const good = [...backups].filter(isGood).sort((a, b) => b.startedAt - a.startedAt);
  const newestProven = good.find(({ proven }) => proven?.ok === true);
  return good.filter((backup, at) => {
    if (at === 0 || backup === newestProven) return false;
    const byCount = count !== null && at < count;
    const byAge = days !== null && now - backup.startedAt < days * day;
    return !byCount && !byAge;
  });
}
